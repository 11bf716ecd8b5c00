import Foundation
import Testing

@testable import Renorm
@testable import RenormSweep

/// A store after interruptions, damage, and with several workers.
@Suite struct SweepStoreTests {
  private let yaml = """
    architecture: [fc, cnn]
    mask: 2
    width: [5, 20]
    temperature: {logspace: [0.01, 1, 6]}
    lambda1: [1, 3]
    shuffle-seed: [1, 2]
    """
  private let sweep: SmallSweep
  private let whole: String

  init() throws {
    sweep = try SmallSweep()
    whole = ResultTable(try sweep.run(yaml, "whole").records()).csv
  }

  private func table(_ folder: String) throws -> String {
    ResultTable(try SweepStore(reading: sweep.scratch.path(folder)).records()).csv
  }

  /// Stopped after every few points, each time by a new process as far as the store can tell.
  @Test(arguments: [1, 5, 7]) func resumedRunsGiveTheSameBytes(stop: Int) throws {
    var total = 0
    for _ in 0..<200 {
      var count = 0
      let store = try sweep.run(yaml, "out") { _ in
        count += 1
        return count < stop
      }
      total += count
      if try store.records().count == store.description.pointCount { break }
    }
    #expect(total == 96)
    #expect(try table("out") == whole)
    // The files of points too.
    for name in sweep.scratch.names(in: "whole/points") {
      #expect(try sweep.scratch.text("out/points/\(name)") == sweep.scratch.text("whole/points/\(name)"))
    }
  }

  @Test(arguments: [1, 2, 3, 5, 9]) func sharesEqualOneRun(count: Int) throws {
    for index in (0..<count).reversed() {
      try sweep.run(yaml, "out", share: SweepShare(index: index, count: count, isExclusive: true))
    }
    #expect(try table("out") == whole)
  }

  /// Runners that work at one store at the same time.
  @Test func concurrentRunners() throws {
    let errors = LockedErrors()
    let specification = try sweep.specification(yaml)
    DispatchQueue.concurrentPerform(iterations: 3) { index in
      do {
        try sweep.run(specification, "out", share: SweepShare(index: index, count: 3, isExclusive: false))
      } catch {
        errors.append(error)
      }
    }
    #expect(errors.all.isEmpty, "\(errors.all)")
    #expect(try table("out") == whole)
    #expect(sweep.scratch.names(in: "out/claims").isEmpty)
  }

  /// A file cut short anywhere, empty, or with another digit is not a finished point.
  @Test func damagedPointsAreRedone() throws {
    let store = try sweep.run(yaml, "out")
    let names = sweep.scratch.names(in: "out/points")
    for (k, name) in names.enumerated() {
      let text = try sweep.scratch.text("out/points/\(name)")
      switch k % 5 {
      case 0: try sweep.scratch.file("out/points/\(name)", String(text.prefix(k * 17 % text.count)))
      case 1: try sweep.scratch.file("out/points/\(name)", "")
      case 2:
        let digit = try #require(text.range(of: "\"bias\":0.")).upperBound
        var changed = text
        changed.replaceSubrange(digit...digit, with: text[digit] == "3" ? "4" : "3")
        try sweep.scratch.file("out/points/\(name)", changed)
      case 3: try sweep.scratch.file("out/points/\(name)", sweep.scratch.text("out/points/\(names[0])"))
      default: continue
      }
    }
    #expect(try store.records().count <= names.count / 5 + 1)
    var count = 0
    try sweep.run(yaml, "out") { _ in
      count += 1; return true
    }
    #expect(count == names.count - names.count / 5)
    #expect(try table("out") == whole)
  }

