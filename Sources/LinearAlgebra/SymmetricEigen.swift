internal import CNumerics

/// LAPACK's name of the lower triangle.
let lapackLower = CChar(UInt8(ascii: "L"))

/// The spectral decomposition A = V diag(values) V^T of a symmetric matrix, eigenvalues ascending.
public struct SymmetricEigen: Sendable {
  /// Eigenvalues in ascending order.
  public let values: [Double]
  /// Orthonormal eigenvectors, one per column.
  public let vectors: Matrix

  /// Decomposes A, of which only the lower triangle is read (dsyev).
  ///
  /// - Throws: `LinearAlgebraError.notFinite` or `.eigenvaluesDidNotConverge`.
  public init(_ a: consuming Matrix) throws(LinearAlgebraError) {
    precondition(a.rows == a.columns, "eigenvalues of a \(a.rows) x \(a.columns) matrix")
    try a.requireFiniteLowerTriangle()
    let order = a.rows
    var vectors = a
    var values = [Double](repeating: 0, count: order)
    let info = withBLAS(order, order, order) {
      LAPACKE_dsyev(
        LAPACK_COL_MAJOR, CChar(UInt8(ascii: "V")), lapackLower, Int32(order), &vectors.elements,
        Int32(max(order, 1)), &values)
    }
    try LinearAlgebraError.check(info, order: order) { .eigenvaluesDidNotConverge(count: $0, order: order) }
    self.values = values
    self.vectors = vectors
  }

  /// V diag(f(values)) V^T.
  public func map(_ f: (Double) -> Double) -> Matrix {
    let scaled = Matrix(rows: vectors.rows, columns: vectors.columns) { i, j in vectors[i, j] * f(values[j]) }
    return scaled * vectors.asTranspose
  }
}
