internal import CNumerics
internal import Foundation

/// The factor L (lower triangular, order P) of a symmetric positive definite A = L L^T.
public struct Cholesky: Sendable {
  /// L in the lower triangle; what stands above the diagonal has no meaning.
  public let lower: Matrix

  /// Factors A, of which only the lower triangle is read, in P^3/3 operations.
  ///
  /// - Throws: `LinearAlgebraError.notPositiveDefinite` with the failing pivot, or `.notFinite`.
  public init(_ a: consuming Matrix) throws(LinearAlgebraError) {
    precondition(a.rows == a.columns, "Cholesky factor of a \(a.rows) x \(a.columns) matrix")
    try a.requireFiniteLowerTriangle()
    let order = a.rows
    var factor = consume a
    let info = withBLAS(order, order, order) {
      LAPACKE_dpotrf_work(
        LAPACK_COL_MAJOR, lapackLower, Int32(order), &factor.elements, Int32(max(order, 1)))
    }
    try LinearAlgebraError.check(info, order: order) { .notPositiveDefinite(pivot: $0, order: order) }
    lower = factor
  }

  /// L with zeros above the diagonal.
  public var lowerTriangle: Matrix {
    Matrix(rows: order, columns: order) { i, j in i >= j ? lower[i, j] : 0 }
  }

  /// tr A.
  package var trace: Double {
    (0..<order).reduce(0) { sum, j in (j..<order).reduce(sum) { $0 + lower[$1, j] * lower[$1, j] } }
  }

  /// The order P.
  public var order: Int { lower.rows }

  /// log det A = 2 sum_i log L_ii.
  public var logDeterminant: Double { 2 * lower.diagonal.reduce(0) { $0 + log($1) } }

  /// A^-1 B for B of size P x k.
  public func solve(_ b: Matrix) -> Matrix {
    precondition(b.rows == order, "right-hand side of \(b.rows) rows for order \(order)")
    var x = b
    guard order > 0, b.columns > 0 else { return x }
    let info = withBLAS(order, order, b.columns) {
      LAPACKE_dpotrs_work(
        LAPACK_COL_MAJOR, lapackLower, Int32(order), Int32(b.columns), lower.elements, Int32(order),
        &x.elements, Int32(order))
    }
    precondition(info == 0, "dpotrs rejected argument \(-info)")
    return x
  }

  /// A^-1 b.
  public func solve(_ b: [Double]) -> [Double] {
    solve(Matrix(rows: b.count, columns: 1, elements: b)).elements
  }

  /// A B = L (L^T B) for B of size P x k.
  package func multiply(_ b: consuming Matrix) -> Matrix {
    precondition(b.rows == order, "\(b.rows) rows for a factor of order \(order)")
    var x = b
    guard order > 0, x.columns > 0 else { return x }
    withBLAS(order, order, x.columns) {
      for transposition in [CblasTrans, CblasNoTrans] {
        cblas_dtrmm(
          CblasColMajor, CblasLeft, CblasLower, transposition, CblasNonUnit, Int32(order), Int32(x.columns), 1,
          lower.elements, Int32(order), &x.elements, Int32(order))
      }
    }
    return x
  }

  /// L^-1 B for B of size P x k (forward substitution).
  public func solveLower(_ b: consuming Matrix) -> Matrix { substitute(CblasNoTrans, b) }

  /// L^-T B for B of size P x k (backward substitution).
  public func solveLowerTransposed(_ b: consuming Matrix) -> Matrix { substitute(CblasTrans, b) }

  private func substitute(_ transposition: CBLAS_TRANSPOSE, _ b: consuming Matrix) -> Matrix {
    precondition(b.rows == order, "right-hand side of \(b.rows) rows for order \(order)")
    var x = b
    guard order > 0, x.columns > 0 else { return x }
    withBLAS(order, order, x.columns) {
      cblas_dtrsm(
        CblasColMajor, CblasLeft, CblasLower, transposition, CblasNonUnit, Int32(order), Int32(x.columns), 1,
        lower.elements, Int32(order), &x.elements, Int32(order))
    }
    return x
  }

  /// The lower triangle of A^-1, in 2 P^3/3 operations.
  public func inverseLowerTriangle() -> Matrix {
    var inverse = lower
    let order = inverse.rows
    let info = withBLAS(order, order, order) {
      LAPACKE_dpotri_work(
        LAPACK_COL_MAJOR, lapackLower, Int32(order), &inverse.elements, Int32(max(order, 1)))
    }
    precondition(info == 0, "dpotri rejected a factor that dpotrf made")
    return inverse
  }
}
