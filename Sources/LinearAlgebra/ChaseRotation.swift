internal import CNumerics

/// Z2 of B = Z2 H Z2^T, the product of the reflections of all sweeps in their order.
struct ChaseRotation: @unchecked Sendable {
  private let layout: ChaseLayout
  // Read only.
  private let reflectors: UnsafePointer<Double>

  /// Columns from which blocks of reflections are faster, in spite of the triangular factor of each.
  static let smallestBlockedCount = 16

  init(order: Int, bandwidth: Int, reflectors: UnsafePointer<Double>) {
    layout = ChaseLayout(order: order, bandwidth: bandwidth)
    self.reflectors = reflectors
  }

  /// Replaces X, P x k, by Z2 X or Z2^T X, one reflection after the other.
  func apply(to x: UnsafeMutablePointer<Double>, columns: Int, transposed: Bool) {
    withBLAS(1, 1) {
      for index in 0..<layout.sweeps.count {
        let sweep = transposed ? layout.sweeps.lowerBound + index : layout.sweeps.upperBound - 1 - index
        let vectors = reflectors + layout.offset(sweep)
        // The reflections of one sweep have no rows in common.
        for step in 0..<layout.steps(sweep) {
          let rest = Int32(layout.rows(sweep, step) - 1)
          let v = vectors + step * layout.bandwidth
          for column in 0..<columns {
            let y = x + column * layout.order + layout.firstRow(sweep, step)
            let amount = v[0] * (y[0] + cblas_ddot(rest, v + 1, 1, y + 1, 1))
            y[0] -= amount
            cblas_daxpy(rest, -amount, v + 1, 1, y + 1, 1)
          }
        }
      }
    }
  }

  /// Sweeps of which the reflections at one step make a block: fewer make smaller products, more hold more
  /// zeros.
  private static let largestGroup = 24

  /// The same by products of matrices: the reflections of some sweeps at one step make a block 1 - V T V^T. Of
  /// two blocks of the same sweeps the one of the later step comes first in Z2: its first sweeps share rows
  /// with the last sweeps of the other.
  func applyBlocked(to x: UnsafeMutablePointer<Double>, columns: Int, transposed: Bool) {
    let (b, largest) = (layout.bandwidth, Self.largestGroup)
    let v = WorkArray((b + largest) * largest)
    let product = WorkArray(v.count)
    let factor = WorkArray(largest * largest)
    let scales = WorkArray(largest)
    let work = WorkArray(columns * largest)
    let groups = Array(stride(from: layout.sweeps.lowerBound, to: layout.sweeps.upperBound, by: largest))
    withBLAS(1, 1) {
      for first in transposed ? groups : groups.reversed() {
        for index in 0..<layout.steps(first) {
          let step = transposed ? layout.steps(first) - 1 - index : index
          let top = layout.firstRow(first, step)
          let sweeps = first..<min(first + largest, layout.sweeps.upperBound, layout.order - step * b)
          let height = min(b + sweeps.count - 1, layout.order - top)
          v.clear()
          for (j, sweep) in sweeps.enumerated() {
            let vector = v.pointer + j * height + j
            vector.update(
              from: reflectors + layout.offset(sweep) + step * b, count: layout.rows(sweep, step))
            scales.pointer[j] = vector[0]
            vector[0] = 1
          }
          let (rows, count, columns) = (Int32(height), Int32(sweeps.count), Int32(columns))
          LAPACKE_dlarft_work(
            LAPACK_COL_MAJOR, lapackForward, lapackColumns, rows, count, v.pointer, rows, scales.pointer,
            factor.pointer, count)
          // X - (V T) (V^T X). dlarfb would copy rows of X to columns and back, which costs more than zeros.
          product.pointer.update(from: v.pointer, count: height * sweeps.count)
          cblas_dtrmm(
            CblasColMajor, CblasRight, CblasUpper, transposed ? CblasTrans : CblasNoTrans, CblasNonUnit, rows,
            count, 1, factor.pointer, count, product.pointer, rows)
          cblas_dgemm(
            CblasColMajor, CblasTrans, CblasNoTrans, count, columns, rows, 1, v.pointer, rows, x + top,
            Int32(layout.order), 0, work.pointer, count)
          cblas_dgemm(
            CblasColMajor, CblasNoTrans, CblasNoTrans, rows, columns, count, -1, product.pointer, rows,
            work.pointer, count, 1, x + top, Int32(layout.order))
        }
      }
    }
  }
}

/// LAPACK's letters for reflections in the order of their numbers, and for vectors in columns.
private let lapackForward = CChar(UInt8(ascii: "F"))
private let lapackColumns = CChar(UInt8(ascii: "C"))
