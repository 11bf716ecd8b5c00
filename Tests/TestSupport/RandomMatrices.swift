import GSLNumerics
import LinearAlgebra

extension Matrix {
  /// Independent Gaussian elements of variance 1.
  package static func random(_ rows: Int, _ columns: Int, _ generator: RandomGenerator) -> Matrix {
    Matrix(rows: rows, columns: columns) { _, _ in generator.gaussian() }
  }

  /// A symmetric matrix with Gaussian elements.
  package static func randomSymmetric(_ order: Int, _ generator: RandomGenerator) -> Matrix {
    let g = random(order, order, generator)
    return Matrix(rows: order, columns: order) { i, j in g[max(i, j), min(i, j)] }
  }

  /// B B^T / n + 0.3 with n x n Gaussian elements B: symmetric positive definite, eigenvalues from 0.3 to about
  /// 5.
  package static func randomPositiveDefinite(_ order: Int, _ generator: RandomGenerator) -> Matrix {
    let b = random(order, order, generator)
    return 0.3 * .identity(order) + (1 / Double(order)) * Naive.product(b, b.transposed)
  }

  /// The same lower triangle with NaN above the diagonal: who reads there is found out.
  package var poisonedAbove: Matrix {
    Matrix(rows: rows, columns: columns) { i, j in i >= j ? self[i, j] : .nan }
  }

  /// The Frobenius norm.
  package var frobenius: Double { elements.reduce(0) { $0 + $1 * $1 }.squareRoot() }
  /// The size of the largest element.
  package var largest: Double { elements.reduce(0) { max($0, abs($1)) } }
}
