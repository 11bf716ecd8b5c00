internal import CNumerics
internal import Foundation

extension MatrixView {
  /// Replaces the lower triangle of a positive definite A by its Cholesky factor L, in place, and returns log
  /// det A; nil where A is not positive definite or not finite.
  package func factorCholesky() -> Double? {
    precondition(rows == columns, "Cholesky factor of a \(rows) x \(columns) matrix")
    guard rows > 0 else { return 0 }
    guard LAPACKE_dpotrf_work(LAPACK_COL_MAJOR, lapackLower, Int32(rows), pointer, Int32(stride)) == 0 else {
      return nil
    }
    // An infinity in A gets past the factorisation, but not past its diagonal.
    let logarithm = (0..<rows).reduce(0.0) { $0 + log(self[$1, $1]) }
    return logarithm.isFinite ? 2 * logarithm : nil
  }

  /// Replaces L in the lower triangle by that of A^-1 = (L L^T)^-1.
  package func invertFromCholesky() {
    precondition(rows == columns, "inverse of a \(rows) x \(columns) matrix")
    guard rows > 0 else { return }
    let info = LAPACKE_dpotri_work(LAPACK_COL_MAJOR, lapackLower, Int32(rows), pointer, Int32(stride))
    precondition(info == 0, "dpotri rejected a factor that dpotrf made")
  }

  /// X <- L^-1 X for L in the lower triangle of a square matrix.
  package func solveLower(_ factor: MatrixView) { substitute(factor, CblasNoTrans) }

  /// X <- (L L^T)^-1 X.
  package func solveCholesky(_ factor: MatrixView) {
    substitute(factor, CblasNoTrans)
    substitute(factor, CblasTrans)
  }

  /// X <- X L^-T: the squared norms of its rows are those of the rows of X in the metric of (L L^T)^-1.
  package func solveLowerTransposedFromRight(_ factor: MatrixView) {
    precondition(factor.rows == factor.columns && factor.rows == columns, "a matrix of \(columns) columns")
    guard rows > 0, columns > 0 else { return }
    cblas_dtrsm(
      CblasColMajor, CblasRight, CblasLower, CblasTrans, CblasNonUnit, Int32(rows), Int32(columns), 1,
      factor.pointer, Int32(factor.stride), pointer, Int32(stride))
  }

  private func substitute(_ factor: MatrixView, _ transposition: CBLAS_TRANSPOSE) {
    precondition(factor.rows == factor.columns && factor.rows == rows, "right-hand side of \(rows) rows")
    guard rows > 0, columns > 0 else { return }
    if columns == 1 {
      cblas_dtrsv(
        CblasColMajor, CblasLower, transposition, CblasNonUnit, Int32(rows), factor.pointer,
        Int32(factor.stride), pointer, 1)
    } else {
      cblas_dtrsm(
        CblasColMajor, CblasLeft, CblasLower, transposition, CblasNonUnit, Int32(rows), Int32(columns), 1,
        factor.pointer, Int32(factor.stride), pointer, Int32(stride))
    }
  }
}
