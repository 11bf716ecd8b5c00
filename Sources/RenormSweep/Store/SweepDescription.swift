internal import Foundation
internal import Renorm
package import RenormFiles

/// The content of sweep.json: what the store is for, and what its numbers depend on.
package struct SweepDescription: Codable, Equatable, Sendable {
  /// The format that this version writes and reads.
  static let formatVersion = 1

  let formatVersion: Int
  let renormVersion: String
  /// `SweepSpecification.canonical`.
  let specification: [String: [String]]
  /// The data files with their checksums.
  package let sources: [DataSource]
  /// Number of points.
  package let pointCount: Int
  /// A fingerprint of all points.
  let fingerprint: String
  /// Whether the targets are classes.
  package let isClassification: Bool
  /// Cores of one process; the number decides how sums are rounded.
  package let threads: Int
  /// Bytes that one process may take; it decides in which precision kernels are held.
  package let memoryLimit: Int
  /// Of the file without it; stores of earlier versions have none.
  private var checksum: String?

  init(_ plan: SweepPlan, threads: Int, memoryLimit: Int) {
    formatVersion = Self.formatVersion
    renormVersion = RenormVersion.current
    specification = plan.specification.canonical
    sources = plan.sources
    pointCount = plan.points.count
    fingerprint = RenormSweep.fingerprint(plan.points.map(\.identity).joined())
    isClassification = plan.isClassification
    self.threads = threads
    self.memoryLimit = memoryLimit
  }

  /// The specification that the store was begun with, some of its files elsewhere now.
  ///
  /// - Throws: `SpecificationError`.
  func specification(
    of path: String, files: [SweepKey: String]
  ) throws(SpecificationError) -> SweepSpecification {
    var keys = specification
    for (key, file) in files { keys[key.rawValue] = [file] }
    return try SweepSpecification(canonical: keys, store: path)
  }

  /// The specification, its files where they are now.
  ///
  /// - Throws: `SpecificationError`.
  func specification(of path: String, moved files: DataFiles) throws(SpecificationError) -> SweepSpecification {
    let paths: [(SweepKey, String?)] = [
      (.train, files.train), (.trainLabels, files.trainLabels), (.test, files.test),
      (.testLabels, files.testLabels),
    ]
    return try specification(
      of: path,
      files: Dictionary(uniqueKeysWithValues: paths.compactMap { key, path in path.map { (key, $0) } }))
  }

  /// What differs from another description but for settings; nil where both are of one sweep.
  func difference(from own: SweepDescription) -> String? {
    let paths = [SweepKey.train, .trainLabels, .test, .testLabels].map(\.rawValue)
    for key in Set(specification.keys).union(own.specification.keys).subtracting(paths).sorted() {
      if let line = change(key, own) { return line }
    }
    if let line = fileDifference(from: own) { return line }
    if fingerprint != own.fingerprint {
      return "its \(pointCount) points are not the \(own.pointCount) points of the specification"
    }
    return nil
  }

  /// What differs of all that a larger sweep must have in common with this one; nil where nothing does.
  func fixedDifference(from own: SweepDescription) -> String? {
    let paths = [SweepKey.train, .trainLabels, .test, .testLabels]
    let varied = SweepKey.axes + [.infiniteWidth, .zip]
    for key in Set(SweepKey.allCases).subtracting(paths + varied).map(\.rawValue).sorted() {
      if let line = change(key, own) { return line }
    }
    return fileDifference(from: own)
  }

  /// Which points of this sweep another one lacks; nil where it has all of them.
  func lacking(_ plan: SweepPlan, in larger: SweepPlan, _ own: SweepDescription) -> String? {
    let all = Set(larger.points.map(\.identity))
    guard let missing = plan.points.first(where: { !all.contains($0.identity) }) else { return nil }
    let count = plan.points.count { !all.contains($0.identity) }
    // Keys without a value stand for a default, which may be among those given now.
    let keys = (SweepKey.axes + [.infiniteWidth, .zip]).map(\.rawValue)
    let line =
      keys.first { key in
        specification[key].map { !Set($0).isSubset(of: own.specification[key] ?? []) } ?? false
      }
      .flatMap { change($0, own) } ?? keys.lazy.compactMap { change($0, own) }.first
    return (line.map { "\($0), so " } ?? "")
      + "\(count) of its \(pointCount) points are not among the \(own.pointCount) of the specification, point "
      + "\(missing.index) the first"
  }

  private func change(_ key: String, _ own: SweepDescription) -> String? {
    let (stored, asked) = (specification[key], own.specification[key])
    guard stored != asked else { return nil }
    let text = { (values: [String]?) in values.map { $0.prefix(12).joined(separator: ", ") } ?? "not given" }
    return "\(key) was \(text(stored)) and is now \(text(asked))"
  }

  private func fileDifference(from own: SweepDescription) -> String? {
    for source in sources {
      guard let other = own.sources.first(where: { $0.role == source.role }) else {
        return "the file \(source.path) is not among the data now"
      }
      guard other.hasSameContent(as: source) else {
        return
          "\(other.path) has changed (checksum \(source.crc32), \(source.byteCount) bytes; now \(other.crc32), "
          + "\(other.byteCount) bytes)"
      }
    }
    if let added = own.sources.first(where: { source in !sources.contains { $0.role == source.role } }) {
      return "the file \(added.path) was not among the data"
    }
    return nil
  }

  /// The bytes of the file, with a checksum.
  func encoded() throws -> [UInt8] {
    var checked = self
    checked.checksum = try ownChecksum()
    return try checked.text()
  }

  /// Whether a description is what was written: counts and names that were edited disagree with the points.
  func agreesWithChecksum() throws -> Bool { try checksum == nil || checksum == ownChecksum() }

  /// The description as it is made, without a checksum.
  var unchecked: SweepDescription {
    var own = self
    own.checksum = nil
    return own
  }

  private func ownChecksum() throws -> String { CRC32.text(CRC32.of(try unchecked.text()[...])) }

  private func text() throws -> [UInt8] {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
    return Array(try encoder.encode(self)) + [UInt8(ascii: "\n")]
  }
}
