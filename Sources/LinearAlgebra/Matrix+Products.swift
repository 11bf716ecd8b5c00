internal import CNumerics

/// Which triangle of a symmetric matrix a routine reads: always the lower one in this module.
private let lower = CblasLower

/// An operand of a product, plain or transposed, without forming the transpose.
public struct Operand {
  let matrix: Matrix
  let isTransposed: Bool

  var rows: Int { isTransposed ? matrix.columns : matrix.rows }
  var columns: Int { isTransposed ? matrix.rows : matrix.columns }
}

extension Operand {
  /// The product of the operand and a vector (dgemv).
  public static func * (a: Operand, x: [Double]) -> [Double] {
    precondition(a.columns == x.count, "product of \(a.rows) x \(a.columns) and \(x.count) numbers")
    var result = [Double](repeating: 0, count: a.rows)
    guard a.rows > 0, a.columns > 0 else { return result }
    withBLAS(a.rows, a.columns) {
      cblas_dgemv(
        CblasColMajor, a.isTransposed ? CblasTrans : CblasNoTrans, Int32(a.matrix.rows),
        Int32(a.matrix.columns),
        1, a.matrix.elements, Int32(a.matrix.rows), x, 1, 0, &result, 1)
    }
    return result
  }
}

extension Matrix {
  /// The matrix as an operand that enters a product as its transpose.
  public var asTranspose: Operand { Operand(matrix: self, isTransposed: true) }
  var asOperand: Operand { Operand(matrix: self, isTransposed: false) }

  /// The product of two matrices (dgemm).
  public static func * (a: Matrix, b: Matrix) -> Matrix { product(a.asOperand, b.asOperand) }
  /// The product A^T B.
  public static func * (a: Operand, b: Matrix) -> Matrix { product(a, b.asOperand) }
  /// The product A B^T.
  public static func * (a: Matrix, b: Operand) -> Matrix { product(a.asOperand, b) }

  private static func product(_ a: Operand, _ b: Operand) -> Matrix {
    precondition(a.columns == b.rows, "product of \(a.rows) x \(a.columns) and \(b.rows) x \(b.columns)")
    var result = Matrix(rows: a.rows, columns: b.columns)
    guard a.rows > 0, b.columns > 0, a.columns > 0 else { return result }
    withBLAS(a.rows, b.columns, a.columns) {
      cblas_dgemm(
        CblasColMajor, a.isTransposed ? CblasTrans : CblasNoTrans, b.isTransposed ? CblasTrans : CblasNoTrans,
        Int32(a.rows), Int32(b.columns), Int32(a.columns), 1, a.matrix.elements, Int32(a.matrix.rows),
        b.matrix.elements, Int32(b.matrix.rows), 0, &result.elements, Int32(a.rows))
    }
    return result
  }

  /// The product of a matrix and a vector (dgemv).
  public static func * (a: Matrix, x: [Double]) -> [Double] { a.asOperand * x }

  /// The matrix scaled by a number.
  public static func * (scale: Double, a: Matrix) -> Matrix {
    Matrix(rows: a.rows, columns: a.columns, elements: a.elements.map { scale * $0 })
  }

  /// Elementwise sum.
  public static func + (a: Matrix, b: Matrix) -> Matrix { a.combined(with: b, +) }
  /// Elementwise difference.
  public static func - (a: Matrix, b: Matrix) -> Matrix { a.combined(with: b, -) }

  private func combined(with other: Matrix, _ operation: (Double, Double) -> Double) -> Matrix {
    precondition(rows == other.rows && columns == other.columns, "matrices of different shape")
    return Matrix(rows: rows, columns: columns, elements: zip(elements, other.elements).map(operation))
  }

  /// The sum of the diagonal of a square matrix.
  public var trace: Double { diagonal.reduce(0, +) }

  /// The inner product sum_ij A_ij B_ij.
  public func innerProduct(_ other: Matrix) -> Double {
    precondition(rows == other.rows && columns == other.columns, "matrices of different shape")
    return dot(elements, other.elements)
  }

  /// The symmetric part (A + A^T)/2 of a square matrix.
  public var symmetricPart: Matrix {
    Matrix(rows: rows, columns: columns) { i, j in (self[i, j] + self[j, i]) / 2 }
  }

  /// S B for a symmetric S of which only the lower triangle is read (dsymm).
  public static func symmetricProduct(lower s: Matrix, _ b: Matrix) -> Matrix {
    precondition(s.rows == s.columns && s.columns == b.rows, "symmetric product of unequal orders")
    var result = Matrix(rows: b.rows, columns: b.columns)
    guard b.rows > 0, b.columns > 0 else { return result }
    withBLAS(b.rows, b.rows, b.columns) {
      cblas_dsymm(
        CblasColMajor, CblasLeft, lower, Int32(b.rows), Int32(b.columns), 1, s.elements, Int32(s.rows),
        b.elements, Int32(b.rows), 0, &result.elements, Int32(b.rows))
    }
    return result
  }

