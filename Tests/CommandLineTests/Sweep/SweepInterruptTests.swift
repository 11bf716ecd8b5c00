import Foundation
import Testing

/// Sweeps that are ended from outside, and go on.
@Suite struct SweepInterruptTests {
  let sweep: SweepScratch
  let whole: String

  init() throws {
    sweep = try .medium()
    try sweep.run("whole", ["--quiet"])
    whole = try sweep.table("whole")
  }

  /// Kills a run again and again in the middle of its work, then lets it end; the table is that of an
  /// undisturbed run.
  private func killed(_ kills: Int, temperatures: Int, seed: UInt64, _ more: [String] = []) throws {
    let sweep = try SweepScratch.large(temperatures: temperatures)
    try sweep.run("whole", ["--quiet"])
    let whole = try sweep.table("whole")
    let points = 40 * temperatures
    var random = Seeded(Int(seed))
    var folder = 1
    var effective = 0
    // On a busy machine some kills come after the last point; they do not count, and a new folder is begun.
    for _ in 1...30 * kills where effective < kills {
      let output = "out\(folder)"
      let before = sweep.finished(output)
      let launch = try sweep.launch(output, ["--quiet"] + more)
      let isAtWork = try sweep.wait(for: before + 1 + Int(random.next() % 3), output, launch)
      Thread.sleep(forTimeInterval: 0.01 * Double(random.next() % 1000) / 1000)
      launch.send(SIGKILL)
      let run = try launch.finish()
      // A worker outlives its parent for a moment; its points are not those of the next run.
      try sweep.waitForTheEnd()
      if isAtWork, run.wasKilled, sweep.finished(output) < points {
        effective += 1
      } else {
        try sweep.run(output, ["--quiet"] + more)
        #expect(try sweep.table(output) == whole)
        folder += 1
      }
    }
    try #require(effective == kills, "\(effective) of \(kills) kills fell into the work")
    let output = "out\(folder)"
    let before = sweep.finished(output)
    func modified(_ name: String) throws -> Date? {
      try FileManager.default.attributesOfItem(atPath: sweep.scratch.path("\(output)/points/\(name)"))[
        .modificationDate] as? Date
    }
    let names = sweep.scratch.names(in: "\(output)/points").filter { $0.hasSuffix(".json") }
    let times = try names.map(modified)
    try sweep.run(output, ["--quiet"] + more)
    #expect(try sweep.table(output) == whole, "\(before) points before the last run")
    // Finished points were not touched.
    #expect(try names.map(modified) == times && times.count == before)
  }

  @Test func killedThreeTimes() throws { try killed(3, temperatures: 3, seed: 3) }

  @Test(.slow("some twenty runs"), arguments: [UInt64(1), 2])
  func killedTwentyTimes(seed: UInt64) throws {
    try killed(20, temperatures: 10, seed: 100 * seed, seed == 2 ? ["--jobs", "2"] : [])
  }

  /// SIGINT and SIGTERM end the run and its workers with 128 + n.
  @Test(arguments: [SIGINT, SIGTERM], [1, 2]) func signals(signal: Int32, jobs: Int) throws {
    let sweep = try SweepScratch.large(temperatures: 3)
    try sweep.run("whole", ["--quiet"])
    var launch = try sweep.launch("out", ["--jobs", "\(jobs)"])
    // On a busy machine this process may look too late, when all is done; then it begins anew.
    func isStopped() throws -> Bool {
      try #require(try sweep.wait(for: 2, "out", launch))
      launch.send(SIGSTOP)
      return sweep.finished("out") < 110
    }
    for _ in 0..<30 where try !isStopped() {
      launch.send(SIGKILL)
      _ = try launch.finish()
      try sweep.waitForTheEnd()
      try FileManager.default.removeItem(atPath: sweep.scratch.path("out"))
      launch = try sweep.launch("out", ["--jobs", "\(jobs)"])
    }
    launch.send(signal)
    launch.send(SIGCONT)
    let run = try launch.finish()
    #expect(run.exitCode == 128 + signal && !run.wasKilled, "\(run)")
    #expect(run.output.isEmpty)
    // It says how far it has come, and what goes on.
    let line = try #require(run.errorLines.first { $0.contains("interrupted") })
    let rest = " done and safe in out; the same command goes on with the rest"
    #expect(line.hasSuffix(rest))
    let parts = try #require(
      line.dropLast(rest.count).wholeMatch(of: /renorm: interrupted: ([0-9]+) of 120 points are/))
    #expect(Int(parts.1).map { $0 >= 2 } == true)
    try sweep.waitForTheEnd()
    #expect(!sweep.scratch.names(in: "out").contains("table.csv"))
    try sweep.run("out", ["--quiet"])
    #expect(try sweep.table("out") == sweep.table("whole"))
    #expect(sweep.scratch.names(in: "out") == ["claims", "points", "sweep.json", "table.csv", "timing"])
    #expect(sweep.scratch.names(in: "out/points").allSatisfy { $0.hasSuffix(".json") })
  }

  /// Workers do not outlive a run that was killed.
  @Test func workersEndWithTheirParent() throws {
    let launch = try sweep.launch("out", ["--jobs", "3", "--quiet"])
    _ = try sweep.wait(for: 1, "out", launch)
    launch.send(SIGKILL)
    _ = try launch.finish()
    try sweep.waitForTheEnd()
    try sweep.run("out", ["--quiet"])
    #expect(try sweep.table("out") == whole)
  }

  /// A disk that fills up ends the run with 74; with room again, the sweep goes on.
  @Test(.slow("mounts a small disk"), .enabled(if: getuid() == 0, "only the superuser may mount"))
  func fullDisk() throws {
    try sweep.scratch.folder("disk")
    func mount(_ arguments: [String]) throws -> Int32 {
      try Launch("/usr/bin/env", ["mount"] + arguments, in: sweep.scratch).finish().exitCode
    }
    let disk = sweep.scratch.path("disk")
    try #require(try mount(["-t", "tmpfs", "-o", "size=160k", "tmpfs", disk]) == 0)
    defer { _ = try? Launch("/usr/bin/env", ["umount", disk], in: sweep.scratch).finish() }
    let run = try Tool.run(sweep.arguments("disk/out", ["--quiet"]), in: sweep.scratch)
    #expect(run.exitCode == ExitCode.inputOutput && run.output.isEmpty, "\(run)")
    #expect(run.errors.contains("No space left on device") && run.errorLines.count == 2, "\(run.errors)")
    let before = sweep.finished("disk/out")
    #expect(before > 0 && before < 72)
    try #require(try mount(["-o", "remount,size=20m", disk]) == 0)
    try sweep.run("disk/out", ["--quiet"])
    #expect(try sweep.table("disk/out") == whole)
  }
}
