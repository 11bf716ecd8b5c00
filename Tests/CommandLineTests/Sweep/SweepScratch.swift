import Foundation
import Testing

/// A sweep on a small set of images in a directory of its own.
struct SweepScratch {
  let scratch: Scratch
  static let data = """
    train: train.images
    train-labels: train.labels
    test-fraction: 0.2

    """

  /// - Parameter count: examples; a fifth of them is held out.
  init(_ yaml: String, count: Int = 60, classes: Int = 2) throws {
    scratch = try Scratch()
    try scratch.write(Problem(count: count, classes: classes), "train")
    try scratch.file("sweep.yaml", Self.data + yaml)
  }

  /// 72 points in two groups, of a few milliseconds each.
  static func medium() throws -> SweepScratch {
    try SweepScratch(
      """
      architecture: [fc, cnn]
      mask: 1
      width: [20, 100, infinite]
      temperature: {logspace: [0.01, 1, 4]}
      lambda1: [1, 2, 4]
      """, count: 120)
  }

  static let largeCount = 400

  /// Points of some ten milliseconds each, 40 for each temperature.
  static func large(temperatures: Int = 10) throws -> SweepScratch {
    try SweepScratch(
      """
      architecture: cnn
      mask: 1
      width: [20, 100]
      temperature: {logspace: [0.01, 1, \(temperatures)]}
      lambda1: {logspace: [0.5, 4, 20]}
      """, count: 160)
  }

  func arguments(_ folder: String, _ more: [String] = []) -> [String] {
    ["sweep", "run", "sweep.yaml", "--output", folder, "--threads", "1"] + more
  }

  @discardableResult
  func run(
    _ folder: String, _ more: [String] = [], environment: [String: String] = [:],
    sourceLocation: SourceLocation = #_sourceLocation
  ) throws -> Run {
    let run = try Tool.run(arguments(folder, more), in: scratch, environment: environment)
    #expect(run.exitCode == 0 && !run.wasKilled, "\(run)", sourceLocation: sourceLocation)
    return run
  }

  func launch(_ folder: String, _ more: [String] = [], environment: [String: String] = [:]) throws -> Launch {
    try Launch(Tool.path(), arguments(folder, more), in: scratch, environment: environment)
  }

  func table(_ folder: String) throws -> String { try scratch.text("\(folder)/table.csv") }

  /// Number of finished points.
  func finished(_ folder: String) -> Int {
    scratch.names(in: "\(folder)/points").count { $0.hasSuffix(".json") }
  }

  /// Waits until some points are finished; false where the program ends before.
  func wait(for count: Int, _ folder: String, _ launch: Launch) throws -> Bool {
    try launch.wait { finished(folder) >= count }
  }

  /// Waits until no process works in this directory.
  func waitForTheEnd() throws {
    let deadline = Date(timeIntervalSinceNow: Launch.timeout)
    while hasProcesses() {
      guard Date() < deadline else {
        throw ToolError.timedOut(arguments: ["sweep"], state: "processes \(processes { _ in true }) are alive")
      }
      Thread.sleep(forTimeInterval: 0.01)
    }
  }

  /// Whether a process that works at a folder of this directory is alive.
  func hasProcesses() -> Bool { !processes { $0.contains("sweep") }.isEmpty }

  /// The workers that runs in this directory have started.
  func workers() -> [Int32] { processes { $0.contains("--worker") } }

  /// Numbers of the processes in this directory with some command lines.
  private func processes(_ isMeant: (String) -> Bool) -> [Int32] {
    let all = (try? FileManager.default.contentsOfDirectory(atPath: "/proc")) ?? []
    return all.compactMap { process in
      guard let number = Int32(process),
        let folder = try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/\(process)/cwd"),
        let command = FileManager.default.contents(atPath: "/proc/\(process)/cmdline")
      else { return nil }
      return folder == URL(fileURLWithPath: scratch.directory).resolvingSymlinksInPath().path
        && isMeant(String(decoding: command, as: UTF8.self)) ? number : nil
    }
  }
}
