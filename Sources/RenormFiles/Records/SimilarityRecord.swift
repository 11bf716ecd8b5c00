internal import Foundation

/// Sampled similarities (1/N) sum_a s(h_ai(x)) s(h_aj(x')) of the hidden layer between p training examples, in
/// an NPZ archive that `numpy.load` opens.
///
/// | array | shape | content |
/// |---|---|---|
/// | `metadata` | bytes | JSON: `Metadata` |
/// | `positions` | pairs x 2 | i and j of each pair, i >= j |
/// | `before` | pairs x p x p | average over the prior, exact; rows x at position i, columns x' at position j |
/// | `after`, `standardError` | pairs x p x p | average over the draws, and its Monte Carlo standard error |
/// | `targets` | p x D | targets of the examples |
public struct SimilarityRecord: Sendable {
  /// What the network is.
  public struct Metadata: Codable, Equatable, Sendable {
    /// The version of the program that wrote the file.
    public let renormVersion: String?
    /// `fc`, `lcn` or `cnn`.
    public let architecture: String
    /// N.
    public let width: Int
    /// n, the number of patches.
    public let positions: Int
    /// Class labels in the order of the outputs; nil for regression.
    public let classes: [ClassLabel]?

    package init(
      renormVersion: String?, architecture: String, width: Int, positions: Int, classes: [ClassLabel]?
    ) {
      self.renormVersion = renormVersion
      self.architecture = architecture
      self.width = width
      self.positions = positions
      self.classes = classes
    }
  }

  /// The matrices of one pair of positions, p x p.
  public struct Pair: Equatable, Sendable {
    /// The position of the rows' examples.
    public let i: Int
    /// The position of the columns' examples.
    public let j: Int
    /// Before training.
    public let before: Matrix
    /// After training.
    public let after: Matrix
    /// Monte Carlo standard errors of `after`; NaN where there are too few draws.
    public let standardError: Matrix

    package init(i: Int, j: Int, before: Matrix, after: Matrix, standardError: Matrix) {
      (self.i, self.j) = (i, j)
      self.before = before
      self.after = after
      self.standardError = standardError
    }

    /// The same for the pair (j, i).
    var transposed: Pair {
      Pair(
        i: j, j: i, before: before.transposed, after: after.transposed, standardError: standardError.transposed)
    }
  }

  /// What the network is.
  public let metadata: Metadata
  /// The targets of the examples, p x D.
  public let targets: Matrix
  /// The pairs of positions, i >= j.
  public let pairs: [Pair]

  package init(_ metadata: Metadata, targets: Matrix, pairs: [Pair]) {
    self.metadata = metadata
    self.targets = targets
    self.pairs = pairs
  }

  /// A pair of positions in either order; nil where it was not sampled.
  public func pair(_ i: Int, _ j: Int) -> Pair? {
    let found = pairs.first { $0.i == max(i, j) && $0.j == min(i, j) }
    return i >= j ? found : found?.transposed
  }
}

extension SimilarityRecord {
  /// Writes the file at once: afterwards it is complete, or as it was before.
  ///
  /// - Throws: `DataError` where it cannot be written.
  public func write(to path: String) throws {
    let metadata = Array(try RecordEncoder.value(metadata).line.utf8)
    let shape = [pairs.count, targets.rows, targets.rows]
    var archive = NPZWriter()
    archive.add("metadata", bytes: metadata, shape: [metadata.count])
    archive.add("positions", pairs.flatMap { [$0.i, $0.j] }, shape: [pairs.count, 2])
    archive.add("before", pairs.flatMap { $0.before.transposed.elements }, shape: shape)
    archive.add("after", pairs.flatMap { $0.after.transposed.elements }, shape: shape)
    archive.add("standardError", pairs.flatMap { $0.standardError.transposed.elements }, shape: shape)
    archive.add("targets", targets)
    try archive.write(to: path)
  }

  /// Whether a file is one of these rather than a model.
  ///
  /// - Throws: `DataError` for a file that is no NPZ archive.
  package static func isOne(path: String) throws(DataError) -> Bool {
    try NPZArchive.read(path).names.contains("standardError")
  }

  /// Reads a file.
  ///
  /// - Throws: `DataError` for a file that cannot be read, `.malformed` for one whose parts do not fit
  /// together.
  public init(path: String) throws(DataError) {
    let archive = try NPZArchive.read(path)
    func numbers(_ name: String) throws(DataError) -> [Double] { try archive.array(name).values() }
    func refused(_ reason: String) -> DataError { .malformed(path: path, place: nil, reason: reason) }
    do {
      let bytes = try numbers("metadata").compactMap { UInt8(exactly: $0) }
      metadata = try JSONDecoder().decode(Metadata.self, from: Data(bytes))
    } catch let error as DecodingError {
      throw refused("its metadata cannot be read: \(error.inOneLine)")
    } catch let error as DataError {
      throw error
    } catch {
      throw refused("its metadata cannot be read")
    }
    guard let targets = try archive.array("targets").matrix(), targets.rows > 0, targets.columns > 0 else {
      throw refused("its targets are not a matrix")
    }
    self.targets = targets
    let places = try numbers("positions").map { Int(exactly: $0) ?? -1 }
    let (before, after) = (try numbers("before"), try numbers("after"))
    let errors = try numbers("standardError")
    let (square, overflow) = targets.rows.multipliedReportingOverflow(by: targets.rows)
    let (count, overflows) = square.multipliedReportingOverflow(by: places.count / 2)
    let positions = metadata.positions
    guard !overflow, !overflows, count > 0, places.count % 2 == 0,
      places.allSatisfy({ $0 >= 0 && $0 < positions }),
      [before, after, errors].allSatisfy({ $0.count == count }), (before + after).allSatisfy(\.isFinite)
    else { throw refused("its arrays do not fit together") }
    pairs = (0..<places.count / 2).map { index in
      func matrix(_ elements: [Double]) -> Matrix {
        Matrix(rows: targets.rows, columns: targets.rows) { elements[index * square + $0 * targets.rows + $1] }
      }
      return Pair(
        i: places[2 * index], j: places[2 * index + 1], before: matrix(before), after: matrix(after),
        standardError: matrix(errors))
    }
  }
}
