import Foundation
import Testing

@testable import RenormSweep

/// Sweeps that grow, against the larger sweep run at once.
@Suite struct SweepExtensionTests {
  let sweep: SmallSweep
  private let small =
    "architecture: [fc, cnn]\nmask: 2\nwidth: [6, 40]\ntemperature: [0.1, 1]\nlambda1: [0.5, 1]\n"

  init() throws { sweep = try SmallSweep() }

  private func extend(_ yaml: String, _ folder: String = "out") throws -> SweepGrowth? {
    let specification = try sweep.specification(yaml)
    let data = try SweepData(specification)
    return try SweepStore.extend(sweep.scratch.path(folder), to: SweepPlan(specification, data), data)
  }

  private func table(_ folder: String) throws -> String {
    ResultTable(try SweepStore(reading: sweep.scratch.path(folder)).records()).csv
  }

  /// What is added, and how many of the 16 points stay: those whose row has no new value before them.
  @Test(arguments: [
    ("width: [6, 40]", "width: [3, 6, 10, 40, infinite]", 16),
    ("temperature: [0.1, 1]", "temperature: [0.01, 0.1, 0.5, 1, 10]", 16),
    ("lambda1: [0.5, 1]", "lambda1: [0.5, 1, 2, 4]", 16),
    ("lambda1: [0.5, 1]", "lambda1: [0.1, 0.5, 1]", 0),
    ("lambda1: [0.5, 1]", "lambda1: [0.5, 0.7, 1]", 8),
    ("mask: 2", "mask: [2, 4]\nlambda0: [1, 2]\ntrain-count: [10, 30]", 16),
    ("[fc, cnn]", "[fc, lcn, cnn]\nactivation: [erf, relu]", 16),
  ])
  func growsToTheLargerSweep(old: String, new: String, kept: Int) throws {
    try sweep.run(small, "out")
    let larger = small.replacing(old, with: new)
    let growth = try #require(try extend(larger))
    #expect(growth.kept == kept && growth.again == 16 - kept)
    var computed = 0
    try sweep.run(larger, "out") { _ in
      computed += 1
      return true
    }
    #expect(computed == growth.total - kept)
    try sweep.run(larger, "whole")
    #expect(try table("out") == table("whole"))
    #expect(sweep.scratch.names(in: "out") == ["claims", "points", "sweep.json", "timing"])
    #expect(sweep.scratch.names(in: "out/claims").isEmpty)
    // Nothing is left to grow.
    #expect(try extend(larger) == nil)
  }

  /// A process that ended after the description was written and before the points were in their place; and one
  /// that ended before the description was.
  @Test func interrupted() throws {
    let larger = small.replacing("[0.5, 1]", with: "[0.5, 1, 2]")
    try sweep.run(larger, "whole")
    try sweep.run(small, "out")
    _ = try extend(larger)
    let store = try SweepStore(reading: sweep.scratch.path("out"))
    let aside = "extension-\(store.description.fingerprint)"
    let files = FileManager.default
    try files.createDirectory(atPath: sweep.scratch.path("out/\(aside)"), withIntermediateDirectories: true)
    try files.moveItem(
      atPath: sweep.scratch.path("out/points"), toPath: sweep.scratch.path("out/\(aside)/points"))
    // Readers find the points where they are.
    let reader = try SweepStore(reading: sweep.scratch.path("out"))
    #expect(try reader.records().count == 16)
    try sweep.run(larger, "out")
    #expect(try table("out") == table("whole"))
    #expect(sweep.scratch.names(in: "out") == ["claims", "points", "sweep.json", "timing"])

    try sweep.run(small, "other")
    try files.createDirectory(
      atPath: sweep.scratch.path("other/\(aside)/points"), withIntermediateDirectories: true)
    try sweep.scratch.file("other/\(aside)/points/000000.json", "cut short")
    #expect(try extend(larger, "other")?.kept == 16)
    try sweep.run(larger, "other")
    #expect(try table("other") == table("whole"))
  }

