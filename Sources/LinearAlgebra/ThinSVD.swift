internal import CNumerics

/// The singular value decomposition A = U diag(values) V^T without the null spaces, values descending.
public struct ThinSVD: Sendable {
  /// Singular values in descending order, min(rows, columns) of them.
  public let values: [Double]
  /// U, rows x min(rows, columns).
  public let left: Matrix
  /// V^T, min(rows, columns) x columns.
  public let rightTransposed: Matrix

  /// Decomposes A (dgesdd).
  ///
  /// - Throws: `LinearAlgebraError.notFinite` or `.eigenvaluesDidNotConverge`.
  public init(_ a: consuming Matrix) throws(LinearAlgebraError) {
    let (rows, columns) = (a.rows, a.columns)
    let rank = min(rows, columns)
    precondition(rank > 0, "singular values of a \(rows) x \(columns) matrix")
    guard a.elements.allSatisfy(\.isFinite) else { throw .notFinite(order: rank) }
    var content = a
    var values = [Double](repeating: 0, count: rank)
    var left = Matrix(rows: rows, columns: rank)
    var right = Matrix(rows: rank, columns: columns)
    let info = withBLAS(rows, columns, rank) {
      LAPACKE_dgesdd(
        LAPACK_COL_MAJOR, CChar(UInt8(ascii: "S")), Int32(rows), Int32(columns), &content.elements, Int32(rows),
        &values, &left.elements, Int32(rows), &right.elements, Int32(rank))
    }
    try LinearAlgebraError.check(info, order: rank) { .eigenvaluesDidNotConverge(count: $0, order: rank) }
    self.values = values
    self.left = left
    rightTransposed = right
  }
}
