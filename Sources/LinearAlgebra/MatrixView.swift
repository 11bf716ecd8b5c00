internal import CNumerics

/// A column-major matrix in memory that somebody else owns: (i, j) stands at `pointer[i + j * stride]`.
///
/// Operations write into the view and allocate nothing; `Matrix` is the type to use where that does not matter.
/// Views of one operation must not overlap. Shapes that do not fit trap.
package struct MatrixView {
  package let pointer: UnsafeMutablePointer<Double>
  package let rows: Int
  package let columns: Int
  package let stride: Int

  package init(_ pointer: UnsafeMutablePointer<Double>, _ rows: Int, _ columns: Int, stride: Int? = nil) {
    self.pointer = pointer
    self.rows = rows
    self.columns = columns
    self.stride = max(stride ?? rows, 1)
    precondition(
      rows >= 0 && columns >= 0 && self.stride >= rows, "\(rows) x \(columns), stride \(self.stride)")
  }

  /// A matrix that is only read.
  package init(_ pointer: UnsafePointer<Double>, _ rows: Int, _ columns: Int, stride: Int? = nil) {
    self.init(UnsafeMutablePointer(mutating: pointer), rows, columns, stride: stride)
  }

  package subscript(i: Int, j: Int) -> Double {
    get { pointer[i + j * stride] }
    nonmutating set { pointer[i + j * stride] = newValue }
  }

  /// The matrix as an operand that enters a product as its transpose.
  package var transposed: TransposedView { TransposedView(view: self) }

  /// The numbers as a matrix of another shape; there must be no gaps between columns.
  package func reshaped(_ rows: Int, _ columns: Int) -> MatrixView {
    precondition(stride == max(self.rows, 1) && rows * columns == self.rows * self.columns)
    return MatrixView(pointer, rows, columns)
  }

  /// Copies a matrix of equal shape.
  package func copy(_ other: MatrixView) {
    precondition(rows == other.rows && columns == other.columns)
    for j in 0..<columns { (pointer + j * stride).update(from: other.pointer + j * other.stride, count: rows) }
  }

  /// Copies a transpose.
  package func copy(_ other: TransposedView) {
    precondition(rows == other.view.columns && columns == other.view.rows)
    for j in 0..<columns {
      for i in 0..<rows { self[i, j] = other.view[j, i] }
    }
  }

  /// Column j.
  package func column(_ j: Int) -> MatrixView { MatrixView(pointer + j * stride, rows, 1) }

  /// The matrix as a value.
  package var matrix: Matrix { Matrix(rows: rows, columns: columns) { self[$0, $1] } }

  /// The sum of the squared elements.
  package var squaredNorm: Double {
    guard rows > 0 else { return 0 }
    return withBLAS(rows, columns) {
      (0..<columns).reduce(0) {
        $0 + cblas_ddot(Int32(rows), pointer + $1 * stride, 1, pointer + $1 * stride, 1)
      }
    }
  }

  /// sum_ij A_ij B_ij.
  package func innerProduct(_ other: MatrixView) -> Double {
    precondition(rows == other.rows && columns == other.columns)
    guard rows > 0 else { return 0 }
    return withBLAS(rows, columns) {
      (0..<columns).reduce(0) {
        $0 + cblas_ddot(Int32(rows), pointer + $1 * stride, 1, other.pointer + $1 * other.stride, 1)
      }
    }
  }
}

/// A view that enters a product as its transpose.
package struct TransposedView {
  fileprivate let view: MatrixView
}

extension MatrixView {
  /// C <- scale A B + beta C.
  package func setProduct(_ a: MatrixView, _ b: MatrixView, scale: Double = 1, adding beta: Double = 0) {
    multiply(a, CblasNoTrans, b, CblasNoTrans, scale, beta)
  }

  /// C <- scale A^T B + beta C.
  package func setProduct(_ a: TransposedView, _ b: MatrixView, scale: Double = 1, adding beta: Double = 0) {
    multiply(a.view, CblasTrans, b, CblasNoTrans, scale, beta)
  }