  /// A store that an earlier version wrote: its records lack what later ones have, and the first fit of every
  /// row started from the last point of the row before. Those points are computed anew, and the rest of their
  /// rows.
  @Test func earlierFormat() throws {
    let plan = try sweep.plan(small)
    try sweep.run(small, "out")
    // Points of rows that began at a foreign one.
    var foreign: Set<Int> = []
    for unit in plan.units {
      for (before, step) in zip(unit.steps, unit.steps.dropFirst()) {
        if step.predecessor == nil {
          foreign.insert(step.point)
          try rewrite("out/points/\(name(step.point))") { $0["startedFrom"] = before.point }
        } else if let start = step.predecessor, foreign.contains(start) {
          foreign.insert(step.point)
        }
      }
    }
    #expect(!foreign.isEmpty)
    for point in plan.points {
      try rewrite("out/points/\(name(point.index))") { record in
        guard var solved = record["solved"] as? [String: Any] else { return }
        solved["orderParameterError"] = nil
        record["solved"] = solved
      }
    }
    let reader = try SweepStore(reading: sweep.scratch.path("out"))
    #expect(try reader.records().count == 16)
    #expect(try reader.records().allSatisfy { $0.solved?.convergence.orderParameterError == nil })
    let larger = small.replacing("[0.5, 1]", with: "[0.5, 1, 2]")
    let growth = try #require(try extend(larger))
    #expect(growth.again == foreign.count && growth.kept == 16 - foreign.count)
    try sweep.run(larger, "out")
    try sweep.run(larger, "whole")
    // Kept records lack the estimate; all results are those of the larger sweep.
    let (grown, whole) = try (records("out"), records("whole"))
    #expect(grown.map(\.solved?.orderParameter) == whole.map(\.solved?.orderParameter))
    #expect(grown.map(\.scored) == whole.map(\.scored))
    #expect(grown.map(\.startedFrom) == whole.map(\.startedFrom))
  }

  private func name(_ point: Int) -> String { String(format: "%06d.json", point) }

  private func records(_ folder: String) throws -> [PointRecord] {
    try SweepStore(reading: sweep.scratch.path(folder)).records()
  }

  /// Changes the record of a point, with a checksum that fits.
  private func rewrite(_ path: String, _ change: (inout [String: Any]) -> Void) throws {
    let url = URL(fileURLWithPath: sweep.scratch.path(path))
    var record = try #require(try JSONSerialization.jsonObject(with: Data(contentsOf: url)) as? [String: Any])
    change(&record)
    let changed = try JSONSerialization.data(withJSONObject: record)
    try Data(JSONDecoder().decode(PointRecord.self, from: changed).encoded()).write(to: url)
  }

  /// What is no larger sweep is refused with the key that differs, and nothing changes.
  @Test(arguments: [
    ("width: [6, 40]", "width: [6, 10]", "width was 6, 40 and is now 6, 10, so 8 of its 16 points "),
    (
      "lambda1: [0.5, 1]", "lambda1: [1, 2, 3]",
      "lambda1 was 0.5, 1.0 and is now 1.0, 2.0, 3.0, so 8 of its 16 "
    ),
    ("mask: 2", "mask: 2\ntolerance: 1e-6", "tolerance was 1e-08 and is now 1e-06"),
    ("mask: 2", "mask: 2\nstandardize: none", "standardize was global and is now none"),
    ("mask: 2", "mask: 2\ntest-count: 5", "test-count was not given and is now 5"),
    ("mask: 2", "mask: 2\nlambda0: 3", "lambda0 was not given and is now 3.0, so 16 of its 16 points "),
  ])
  func refusals(old: String, new: String, difference: String) throws {
    try sweep.run(small, "out")
    let before = try table("out")
    let refusal = message { _ = try extend(small.replacing(old, with: new)) }
    #expect(refusal.contains("holds another sweep: \(difference)"), "\(refusal)")
    #expect(try table("out") == before)
    #expect(try SweepStore.extend(sweep.scratch.path("out"), to: sweep.plan(small), sweepData()) == nil)
  }

  private func sweepData() throws -> SweepData { try SweepData(sweep.specification(small)) }

  @Test func refusedWhileOthersWork() throws {
    let store = try sweep.run(small, "out")
    let claim = try store.claim(sweep.plan(small).units[0])
    let larger = small.replacing("[0.5, 1]", with: "[0.5, 1, 2]")
    #expect(message { _ = try extend(larger) }.contains("a process works at it"))
    let status = store.status()
    #expect(status.running.map(\.unit) == [0] && status.running[0].pid == getpid())
    claim?.release()
    #expect(try extend(larger)?.kept == 16)
    let left = try SweepStore(reading: sweep.scratch.path("out")).status()
    #expect(left.points == 24 && left.finished == 16 && left.missing.count == 8 && left.running.isEmpty)
    #expect(left.secondsLeft.map { $0 > 0 } == true)
  }
}
