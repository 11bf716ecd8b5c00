import Foundation
import GSLNumerics
import Renorm
import RenormFiles
import RenormSweep

/// A table of random images of 1 x 4 x 4 pixels with classes, and sweeps on it.
struct SmallSweep {
  let scratch: Scratch
  /// The lines about data that every specification here has.
  static let data = """
    train: data.csv
    classification: true
    shape: 1x4x4
    test-fraction: 0.25

    """

  /// `data.csv`: the class of an example brightens its part of the image; the label stands last.
  init(count: Int = 40, classes: Int = 2, seed: UInt32 = 1) throws {
    scratch = try Scratch()
    let generator = RandomGenerator(seed: seed)
    let rows = (0..<count).map { example -> String in
      let label = example % classes
      let pixels = (0..<16).map { generator.gaussian() + ($0 * classes / 16 == label ? 1 : 0) }
      return (pixels.map { "\($0)" } + ["\(label)"]).joined(separator: ",")
    }
    try scratch.file("data.csv", rows.joined(separator: "\n") + "\n")
  }

  /// The specification of some lines of YAML, after those about data.
  func specification(_ yaml: String, data: String = SmallSweep.data) throws -> SweepSpecification {
    try SweepSpecification(contentsOf: scratch.file("sweep.yaml", data + yaml))
  }

  func plan(_ yaml: String) throws -> SweepPlan {
    let specification = try specification(yaml)
    return try SweepPlan(specification, SweepData(specification))
  }

  /// A store in `folder`, opened with one thread.
  func store(_ plan: SweepPlan, _ folder: String = "out") throws -> SweepStore {
    try SweepStore(scratch.path(folder), plan, threads: 1, memoryLimit: 1 << 30, defaults: (1, 1 << 30))
  }

  /// Runs a share of a sweep in `folder`.
  @discardableResult
  func run(
    _ yaml: String, _ folder: String = "out", share: SweepShare = .whole,
    finished: (PointRecord) -> Bool = { _ in true }
  ) throws -> SweepStore {
    try run(specification(yaml), folder, share: share, finished: finished)
  }

  @discardableResult
  func run(
    _ specification: SweepSpecification, _ folder: String, share: SweepShare,
    finished: (PointRecord) -> Bool = { _ in true }
  ) throws -> SweepStore {
    let data = try SweepData(specification)
    let plan = try SweepPlan(specification, data)
    let store = try store(plan, folder)
    try SweepRunner(plan, data, store, share: share).run(finished: finished)
    return store
  }
}

/// The message of an error that `body` must throw.
func message(_ body: () throws -> Void) -> String {
  do {
    try body()
    return "no error"
  } catch {
    return "\(error)"
  }
}
