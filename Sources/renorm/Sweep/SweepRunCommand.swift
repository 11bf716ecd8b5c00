import ArgumentParser
import Foundation
import LinearAlgebra
import Renorm
import RenormFiles
import RenormSweep

/// Some points of a sweep that ended without a result.
struct FailedPoints: Error, CustomStringConvertible {
  let count: Int
  let total: Int
  let first: PointRecord?
  let store: SweepStore

  var description: String {
    let example = first.map { "; point \($0.index): \($0.failure ?? "")" } ?? ""
    return "\(count) of \(total) points failed\(example); see the column 'failure' of "
      + "`renorm sweep export \(store.path)`; --retry-failed with a larger --max-iterations or --memory-limit "
      + "computes them again, which helps where these were too small"
  }
}

/// Points that neither this run nor its workers have finished, and that no other job is known to work at.
struct MissingPoints: Error, CustomStringConvertible {
  let count: Int
  let total: Int
  let store: SweepStore

  var description: String {
    "\(count) of \(total) points are not finished; `renorm sweep run --output \(store.path)` goes on with them"
  }
}

struct SweepRunCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "run",
    abstract: "Compute all points of a sweep, or what is left of them.",
    discussion: """
      Without a specification, goes on with the sweep in --output; with one that has all points of that sweep \
      and more, lets it grow (`renorm sweep extend`). Processes that mpirun or srun have started together \
      divide the work among them.
      """)

  @OptionGroup var sweep: SweepOptions

  @Option(
    name: .shortAndLong, help: ArgumentHelp("Folder of the results.", valueName: "folder"),
    completion: .directory)
  var output: String

  @Option(
    parsing: .unconditional,
    help: """
      Processes to use; they share --threads and --memory-limit. (default: one for each core where training \
      sets are small and neither of these is given, else 1)
      """)
  var jobs: Int?

  @Option(
    help: ArgumentHelp(
      "Compute part I of N only, for arrays of jobs; I is 1 to N, N at most \(ShardArgument.largestCount).",
      valueName: "I/N"))
  var shard: ShardArgument?

  @Flag(
    help: """
      Compute points again that have failed, these alone with the --max-iterations and --memory-limit given \
      here.
      """)
  var retryFailed = false
  @Flag(help: "Stop at the first point that fails.") var failFast = false
  @Flag(help: "Print neither summary nor progress.") var quiet = false
  // A worker of a run with --jobs: its part, the process that started it, and where the data are now.
  @Option(help: .hidden) var worker: String?
  @Option(help: .hidden) var parent: Int32?
  @Option(help: .hidden) var workerFile: [String] = []

  @OptionGroup(title: "Computation") var compute: ComputeOptions

  func run() throws {
    if let jobs, !(1...1024).contains(jobs) {
      throw ValidationError("--jobs is \(jobs); accepted: 1 to 1024")
    }
    // Before anything that takes time.
    let watch = parent.map(ParentWatch.init)
    defer { watch?.cancel() }
    // An array of jobs, and a worker, know their part already.
    let ranks = shard == nil && worker == nil ? Ranks() : nil
    let isMain = worker == nil && (ranks?.rank ?? 0) == 0
    let limits = try retryLimits()
    let (plan, data, store, jobs) = try open(ranks, limits, warns: isMain && !quiet)
    watch?.guards(store)
    let runner = SweepRunner(plan, data, store, share: share(ranks, jobs), retry: limits)
    if retryFailed, limits == nil, isMain { try runner.forgetFailures() }
    let workers = try SweepWorkers(
      worker == nil ? jobs : 1, store: store.path, arguments: workerArguments(plan, limits))
    let progress = SweepProgress(plan, store, isQuiet: quiet || !isMain)
    // Files of a store are renamed into place when they are complete, so the process may end anywhere.
    let signals = InterruptSignals { [line = progress.line, isWorker = worker != nil || !isMain] number in
      workers.terminate()
      line.end()
      store.leave()
      if !isWorker {
        ErrorLine.write(
          "interrupted: \(store.pointsWithFile.count) of \(store.description.pointCount) points are done and "
            + "safe in \(store.path); the same command goes on with the rest")
      }
      // Other threads are at work; nothing of theirs is to be waited for.
      _exit(128 + number)
    }
    defer { signals.cancel() }
    var hasFailed = false
    do {
      try runner.run(
        finished: { record in
          hasFailed = hasFailed || record.failure != nil
          return !(failFast && hasFailed)
        }, isStopped: { failFast && workers.hasFailed })
    } catch {
      workers.terminate()
      progress.end()
      throw error
    }
    // The run that started this worker has the last word, and learns from the code that it is time for it.
    if worker != nil, failFast, hasFailed { Foundation.exit(EX_SOFTWARE) }
    if failFast { workers.terminate() }
    let ends = workers.wait(expecting: failFast ? [0, EX_SOFTWARE] : [0])
    progress.end()
    ends.forEach { ErrorLine.write("warning: \($0)") }
    try finish(plan, store, isMain: isMain)
  }

  /// Limits for points that have failed; nil where none are asked for, so that those of the sweep hold.
  private func retryLimits() throws -> PointRecord.RetryLimits? {
    guard retryFailed, sweep.solver.maxIterations != nil || compute.memoryLimit != nil else { return nil }
    let iterations = try sweep.solver.maxIterations.map { text in
      guard let count = Int(text), count > 0 else {
        throw ValidationError("--max-iterations is \(text); accepted: at least 1")
      }
      return count
    }
    return PointRecord.RetryLimits(
      maximumIterations: iterations, memoryLimit: compute.memoryLimit.map { max(1, $0.bytes / (jobs ?? 1)) })
  }

  private func workerArguments(_ plan: SweepPlan, _ limits: PointRecord.RetryLimits?) -> [String] {
    let files = plan.specification.files
    let paths: [(SweepKey, String?)] = [
      (.train, files.train), (.trainLabels, files.trainLabels), (.test, files.test),
      (.testLabels, files.testLabels),
    ]
    var arguments = paths.flatMap { key, path in path.map { ["--worker-file", "\(key.rawValue)=\($0)"] } ?? [] }
    if failFast { arguments.append("--fail-fast") }
    if let shard { arguments += ["--shard", shard.text] }
    if let limits {
      arguments.append("--retry-failed")
      if let count = limits.maximumIterations { arguments += ["--max-iterations", "\(count)"] }
      if let bytes = limits.memoryLimit { arguments += ["--memory-limit", "\(bytes)"] }
    }
    return arguments
  }

  private func specification(_ limits: PointRecord.RetryLimits?) throws -> SweepSpecification {
    var files: [SweepKey: String] = [:]
    for text in workerFile {
      let parts = text.split(separator: "=", maxSplits: 1).map(String.init)
      if parts.count == 2, let key = SweepKey(rawValue: parts[0]) { files[key] = parts[1] }
    }
    let stored = { try SweepStore.specification(of: output, files: files) }
    guard limits?.maximumIterations != nil else { return try sweep.read() ?? stored() }
    let own = try stored()
    return try sweep.read(iterations: own.maximumIterations) ?? own
  }

  private func open(
    _ ranks: Ranks?, _ limits: PointRecord.RetryLimits?, warns: Bool
  ) throws -> (SweepPlan, SweepData, SweepStore, jobs: Int) {
    try compute.check()
    let specification = try specification(limits)
    let data = try SweepData(specification)
    let plan = try SweepPlan(specification, data)
    let stored = try SweepStore.description(of: output)
    let jobs = jobs ?? defaultJobs(plan, ranks, stored)
    let processes = jobs * (ranks?.localCount ?? 1)
    // Those of one process, as the store keeps them.
    let threads = compute.threads.map { max(1, $0 / jobs) }
    let memoryLimit = limits == nil ? compute.memoryLimit.map { max(1, $0.bytes / jobs) } : nil
    let settings = (
      threads: threads ?? stored?.threads ?? max(1, Parallel.availableCores / processes),
      memoryLimit: memoryLimit ?? stored?.memoryLimit ?? max(1, MemoryPlan.defaultLimit / processes)
    )
    // Before a store is made with settings that cannot be changed any more.
    let demand = MachineDemand(
      plan, processes: processes, threads: settings.threads,
      memoryLimit: max(settings.memoryLimit, limits?.memoryLimit ?? 0))
    if worker == nil { try demand.check() }
    if warns { (plan.warnings + demand.warnings).forEach { ErrorLine.write("warning: \($0)") } }
    if worker == nil, let growth = try SweepStore.extend(output, to: plan, data), warns {
      let again = growth.again == 0 ? "" : ", \(growth.again) to be computed again from other neighbours"
      ErrorLine.write(
        "the sweep grows to \(growth.total) points: \(growth.kept) kept\(again), "
          + "\(growth.total - growth.kept - growth.again) to be computed")
    }
    let store = try SweepStore(
      output, plan, threads: threads, memoryLimit: memoryLimit, defaults: settings)
    return (plan, data, store, jobs)
  }

  /// A process for each core where kernels are small, as these do not gain from several threads.
  private func defaultJobs(_ plan: SweepPlan, _ ranks: Ranks?, _ stored: SweepDescription?) -> Int {
    guard worker == nil, ranks == nil, compute.threads == nil, compute.memoryLimit == nil, !retryFailed,
      plan.gainsFromProcesses
    else { return 1 }
    return max(1, min(Parallel.availableCores / (stored?.threads ?? 1), plan.units.count, 1024))
  }

  private func share(_ ranks: Ranks?, _ jobs: Int) -> SweepShare {
    if let shard { return shard.share }
    if let worker, let part = ShardArgument(worker, isExclusive: false) { return part.share }
    let count = (ranks?.count ?? 1) * jobs
    return SweepShare(index: (ranks?.rank ?? 0) * jobs, count: count, isExclusive: false)
  }

  /// Writes the table where all points are finished, and says how the sweep went.
  private func finish(_ plan: SweepPlan, _ store: SweepStore, isMain: Bool) throws {
    guard worker == nil else { return }
    let records = try store.records()
    let failed = records.filter { $0.failure != nil }
    if records.count == plan.points.count {
      try AtomicFile.write(ResultTable(records).csv, to: store.table)
    }
    if isMain, !quiet {
      let state =
        records.count == plan.points.count
        ? "all in \(store.table)" : shard == nil ? "the rest is for another run" : "the rest is for other jobs"
      try StandardOutput.write("\(records.count) of \(plan.points.count) points finished, \(state)\n")
    }
    if let first = failed.first {
      throw FailedPoints(count: failed.count, total: plan.points.count, first: first, store: store)
    }
    if shard == nil, records.count < plan.points.count {
      throw MissingPoints(
        count: plan.points.count - records.count, total: plan.points.count, store: store)
    }
  }
}
