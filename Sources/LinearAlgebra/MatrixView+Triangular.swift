internal import CNumerics

extension Cholesky {
  /// B <- L^-1 B, in place, for B of size P x k.
  package func solveLower(inPlace b: MatrixView) {
    precondition(b.rows == order, "\(b.rows) rows for a factor of order \(order)")
    guard b.rows > 0, b.columns > 0 else { return }
    withBLAS(order, b.rows, b.columns) {
      cblas_dtrsm(
        CblasColMajor, CblasLeft, CblasLower, CblasNoTrans, CblasNonUnit, Int32(b.rows), Int32(b.columns), 1,
        lower.elements, Int32(order), b.pointer, Int32(b.stride))
    }
  }

  /// B <- L^-1 B L^-T, in place, for a symmetric B of order P of which the lower triangle is read; both are
  /// written (dsygst, P^3 operations).
  package func whiten(inPlace b: MatrixView) {
    precondition(
      b.rows == order && b.columns == order, "\(b.rows) x \(b.columns) for a factor of order \(order)")
    guard order > 0 else { return }
    let info = withBLAS(order, order, order) {
      LAPACKE_dsygst_work(
        LAPACK_COL_MAJOR, 1, lapackLower, Int32(order), b.pointer, Int32(b.stride), lower.elements, Int32(order)
      )
    }
    precondition(info == 0, "dsygst rejected argument \(-info)")
    b.copyLowerTriangleToUpper()
  }
}

extension MatrixView {
  /// A <- the factor Q of A = Q R, R with a positive diagonal, for at most as many columns as rows (dgeqrf,
  /// dorgqr).
  ///
  /// Of a square matrix of independent Gaussian numbers Q is a uniformly random orthogonal matrix; without the
  /// choice of signs it is not.
  ///
  /// - Throws: `LinearAlgebraError.notFinite`.
  package func orthonormalizeColumns() throws(LinearAlgebraError) {
    precondition(columns <= rows, "orthonormal columns of a \(rows) x \(columns) matrix")
    guard columns > 0 else { return }
    let (m, n, lda) = (Int32(rows), Int32(columns), Int32(stride))
    var scales = [Double](repeating: 0, count: columns)
    var info = withBLAS(rows, columns, columns) {
      LAPACKE_dgeqrf(LAPACK_COL_MAJOR, m, n, pointer, lda, &scales)
    }
    try LinearAlgebraError.check(info, order: rows) { _ in .notFinite(order: rows) }
    let isNegative = (0..<columns).map { self[$0, $0] < 0 }
    info = withBLAS(rows, columns, columns) { LAPACKE_dorgqr(LAPACK_COL_MAJOR, m, n, n, pointer, lda, scales) }
    try LinearAlgebraError.check(info, order: rows) { _ in .notFinite(order: rows) }
    for j in 0..<columns where isNegative[j] { for i in 0..<rows { self[i, j] = -self[i, j] } }
  }
}
