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
      let run = try launch.finish(timeout: 120)
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
    let runs = try launches.map { try $0.finish(timeout: 120) }
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