  /// A claim of a process that is gone is taken over; that of a live one is respected.
  @Test func claims() throws {
    let plan = try sweep.plan(yaml)
    let store = try sweep.store(plan, "out")
    let unit = plan.units[0]
    let own = try #require(try store.claim(unit))
    #expect(try store.claim(unit) == nil)
    own.release()
    let file = sweep.scratch.path("out/claims/000000.json")
    let host = ProcessInfo.processInfo.hostName
    // No process has this number.
    try sweep.scratch.file("out/claims/000000.json", "{\"host\":\"\(host)\",\"pid\":99999999}")
    try #require(try store.claim(unit)).release()
    // A process of this number that started at another time.
    try sweep.scratch.file(
      "out/claims/000000.json", "{\"host\":\"\(host)\",\"pid\":\(getpid()),\"started\":\"1\"}")
    try #require(try store.claim(unit)).release()
    // Another machine, refreshed lately, and long ago.
    try sweep.scratch.file("out/claims/000000.json", "{\"host\":\"elsewhere\",\"pid\":1}")
    #expect(try store.claim(unit) == nil)
    try FileManager.default.setAttributes(
      [.modificationDate: Date(timeIntervalSinceNow: -Claim.lifetime - 60)], ofItemAtPath: file)
    try #require(try store.claim(unit)).release()
    #expect(sweep.scratch.names(in: "out/claims").isEmpty)
  }

  /// A claim appears with its content; one that has none is nobody's after seconds, and a time in the future
  /// passes.
  @Test func brokenClaims() throws {
    let store = try sweep.store(try sweep.plan(yaml), "out")
    let unit = try sweep.plan(yaml).units[0]
    let file = sweep.scratch.path("out/claims/000000.json")
    func age(_ seconds: Double) throws {
      try FileManager.default.setAttributes(
        [.modificationDate: Date(timeIntervalSinceNow: -seconds)], ofItemAtPath: file)
    }
    for text in ["", "{", "not JSON"] {
      try sweep.scratch.file("out/claims/000000.json", text)
      #expect(try store.claim(unit) == nil)
      try age(Claim.unreadableLifetime + 2)
      try #require(try store.claim(unit)).release()
    }
    try sweep.scratch.file("out/claims/000000.json", "{\"host\":\"elsewhere\",\"pid\":1}")
    try age(-30)
    #expect(try store.claim(unit) == nil)
    try age(-100 * Claim.lifetime)
    try #require(try store.claim(unit)).release()
    #expect(sweep.scratch.names(in: "out/claims").isEmpty)
  }

  /// A reader that looks all the time never sees a claim without its holder.
  @Test func claimsAppearWhole() throws {
    let store = try sweep.store(try sweep.plan(yaml), "out")
    let unit = try sweep.plan(yaml).units[0]
    let file = sweep.scratch.path("out/claims/000000.json")
    let errors = LockedErrors()
    DispatchQueue.concurrentPerform(iterations: 2) { index in
      do {
        for _ in 0..<200 {
          if index == 0 { try store.claim(unit)?.release() }
          if index == 1, let bytes = try StoreFiles.read(file), bytes.last != UInt8(ascii: "}") {
            errors.append(StoreError.damaged(path: file, reason: "a claim of \(bytes.count) bytes"))
          }
        }
      } catch {
        errors.append(error)
      }
    }
    #expect(errors.all.isEmpty)
  }

  /// What a process of this machine has left behind is removed as soon as it is gone.
  @Test func temporaryFilesOfDeadProcesses() throws {
    _ = try sweep.store(try sweep.plan(yaml), "out")
    let live = StoreFiles.temporary("points/000003.json", "tmp")
    // No process has this number.
    let dead = StoreFiles.temporary("points/000004.json", "tmp").replacing(".\(getpid())-", with: ".99999999-")
    for name in [live, dead] { try sweep.scratch.file("out/\(name)", "{") }
    try sweep.run(yaml, "out")
    let names = sweep.scratch.names(in: "out/points").filter { !$0.hasSuffix(".json") }
    #expect(names.map { "points/\($0)" } == [live])
  }

