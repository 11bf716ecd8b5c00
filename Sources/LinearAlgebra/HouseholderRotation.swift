internal import CNumerics

/// Z of a reduction to tridiagonal form in one step (dsytrd).
struct HouseholderRotation: Rotation {
  private let reflectors: Matrix
  private let scales: [Double]

  /// Reduces K, of which only the lower triangle is read, in its own place.
  static func reducing(
    _ k: consuming Matrix
  ) throws(LinearAlgebraError) -> (diagonal: [Double], subdiagonal: [Double], rotation: HouseholderRotation) {
    let order = k.rows
    var reflectors = consume k
    var diagonal = [Double](repeating: 0, count: order)
    // LAPACK wants room for at least one element even where the order is 1.
    var subdiagonal = [Double](repeating: 0, count: max(order - 1, 1))
    var scales = subdiagonal
    let info = withBLAS(order, order, order) {
      withLAPACKWork { work, count in
        LAPACKE_dsytrd_work(
          LAPACK_COL_MAJOR, lapackLower, Int32(order), &reflectors.elements, Int32(order), &diagonal,
          &subdiagonal, &scales, work, count)
      }
    }
    try LinearAlgebraError.check(info, order: order) { _ in .notFinite(order: order) }
    return (
      diagonal, Array(subdiagonal.prefix(order - 1)),
      HouseholderRotation(reflectors: reflectors, scales: scales)
    )
  }

  func apply(to b: inout Matrix, transposed: Bool) {
    let (order, columns) = (b.rows, b.columns)
    let info = withBLAS(order, order, columns) {
      withLAPACKWork { work, count in
        LAPACKE_dormtr_work(
          LAPACK_COL_MAJOR, lapackLeft, lapackLower, lapackTransposition(transposed), Int32(order),
          Int32(columns), reflectors.elements, Int32(order), scales, &b.elements, Int32(order), work, count)
      }
    }
    precondition(info == 0, "dormtr rejected argument \(-info)")
  }
}

/// LAPACK's letter for a matrix that stands on the left.
let lapackLeft = CChar(UInt8(ascii: "L"))

/// LAPACK's letter for a matrix or its transpose.
func lapackTransposition(_ isTransposed: Bool) -> CChar { CChar(UInt8(ascii: isTransposed ? "T" : "N")) }
