import Foundation
import Testing

/// Several processes at one sweep.
@Suite struct SweepProcessTests {
  let sweep: SweepScratch
  let whole: String

  init() throws {
    sweep = try .medium()
    try sweep.run("whole", ["--quiet"])
    whole = try sweep.table("whole")
  }

  @Test func twoProcessesOnOneStore() throws {
    let launches = try (0..<2).map { _ in try sweep.launch("out") }
    for launch in launches {
      let run = try launch.finish()
      #expect(run.exitCode == 0, "\(run)")
      #expect(run.output == "72 of 72 points finished, all in out/table.csv\n")
    }
    #expect(try sweep.table("out") == whole)
    #expect(sweep.scratch.names(in: "out/claims").isEmpty)
    // Both have worked.
    #expect(sweep.scratch.names(in: "out/timing").count == 2)
  }

  @Test func jobs() throws {
    // Two processes share two threads, so that the table is that of one thread.
    let run = try Tool.run(
      ["sweep", "run", "sweep.yaml", "--output", "out", "--threads", "2", "--jobs", "2"], in: sweep.scratch)
    #expect(run.exitCode == 0, "\(run)")
    #expect(try sweep.table("out") == whole)
    #expect(try JSON(sweep.scratch.text("out/sweep.json"))["threads"] == .number(1))
  }

  /// A worker that meets a failed point ends the run, not only its own part of it.
  @Test func failFastInAWorker() throws {
    // The points of the first process cannot fail, and are many.
    let sweep = try SweepScratch(
      """
      architecture: [fc, cnn]
      mask: 2
      width: [infinite, 5]
      zip: [[architecture, width]]
      temperature: {logspace: [0.01, 1, 50]}
      lambda1: {logspace: [0.5, 4, 40]}
      max-iterations: 1
      """, count: 1000)
    let run = try Tool.run(sweep.arguments("out", ["--jobs", "2", "--fail-fast"]), in: sweep.scratch)
    #expect(run.exitCode == ExitCode.numerical, "\(run)")
    let errors = run.errorLines.filter { $0.hasPrefix("renorm: error: ") }
    #expect(errors.count == 1 && errors[0].contains(" of 4000 points failed; point "), "\(run.errors)")
    #expect(sweep.finished("out") < 2000)
    #expect(!run.errors.contains("worker 2"))
  }

  /// Workers read the data where they are now, not where they were when the sweep was begun.
  @Test func workersOnMovedData() throws {
    try sweep.run("out", ["--shard", "1/8"])
    try sweep.scratch.folder("moved")
    for name in ["train.images", "train.labels"] {
      try FileManager.default.moveItem(
        atPath: sweep.scratch.path(name), toPath: sweep.scratch.path("moved/\(name)"))
    }
    let yaml = try sweep.scratch.text("sweep.yaml")
    try sweep.scratch.file("sweep.yaml", yaml.replacing(": train.", with: ": moved/train."))
    let run = try sweep.run("out", ["--jobs", "2", "--quiet"])
    #expect(run.errors == "", "\(run)")
    #expect(try sweep.table("out") == whole)
  }

  /// A worker that dies is reported; the rest of its work is done by the others, or is missing.
  @Test(arguments: [false, true]) func workersThatDie(failFast: Bool) throws {
    let sweep = try SweepScratch.large()
    let launch = try sweep.launch("out", ["--jobs", "2", "--quiet"] + (failFast ? ["--fail-fast"] : []))
    try #require(try sweep.wait(for: 3, "out", launch))
    var workers: [Int32] = []
    _ = try launch.wait {
      workers = sweep.workers()
      return !workers.isEmpty
    }
    for worker in workers { kill(worker, SIGKILL) }
    let run = try launch.finish()
    #expect(run.errors.contains("renorm: warning: worker 2 of 2 ended with signal 9; "), "\(run)")
    if failFast {
      #expect(run.exitCode == ExitCode.numerical && sweep.finished("out") < SweepScratch.largeCount)
      #expect(
        run.errors.contains(
          " of 400 points are not finished; `renorm sweep run --output out` goes on with them"), "\(run)")
    } else {
      #expect(run.exitCode == 0 && sweep.finished("out") == SweepScratch.largeCount)
    }
  }

  /// A worker whose parent has died before it could look does nothing.
  @Test func orphanedWorker() throws {
    try sweep.run("out", ["--shard", "1/8"])
    let before = sweep.finished("out")
    let run = try Tool.run(
      ["sweep", "run", "--output", "out", "--worker", "2/2", "--parent", "1", "--quiet"], in: sweep.scratch)
    #expect(run.exitCode == 128 + SIGTERM && run.output.isEmpty, "\(run)")
    #expect(sweep.finished("out") == before)
  }

  @Test func shardsMerge() throws {
    var total = 0
    for shard in ["2/3", "3/3", "1/3"] {
      let run = try sweep.run("out", ["--shard", shard])
      total = sweep.finished("out")
      #expect(
        run.output == "\(total) of 72 points finished, "
          + (shard == "1/3" ? "all in out/table.csv\n" : "the rest is for other jobs\n"))
    }
    #expect(total == 72)
    #expect(try sweep.table("out") == whole)
  }

  /// The variables that launchers set, by launcher.
  @Test(arguments: [
    "OMPI_COMM_WORLD_RANK,OMPI_COMM_WORLD_SIZE", "PMI_RANK,PMI_SIZE", "SLURM_PROCID,SLURM_NTASKS",
  ])
  func ranks(names: String) throws {
    let names = names.split(separator: ",").map(String.init)
    let launches = try (0..<3).map { rank in
      try sweep.launch("out", environment: [names[0]: "\(rank)", names[1]: "3", "SLURM_STEP_ID": "0"])
    }
    let runs = try launches.map { try $0.finish() }
    #expect(runs.allSatisfy { $0.exitCode == 0 }, "\(runs)")
    // One of them speaks for all.
    #expect(runs.map(\.output) == ["72 of 72 points finished, all in out/table.csv\n", "", ""])
    #expect(try sweep.table("out") == whole)
    #expect(sweep.scratch.names(in: "out/timing").count >= 2)
  }

  /// One rank alone does everything, so that a variable left over from elsewhere does no harm.
  @Test func lonelyRank() throws {
    try sweep.run("out", environment: ["PMI_RANK": "1", "PMI_SIZE": "4"])
    #expect(try sweep.table("out") == whole)
  }
}