  /// What dead processes leave behind does no harm and is removed.
  @Test func leftovers() throws {
    let plan = try sweep.plan(yaml)
    _ = try sweep.store(plan, "out")
    let old = [FileAttributeKey.modificationDate: Date(timeIntervalSinceNow: -2 * Claim.lifetime)]
    for name in ["points/000003.json.77-1234.tmp", "claims/000001.json", "sweep.json.5-6.tmp"] {
      try sweep.scratch.file("out/\(name)", "{")
      try FileManager.default.setAttributes(old, ofItemAtPath: sweep.scratch.path("out/\(name)"))
    }
    try sweep.run(yaml, "out")
    #expect(try table("out") == whole)
    #expect(sweep.scratch.names(in: "out/claims").isEmpty)
    #expect(sweep.scratch.names(in: "out/points").count == plan.points.count)
    #expect(sweep.scratch.names(in: "out") == ["claims", "points", "sweep.json", "timing"])
  }

  /// Files that a store does not make are none of its business, however old.
  @Test func filesOfOthersStay() throws {
    let plan = try sweep.plan(yaml)
    _ = try sweep.store(plan, "out")
    let old = [FileAttributeKey.modificationDate: Date(timeIntervalSinceNow: -2 * Claim.lifetime)]
    let foreign = [
      "draft.tmp", "notes.5-6.tmp", "sweep.json.tmp", "points/mine.stale", "points/x.json.5-6.tmp",
      "claims/notes.json", "claims/a.clock",
    ]
    let own = [
      "table.csv.5-6.tmp", "sweep.json.5-6.tmp.7-8.tmp", "points/000003.json.77-12.tmp.8-9.clock",
      "claims/000001.json.7.stale", "claims/000001.json.7-8.clock",
    ]
    for name in foreign + own {
      try sweep.scratch.file("out/\(name)", "")
      try FileManager.default.setAttributes(old, ofItemAtPath: sweep.scratch.path("out/\(name)"))
    }
    try sweep.run(yaml, "out")
    func isThere(_ name: String) -> Bool {
      FileManager.default.fileExists(atPath: sweep.scratch.path("out/\(name)"))
    }
    #expect(foreign.filter { !isThere($0) } == [] && own.filter(isThere) == [])
  }

  /// Claims of one number on two machines do not share temporary names.
  @Test func temporaryNamesDiffer() {
    let names = (0..<100).map { _ in StoreFiles.temporary("a/000001.json", "clock") }
    #expect(Set(names).count > 90)
    #expect(names.allSatisfy { $0.hasPrefix("a/000001.json.\(getpid())-") && $0.hasSuffix(".clock") })
  }

  /// A record that cannot be read now is not a point to compute again.
  @Test func unreadableRecordsEndTheRun() throws {
    let store = try sweep.run(yaml, "out")
    let file = sweep.scratch.path("out/points/000003.json")
    try FileManager.default.removeItem(atPath: file)
    // Opens, and cannot be read, also for root.
    try FileManager.default.createDirectory(atPath: file, withIntermediateDirectories: false)
    let expected = "out/points/000003.json: reading failed (Is a directory)"
    #expect(refusal { try sweep.run(yaml, "out") } == expected)
    #expect(refusal { _ = try store.records() } == expected)
  }

