internal import Foundation
public import RenormFiles

/// Similarities of sampled networks that `renorm sample` has written (NPZ).
public struct SampledSimilarity: Sendable {
  struct Metadata: Decodable {
    let architecture: String
    let width: Int
    let positions: Int
    let classes: [ClassLabel]?
  }

  let metadata: Metadata
  /// The targets of the examples, p x D.
  let targets: Matrix
  /// The pairs of positions, i >= j.
  let pairs: [(i: Int, j: Int)]
  private let before: [Double]
  private let after: [Double]
  private let path: String

  /// Whether a file is one of these rather than a model.
  public static func isSampled(path: String) throws(DataError) -> Bool {
    try NPZArchive.read(path).names.contains("standardError")
  }

  /// Reads a file.
  ///
  /// - Throws: `DataError` for a file that cannot be read, `PlotError.unreadable` for one whose parts do not
  ///   fit together.
  public init(path: String) throws {
    let archive = try NPZArchive.read(path)
    func numbers(_ name: String) throws -> [Double] { try archive.array(name).values() }
    let places = try numbers("positions").map { Int(exactly: $0) ?? -1 }
    let rows = try archive.array("targets").shape
    do {
      let bytes = try numbers("metadata").compactMap { UInt8(exactly: $0) }
      metadata = try JSONDecoder().decode(Metadata.self, from: Data(bytes))
    } catch let error as DecodingError {
      throw PlotError.unreadable(path: path, reason: "its metadata cannot be read: \(error.summary)")
    }
    self.path = path
    before = try numbers("before")
    after = try numbers("after")
    pairs = stride(from: 0, to: places.count - 1, by: 2).map { (places[$0], places[$0 + 1]) }
    let values = try numbers("targets")
    guard rows.count == 2, rows[0] > 0, rows[1] > 0, values.count == rows[0] * rows[1] else {
      throw PlotError.unreadable(path: path, reason: "its targets are not a matrix")
    }
    targets = Matrix(rows: rows[0], columns: rows[1]) { values[$0 * rows[1] + $1] }
    let (square, overflow) = rows[0].multipliedReportingOverflow(by: rows[0])
    let (count, overflows) = square.multipliedReportingOverflow(by: pairs.count)
    guard !overflow, !overflows, !pairs.isEmpty, places.allSatisfy({ (0..<metadata.positions).contains($0) }),
      before.count == count,
      after.count == count, (before + after).allSatisfy(\.isFinite)
    else {
      throw PlotError.unreadable(path: path, reason: "its arrays do not fit together")
    }
  }

  /// The matrices of a pair of positions, rows over x and columns over x'; the pair (j, i) is transposed.
  func matrices(_ i: Int, _ j: Int) throws(PlotError) -> (before: Matrix, after: Matrix) {
    guard let index = pairs.firstIndex(where: { $0 == (max(i, j), min(i, j)) }) else {
      throw .unsuitable("\(path) does not hold the pair of positions \(i),\(j)")
    }
    let count = targets.rows
    func matrix(_ elements: [Double]) -> Matrix {
      Matrix(rows: count, columns: count) { row, column in
        elements[(index * count + (i >= j ? row : column)) * count + (i >= j ? column : row)]
      }
    }
    return (matrix(before), matrix(after))
  }
}
