import ArgumentParser
import Foundation
import Renorm
import RenormData
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
      + "`renorm sweep export \(store.path)`, and --retry-failed"
  }
}

struct SweepRunCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "run",
    abstract: "Compute all points of a sweep, or what is left of them.",
    discussion: """
      Without a specification, goes on with the sweep in --output. Processes that mpirun or srun have started together \
      divide the work among them.
      """)

  @OptionGroup var sweep: SweepOptions

  @Option(name: .shortAndLong, help: ArgumentHelp("Folder of the results.", valueName: "folder"))
  var output: String

  @Option(parsing: .unconditional, help: "Processes to use; they share --threads and --memory-limit.")
  var jobs = 1

  @Option(help: ArgumentHelp("Compute one part of several only, for arrays of jobs.", valueName: "I/N"))
  var shard: ShardArgument?

  @Flag(help: "Compute points again that have failed.") var retryFailed = false
  @Flag(help: "Stop at the first point that fails.") var failFast = false
  @Flag(help: "Print neither summary nor progress.") var quiet = false
  @Option(help: .hidden) var worker: String?

  @OptionGroup(title: "Computation") var compute: ComputeOptions

  func run() throws {
    // An array of jobs, and a worker, know their part already.
    let ranks = shard == nil && worker == nil ? Ranks() : nil
    let (plan, data, store) = try open(ranks)
    let isMain = worker == nil && (ranks?.rank ?? 0) == 0
    if isMain, !quiet { plan.warnings.forEach { ErrorLine.write("warning: \($0)") } }
    let parentWatch = worker == nil ? nil : SweepWorkers.endWithParent(store.leave)
    defer { parentWatch?.cancel() }
    let runner = SweepRunner(plan, data, store, share: share(ranks))
    if retryFailed, isMain { runner.forgetFailures() }
    let workers = try SweepWorkers(
      worker == nil ? jobs : 1, store: store.path,
      arguments: (failFast ? ["--fail-fast"] : []) + (shard.map { ["--shard", $0.text] } ?? []))
    let progress = SweepProgress(plan, store, isQuiet: quiet || !isMain)
    // Files of a store are renamed into place when they are complete, so the process may end anywhere.
    let signals = InterruptSignals { [line = progress.line] number in
      workers.terminate()
      line.end()
      store.leave()
      // Other threads are at work; nothing of theirs is to be waited for.
      _exit(128 + number)
    }
    defer { signals.cancel() }
    do {
      try runner.run { record in
        !(failFast && (record.failure != nil || workers.hasFailed))
      }
    } catch {
      workers.terminate()
      progress.end()
      throw error
    }
    if failFast { workers.terminate() }
    workers.wait()
    progress.end()
    try finish(plan, store, isMain: isMain)
  }

  private func open(_ ranks: Ranks?) throws -> (SweepPlan, SweepData, SweepStore) {
    guard (1...1024).contains(jobs) else { throw ValidationError("--jobs is \(jobs); accepted: 1 to 1024") }
    try compute.check()
    let specification = try sweep.read() ?? SweepStore.specification(of: output)
    let data = try SweepData(specification)
    let plan = try SweepPlan(specification, data)
    let processes = jobs * (ranks?.localCount ?? 1)
    let store = try SweepStore(
      output, plan, threads: compute.threads.map { max(1, $0 / jobs) },
      memoryLimit: compute.memoryLimit.map { max(1, $0.bytes / jobs) },
      defaults: (max(1, Parallel.availableCores / processes), max(1, MemoryPlan.defaultLimit / processes)))
    return (plan, data, store)
  }

  private func share(_ ranks: Ranks?) -> SweepShare {
    if let shard { return shard.share }
    if let worker, let part = ShardArgument(worker, isExclusive: false) { return part.share }
    let count = (ranks?.count ?? 1) * jobs
    return SweepShare(index: (ranks?.rank ?? 0) * jobs, count: count, isExclusive: false)
  }

  /// Writes the table where all points are finished, and says how the sweep went.
  private func finish(_ plan: SweepPlan, _ store: SweepStore, isMain: Bool) throws {
    guard worker == nil else { return }
    let records = store.records()
    let failed = records.filter { $0.failure != nil }
    if records.count == plan.points.count {
      try AtomicFile.write(ResultTable(records).csv, to: store.table)
    }
    if isMain, !quiet {
      let state = records.count == plan.points.count ? "all in \(store.table)" : "the rest is for other jobs"
      try StandardOutput.write("\(records.count) of \(plan.points.count) points finished, \(state)\n")
    }
    if let first = failed.first {
      throw FailedPoints(count: failed.count, total: plan.points.count, first: first, store: store)
    }
  }
}