  @Test func anotherVersionIsRefused() throws {
    try sweep.run(yaml, "out")
    let text = try sweep.scratch.text("out/sweep.json")
    let version = RenormVersion.current
    let older = text.replacing("\"\(version)\"", with: "\"0.0.9\"")
      .replacing(/"checksum" : "[0-9a-f]+",/, with: "")
    try sweep.scratch.file("out/sweep.json", older)
    #expect(
      refusal { try sweep.run(yaml, "out") }
        == "out: was begun by renorm 0.0.9, whose digits may differ from those of this renorm \(version); accepted: renorm "
        + "0.0.9, or another folder")
    // Its results can be read.
    #expect(try table("out") == whole)
  }

  @Test func pointsWithoutDescriptionAreRefused() throws {
    try sweep.run(yaml, "out")
    try FileManager.default.removeItem(atPath: sweep.scratch.path("out/sweep.json"))
    #expect(refusal { try sweep.run(yaml, "out") }.hasPrefix("out: holds points but no sweep.json, "))
    #expect(!sweep.scratch.names(in: "out").contains("sweep.json"))
    #expect(try SweepStore.description(of: sweep.scratch.path("out")) == nil)
  }

  /// The files of a store may be given other paths, for workers of a run on moved data.
  @Test func pathsOfMovedData() throws {
    try sweep.run(yaml, "out")
    let specification = try SweepStore.specification(
      of: sweep.scratch.path("out"), files: [.train: "/elsewhere/data.csv"])
    #expect(specification.files.train == "/elsewhere/data.csv" && specification.files.test == nil)
  }

  private func refusal(_ body: () throws -> Void) -> String {
    message(body).replacing(sweep.scratch.directory + "/", with: "")
  }

  @Test func anotherSpecificationIsRefused() throws {
    try sweep.run("architecture: fc\nwidth: 5\ntemperature: [1, 2]", "out")
    #expect(
      refusal { try sweep.run("architecture: fc\nwidth: 5\ntemperature: [1, 2, 3]", "out") }
        == "out: holds another sweep: temperature was 1.0, 2.0 and is now 1.0, 2.0, 3.0; accepted: the specification and "
        + "data that it was begun with, more values of its axes, or another folder")
    #expect(
      refusal { try sweep.run("architecture: fc\nwidth: 5\ntemperature: [1, 2]\nlambda0: 2", "out") }
        == "out: holds another sweep: lambda0 was not given and is now 2.0; accepted: the specification and data that it "
        + "was begun with, more values of its axes, or another folder")
  }

  @Test func changedDataAreRefused() throws {
    let yaml = "architecture: fc\nwidth: 5\ntemperature: [1, 2]"
    try sweep.run(yaml, "out")
    let text = try sweep.scratch.text("data.csv")
    try sweep.scratch.file("data.csv", text + text.prefix { $0 != "\n" } + "\n")
    let refusal = refusal { try sweep.run(yaml, "out") }
    #expect(refusal.hasPrefix("out: holds another sweep: data.csv has changed (checksum "), "\(refusal)")
    // The same content elsewhere is the same data.
    try sweep.scratch.file("data.csv", text)
    try FileManager.default.createDirectory(
      atPath: sweep.scratch.path("moved"), withIntermediateDirectories: true)
    try sweep.scratch.file("moved/data.csv", text)
    try sweep.scratch.file("moved.yaml", SmallSweep.data.replacing("data.csv", with: "moved/data.csv") + yaml)
    let specification = try SweepSpecification(contentsOf: sweep.scratch.path("moved.yaml"))
    _ = try sweep.store(SweepPlan(specification, SweepData(specification)), "out")
  }

  @Test func otherSettingsAreRefused() throws {
    let plan = try sweep.plan(yaml)
    _ = try sweep.store(plan, "out")
    // What is not asked for is taken from the store.
    let store = try SweepStore(
      sweep.scratch.path("out"), plan, threads: nil, memoryLimit: nil, defaults: (7, 8))
    #expect(store.description.threads == 1 && store.description.memoryLimit == 1 << 30)
    #expect(
      refusal {
        _ = try SweepStore(sweep.scratch.path("out"), plan, threads: 2, memoryLimit: nil, defaults: (7, 8))
      }
        == "out: was begun with 1 threads for each process, which decides how numbers are rounded; 2 asked for; accepted: "
        + "1, or another folder")
  }

  @Test func missingAndDamagedStores() throws {
    #expect(
      refusal { _ = try SweepStore(reading: sweep.scratch.path("nowhere")) }
        == "nowhere: holds no sweep (no sweep.json); accepted: the folder of a sweep that was begun")
    try sweep.run(yaml, "out")
    try sweep.scratch.file("out/sweep.json", "{}")
    #expect(
      refusal { _ = try SweepStore(reading: sweep.scratch.path("out")) }
        == "out/sweep.json: cannot be read: it is not the description of a sweep")
    #expect(
      refusal { try sweep.run(yaml, "data.csv") } == "data.csv/points: cannot be created (Not a directory)")
  }
}

/// Errors from several threads.
private final class LockedErrors: @unchecked Sendable {
  private let lock = NSLock()
  private var errors: [any Error] = []

  func append(_ error: any Error) { lock.withLock { errors.append(error) } }
  var all: [any Error] { lock.withLock { errors } }
}