  /// C <- scale A B^T + beta C.
  package func setProduct(_ a: MatrixView, _ b: TransposedView, scale: Double = 1, adding beta: Double = 0) {
    multiply(a, CblasNoTrans, b.view, CblasTrans, scale, beta)
  }

  /// C <- scale A^T B^T + beta C.
  package func setProduct(
    _ a: TransposedView, _ b: TransposedView, scale: Double = 1, adding beta: Double = 0
  ) {
    multiply(a.view, CblasTrans, b.view, CblasTrans, scale, beta)
  }

  private func multiply(
    _ a: MatrixView, _ ta: CBLAS_TRANSPOSE, _ b: MatrixView, _ tb: CBLAS_TRANSPOSE, _ scale: Double,
    _ beta: Double
  ) {
    let (m, inner) = ta == CblasTrans ? (a.columns, a.rows) : (a.rows, a.columns)
    let (innerOfB, n) = tb == CblasTrans ? (b.columns, b.rows) : (b.rows, b.columns)
    precondition(m == rows && n == columns && inner == innerOfB, "shapes of a product")
    guard m > 0, n > 0 else { return }
    if n == 1, tb == CblasNoTrans, inner > 0 {
      withBLAS(m, inner) {
        cblas_dgemv(
          CblasColMajor, ta, Int32(a.rows), Int32(a.columns), scale, a.pointer, Int32(a.stride), b.pointer, 1,
          beta, pointer, 1)
      }
    } else {
      withBLAS(m, n, inner) {
        cblas_dgemm(
          CblasColMajor, ta, tb, Int32(m), Int32(n), Int32(inner), scale, a.pointer, Int32(a.stride), b.pointer,
          Int32(b.stride), beta, pointer, Int32(stride))
      }
    }
  }

  /// C <- scale A A^T, both triangles.
  package func setGram(_ a: MatrixView, scale: Double = 1) {
    // Half of the work pays for dsyrk's overhead where the inner dimension is long.
    if a.columns > 2 * a.rows {
      setLowerGram(a, scale: scale)
      copyLowerTriangleToUpper()
    } else {
      setProduct(a, a.transposed, scale: scale)
    }
  }

  /// C <- scale A^T A, both triangles.
  package func setGram(_ a: TransposedView, scale: Double = 1) {
    if a.view.rows > 2 * a.view.columns {
      setLowerGram(a, scale: scale)
      copyLowerTriangleToUpper()
    } else {
      setProduct(a, a.view, scale: scale)
    }
  }

  /// Makes a square matrix symmetric by its lower triangle.
  package func copyLowerTriangleToUpper() {
    precondition(rows == columns, "a triangle of a \(rows) x \(columns) matrix")
    for j in 0..<columns {
      for i in j..<rows { self[j, i] = self[i, j] }
    }
  }

  /// The lower triangle of C <- scale A A^T + beta C.
  package func setLowerGram(_ a: MatrixView, scale: Double = 1, adding beta: Double = 0) {
    precondition(rows == columns && rows == a.rows, "shapes of a product")
    rankUpdate(a, CblasNoTrans, a.columns, scale, beta)
  }

  /// The lower triangle of C <- scale A^T A + beta C.
  package func setLowerGram(_ a: TransposedView, scale: Double = 1, adding beta: Double = 0) {
    precondition(rows == columns && rows == a.view.columns, "shapes of a product")
    rankUpdate(a.view, CblasTrans, a.view.rows, scale, beta)
  }

  private func rankUpdate(
    _ a: MatrixView, _ t: CBLAS_TRANSPOSE, _ inner: Int, _ scale: Double, _ beta: Double
  ) {
    guard rows > 0 else { return }
    withBLAS(rows, rows, inner) {
      cblas_dsyrk(
        CblasColMajor, CblasLower, t, Int32(rows), Int32(inner), scale, a.pointer, Int32(a.stride), beta,
        pointer,
        Int32(stride))
    }
  }
}