  /// Adds scale * B C R^T to the matrix, for B of size rows x k, C of size k x l and R of size columns x l.
  package mutating func add(_ scale: Double, congruence b: Matrix, _ c: Matrix, _ right: Matrix) {
    precondition(b.rows == rows && right.rows == columns && b.columns == c.rows && c.columns == right.columns)
    guard rows > 0, columns > 0, c.columns > 0 else { return }
    let left = b * c
    withBLAS(rows, columns, c.columns) {
      cblas_dgemm(
        CblasColMajor, CblasNoTrans, CblasTrans, Int32(rows), Int32(columns), Int32(c.columns), scale,
        left.elements, Int32(rows), right.elements, Int32(columns), 1, &elements, Int32(rows))
    }
  }

  /// Adds scale * x y^T.
  package mutating func add(_ scale: Double, outer x: [Double], _ y: [Double]) {
    add(scale, congruence: Matrix(columns: [x]), .identity(1), Matrix(columns: [y]))
  }
}

extension Matrix {
  /// A (x) 1_d with the second index running first: element (i d + c, j d + e) is A_ij for c = e, else 0.
  package func spread(over d: Int) -> Matrix {
    d == 1 ? self : kronecker(.identity(d))
  }

  /// A (x) W with the index of W running first: element (mu d + c, nu d + e) is A_(mu nu) W_ce.
  package func kronecker(_ weights: Matrix) -> Matrix {
    let d = weights.rows
    let e = weights.columns
    var result = Matrix(rows: rows * d, columns: columns * e)
    result.withUnsafeMutableElements { result in
      withUnsafeElements { own in
        weights.withUnsafeElements { weights in
          var place = 0
          for nu in 0..<columns {
            for b in 0..<e {
              for mu in 0..<rows {
                let value = own[mu + nu * rows]
                for a in 0..<d {
                  result[place] = value * weights[a + b * d]
                  place += 1
                }
              }
            }
          }
        }
      }
    }
    return result
  }

  /// The elements row by row: (i, c) of d columns stands at i d + c.
  package var interleaved: [Double] { columns == 1 ? elements : transposed.elements }

  /// A matrix of d columns over its elements row by row.
  package init(interleaved values: [Double], columns d: Int) {
    self = Matrix(rows: d, columns: values.count / d, elements: values).transposed
  }
}

/// The inner product of two vectors of equal length.
package func dot(_ x: [Double], _ y: [Double]) -> Double {
  precondition(x.count == y.count, "inner product of \(x.count) and \(y.count) numbers")
  return withBLAS(x.count, 1) { cblas_ddot(Int32(x.count), x, 1, y, 1) }
}

/// The product A^T B of the leading `inner` x `rows` and `inner` x `columns` elements of two column-major
/// arrays, written to the leading `rows` x `columns` elements of a third.
package func multiplyTransposed(
  _ a: [Double], _ b: [Double], inner: Int, rows: Int, columns: Int, into result: inout [Double]
) {
  precondition(a.count >= inner * rows && b.count >= inner * columns && result.count >= rows * columns)
  guard rows > 0, columns > 0 else { return }
  withBLAS(rows, columns, inner) {
    cblas_dgemm(
      CblasColMajor, CblasTrans, CblasNoTrans, Int32(rows), Int32(columns), Int32(inner), 1, a,
      Int32(max(inner, 1)), b, Int32(max(inner, 1)), 0, &result, Int32(rows))
  }
}

/// y <- A x for a column-major A of `rows` x `columns` elements without gaps.
package func multiply(
  rows: Int, columns: Int, _ a: UnsafePointer<Double>, _ x: [Double], into y: UnsafeMutablePointer<Double>
) {
  withBLAS(rows, columns) {
    cblas_dgemv(CblasColMajor, CblasNoTrans, Int32(rows), Int32(columns), 1, a, Int32(rows), x, 1, 0, y, 1)
  }
}

/// C <- C + A^T B for column-major arrays, each followed by the distance of its columns: C is
/// `rows` x `columns`.
package func addTransposedProduct(
  rows: Int, columns: Int, inner: Int, _ a: UnsafePointer<Double>, _ aStride: Int, _ b: UnsafePointer<Double>,
  _ bStride: Int, to c: UnsafeMutablePointer<Double>, _ cStride: Int
) {
  withBLAS(rows, columns, inner) {
    cblas_dgemm(
      CblasColMajor, CblasTrans, CblasNoTrans, Int32(rows), Int32(columns), Int32(inner), 1, a, Int32(aStride),
      b,
      Int32(bStride), 1, c, Int32(cStride))
  }
}

extension Matrix {
  /// Adds scale * B^T B to the lower triangle (dsyrk).
  public mutating func addToLowerTriangle(_ scale: Double, gram b: Matrix) {
    precondition(rows == columns && b.columns == rows, "Gram matrix of order \(b.columns) for order \(rows)")
    guard rows > 0, b.rows > 0 else { return }
    withBLAS(rows, rows, b.rows) {
      cblas_dsyrk(
        CblasColMajor, lower, CblasTrans, Int32(rows), Int32(b.rows), scale, b.elements, Int32(b.rows), 1,
        &elements, Int32(rows))
    }
  }
}
