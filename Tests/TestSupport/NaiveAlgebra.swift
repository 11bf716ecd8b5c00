import Foundation
import LinearAlgebra

/// Dense algebra by loops, for references that share no code with the package.
package enum Naive {
  /// The lower Cholesky factor; nil unless positive definite.
  package static func cholesky(_ a: Matrix) -> Matrix? {
    var l = Matrix(rows: a.rows, columns: a.rows)
    for j in 0..<a.rows {
      for i in j..<a.rows {
        var sum = a[i, j]
        for k in 0..<j { sum -= l[i, k] * l[j, k] }
        if i == j {
          guard sum > 0 else { return nil }
          l[i, i] = sum.squareRoot()
        } else {
          l[i, j] = sum / l[j, j]
        }
      }
    }
    return l
  }

  /// log det A; NaN unless positive definite.
  package static func logDeterminant(_ a: Matrix) -> Double {
    guard let l = cholesky(a) else { return .nan }
    return (0..<a.rows).reduce(0) { $0 + 2 * log(l[$1, $1]) }
  }

  /// A^-1 B for positive definite A.
  package static func solve(_ a: Matrix, _ b: Matrix) -> Matrix {
    guard let l = cholesky(a) else { return Matrix(rows: b.rows, columns: b.columns, repeating: .nan) }
    var x = b
    for c in 0..<b.columns {
      for i in 0..<a.rows {
        for k in 0..<i { x[i, c] -= l[i, k] * x[k, c] }
        x[i, c] /= l[i, i]
      }
      for i in stride(from: a.rows - 1, through: 0, by: -1) {
        for k in i + 1..<max(a.rows, i + 1) { x[i, c] -= l[k, i] * x[k, c] }
        x[i, c] /= l[i, i]
      }
    }
    return x
  }

  package static func product(_ a: Matrix, _ b: Matrix) -> Matrix {
    Matrix(rows: a.rows, columns: b.columns) { i, j in
      (0..<a.columns).reduce(0) { $0 + a[i, $1] * b[$1, j] }
    }
  }

  package static func inverse(_ a: Matrix) -> Matrix { solve(a, .identity(a.rows)) }

  /// The determinant of any square matrix by Gaussian elimination with row exchanges.
  package static func determinant(_ matrix: Matrix) -> Double {
    var a = (0..<matrix.rows).map(matrix.row)
    var determinant = 1.0
    for k in a.indices {
      guard let pivot = (k..<a.count).max(by: { abs(a[$0][k]) < abs(a[$1][k]) }), a[pivot][k] != 0 else {
        return 0
      }
      if pivot != k {
        a.swapAt(pivot, k)
        determinant = -determinant
      }
      determinant *= a[k][k]
      for i in k + 1..<max(a.count, k + 1) {
        let factor = a[i][k] / a[k][k]
        for j in k..<a.count { a[i][j] -= factor * a[k][j] }
      }
    }
    return determinant
  }

  /// The derivative of f at 0 by a difference of fourth order: error step^4 plus rounding over step.
  package static func derivative(step: Double, _ f: (Double) throws -> Double) rethrows -> Double {
    try (8 * (f(step) - f(-step)) - (f(2 * step) - f(-2 * step))) / (12 * step)
  }

  /// The gradient of f over symmetric matrices at q, with respect to the Frobenius inner product, in the
  /// coordinates E of q + L E L^T where q = L L^T: L^T (df/dq) L. Positions where `mask` is false stay zero.
  package static func riemannianGradient(
    at q: Matrix, step: Double = 1e-3, mask: (Int, Int) -> Bool = { _, _ in true }, _ f: (Matrix) -> Double
  ) -> Matrix {
    guard let l = cholesky(q) else { return Matrix(rows: q.rows, columns: q.rows, repeating: .nan) }
    var gradient = Matrix(rows: q.rows, columns: q.rows)
    for i in 0..<q.rows {
      for j in 0...i where mask(i, j) {
        var e = Matrix(rows: q.rows, columns: q.rows)
        e[i, j] = i == j ? 1 : 0.5
        e[j, i] = e[i, j]
        let direction = product(product(l, e), l.transposed)
        gradient[i, j] = derivative(step: step) { f(q + $0 * direction) }
        gradient[j, i] = gradient[i, j]
      }
    }
    return gradient
  }
}
