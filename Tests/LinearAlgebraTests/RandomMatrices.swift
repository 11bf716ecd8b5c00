import GSLNumerics
import LinearAlgebra

extension Matrix {
  /// Independent Gaussian elements of variance 1.
  static func random(_ rows: Int, _ columns: Int, _ generator: RandomGenerator) -> Matrix {
    Matrix(rows: rows, columns: columns) { _, _ in generator.gaussian() }
  }

  /// A symmetric matrix with Gaussian elements.
  static func randomSymmetric(_ order: Int, _ generator: RandomGenerator) -> Matrix {
    let g = random(order, order, generator)
    return Matrix(rows: order, columns: order) { i, j in g[max(i, j), min(i, j)] }
  }

  /// B B^T + order, well conditioned.
  static func randomPositiveDefinite(_ order: Int, _ generator: RandomGenerator) -> Matrix {
    let b = random(order, order, generator)
    return Matrix(rows: order, columns: order) { i, j in
      (0..<order).reduce(i == j ? Double(order) : 0) { $0 + b[i, $1] * b[j, $1] }
    }
  }

  /// The same lower triangle with NaN above the diagonal: who reads there is found out.
  var poisonedAbove: Matrix {
    Matrix(rows: rows, columns: columns) { i, j in i >= j ? self[i, j] : .nan }
  }
}

/// The product by its definition.
func naiveProduct(_ a: Matrix, _ b: Matrix) -> Matrix {
  Matrix(rows: a.rows, columns: b.columns) { i, j in
    (0..<a.columns).reduce(0) { $0 + a[i, $1] * b[$1, j] }
  }
}

/// The determinant by Gaussian elimination with row exchanges.
func naiveDeterminant(_ matrix: Matrix) -> Double {
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
