internal import Foundation
public import Renorm

/// Widths, temperatures and readout precisions for fits of supplied kernels, read from a YAML file with the
/// keys of a sweep: `width`, `temperature`, `lambda1`, `infinite-width`, and `combine` or `zip` for those that
/// run together. Values may be lists or ranges.
public struct BankGrid: Sendable {
  /// One fit.
  public struct Point: Equatable, Sendable {
    /// N.
    public let width: Width
    /// T.
    public let temperature: Double
    /// lambda1.
    public let lambda1: Double
  }

  /// All combinations, in the order of sweeps.
  public let points: [Point]

  private static let keys: [SweepKey] = [.width, .temperature, .lambda1, .infiniteWidth, .combine, .zip]

  /// - Throws: `SpecificationError` with file and line, `DataError` where the file cannot be read.
  public init(contentsOf path: String) throws {
    let entries = try YAMLEntries.read(path)
    for entry in entries where !Self.keys.contains(where: { $0.rawValue == entry.key }) {
      throw SpecificationError(
        entry.place,
        "'\(entry.key)' is no key for supplied kernels; accepted: "
          + Self.keys.map(\.rawValue).joined(separator: ", "))
    }
    // A sweep is over data and a network; what stands for them here is not looked at.
    let root = SpecificationPlace.file(path: path)
    let network = [(SweepKey.architecture, "fc"), (.train, path)].map { key, text in
      RawEntry(key: key.rawValue, place: root, value: .scalar(text, root))
    }
    let specification = try SweepSpecification(
      entries + network, root: root, folder: URL(fileURLWithPath: path).deletingLastPathComponent())
    let combinations = try Combinations(specification)
    points = (0..<combinations.count).map { index in
      let values = combinations[index].values
      return Point(
        width: values[.width]?.width ?? .infinite, temperature: values[.temperature]?.number ?? .nan,
        lambda1: values[.lambda1]?.number ?? 1)
    }
  }
}
