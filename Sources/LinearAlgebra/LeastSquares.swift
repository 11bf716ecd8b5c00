internal import CNumerics

extension Matrix {
  /// The minimum-norm solution x of min ||A x - b||, singular values below `rcond` times the largest taken as
  /// zero (dgelsd).
  ///
  /// - Throws: `LinearAlgebraError.notFinite` or `.eigenvaluesDidNotConverge`.
  public func leastSquares(_ b: [Double], rcond: Double) throws(LinearAlgebraError) -> [Double] {
    precondition(b.count == rows, "right-hand side of \(b.count) numbers for \(rows) rows")
    guard rows > 0, columns > 0 else { return [Double](repeating: 0, count: columns) }
    var a = elements
    // dgelsd returns the solution in the storage of b, which must hold the longer of the two.
    var x = b + [Double](repeating: 0, count: max(columns - rows, 0))
    var singularValues = [Double](repeating: 0, count: min(rows, columns))
    var rank: Int32 = 0
    let info = LAPACKE_dgelsd(
      LAPACK_COL_MAJOR, Int32(rows), Int32(columns), 1, &a, Int32(rows), &x, Int32(x.count), &singularValues,
      rcond, &rank)
    try LinearAlgebraError.check(info, order: rows) { .eigenvaluesDidNotConverge(count: $0, order: columns) }
    return Array(x.prefix(columns))
  }
}
