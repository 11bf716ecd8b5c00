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

  /// Kills a run again and again after random times, then lets it end; the table is that of an undisturbed run.
  private func kill(_ times: Int, longest: Double, seed: UInt64, _ more: [String] = []) throws {
    var random = SplitMix(state: seed)
    for _ in 0..<times {
      let launch = try sweep.launch("out", ["--quiet"] + more)
      Thread.sleep(forTimeInterval: longest * Double(random.next() % 1000) / 1000)
      launch.send(SIGKILL)
      _ = try launch.finish(timeout: 60)
    }
    let before = sweep.finished("out")
    let times = Dictionary(
      uniqueKeysWithValues: sweep.scratch.names(in: "out/points").map { name in
        (
          name,
          try? FileManager.default.attributesOfItem(atPath: sweep.scratch.path("out/points/\(name)"))[
            .modificationDate] as? Date
        )
      })
    try sweep.run("out", ["--quiet"] + more)
    #expect(try sweep.table("out") == whole, "\(before) points before the last run")
    // Finished points were not touched.
    for name in sweep.scratch.names(in: "whole/points") {
      guard let time = times[name] else { continue }
      let now = try FileManager.default.attributesOfItem(atPath: sweep.scratch.path("out/points/\(name)"))[
        .modificationDate]
      #expect(now as? Date == time)
    }
  }

  @Test func killedThreeTimes() throws { try kill(3, longest: 0.6, seed: 3) }

  @Test(
    .enabled(
      if: ProcessInfo.processInfo.environment["RENORM_SLOW_TESTS"] != nil,
      "some twenty runs; set RENORM_SLOW_TESTS=1 to run it"), arguments: [UInt64(1), 2])
  func killedTwentyTimes(seed: UInt64) throws {
    try kill(20, longest: 0.5, seed: 100 * seed, seed == 2 ? ["--jobs", "2"] : [])
  }

  /// SIGINT and SIGTERM end the run and its workers with 128 + n.
  @Test(arguments: [SIGINT, SIGTERM], [1, 2]) func signals(signal: Int32, jobs: Int) throws {
    let launch = try sweep.launch("out", ["--jobs", "\(jobs)"])
    try #require(sweep.wait(for: 2, "out", launch))
    launch.send(signal)
    let run = try launch.finish(timeout: 60)
    #expect(run.exitCode == 128 + signal && !run.wasKilled, "\(run)")
    #expect(run.output.isEmpty)
    let deadline = Date(timeIntervalSinceNow: 20)
    while sweep.hasProcesses(), Date() < deadline { Thread.sleep(forTimeInterval: 0.02) }
    #expect(!sweep.hasProcesses())
    #expect(!sweep.scratch.names(in: "out").contains("table.csv"))
    try sweep.run("out", ["--quiet"])
    #expect(try sweep.table("out") == whole)
    #expect(sweep.scratch.names(in: "out") == ["claims", "points", "sweep.json", "table.csv", "timing"])
    #expect(sweep.scratch.names(in: "out/points").allSatisfy { $0.hasSuffix(".json") })
  }

  /// Workers do not outlive a run that was killed.
  @Test func workersEndWithTheirParent() throws {
    let launch = try sweep.launch("out", ["--jobs", "3", "--quiet"])
    _ = sweep.wait(for: 1, "out", launch)
    launch.send(SIGKILL)
    _ = try launch.finish(timeout: 60)
    let deadline = Date(timeIntervalSinceNow: 20)
    while sweep.hasProcesses(), Date() < deadline { Thread.sleep(forTimeInterval: 0.05) }
    #expect(!sweep.hasProcesses())
    try sweep.run("out", ["--quiet"])
    #expect(try sweep.table("out") == whole)
  }

  /// A disk that fills up ends the run with 74; with room again, the sweep goes on.
  @Test(
    .enabled(
      if: ProcessInfo.processInfo.environment["RENORM_SLOW_TESTS"] != nil && getuid() == 0,
      "mounts a small disk; needs root and RENORM_SLOW_TESTS=1"))
  func fullDisk() throws {
    try sweep.scratch.folder("disk")
    func mount(_ arguments: [String]) throws -> Int32 {
      try Launch("/usr/bin/env", ["mount"] + arguments, in: sweep.scratch).finish(timeout: 20).exitCode
    }
    let disk = sweep.scratch.path("disk")
    try #require(try mount(["-t", "tmpfs", "-o", "size=160k", "tmpfs", disk]) == 0)
    defer { _ = try? Launch("/usr/bin/env", ["umount", disk], in: sweep.scratch).finish(timeout: 20) }
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
