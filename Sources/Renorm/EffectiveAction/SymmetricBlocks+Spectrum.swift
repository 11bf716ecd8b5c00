internal import Foundation
internal import LinearAlgebra

extension SymmetricBlocks {
  /// f applied to the eigenvalues of every block.
  func mapEigenvalues(_ f: (Double) -> Double) throws(LinearAlgebraError) -> SymmetricBlocks {
    try map { (block) throws(LinearAlgebraError) in
      if block.rows == 1 { return Matrix(rows: 1, columns: 1, repeating: f(block[0, 0])) }
      return try SymmetricEigen(block).map(f).symmetricPart
    }
  }

  /// The matrix exponential.
  func exponential() throws(LinearAlgebraError) -> SymmetricBlocks { try mapEigenvalues(exp) }

  /// The matrix logarithm of a positive definite matrix.
  func logarithm() throws(LinearAlgebraError) -> SymmetricBlocks {
    try mapEigenvalues { log($0) }
  }

  /// The symmetric square root of a positive definite matrix.
  func squareRoot() throws(LinearAlgebraError) -> SymmetricBlocks {
    try mapEigenvalues { max($0, 0).squareRoot() }
  }

  /// The sum of the logarithms of the eigenvalues; NaN unless positive definite.
  var logDeterminant: Double {
    blocks.reduce(0) { sum, block in
      sum + ((try? Cholesky(block).logDeterminant) ?? .nan)
    }
  }

  /// The independent elements, off-diagonal ones weighted by sqrt(2), so that the Euclidean inner product of two
  /// coordinate vectors is the Frobenius inner product.
  var coordinates: [Double] {
    blocks.flatMap { block in
      (0..<block.columns).flatMap { j in
        (j..<block.rows).map { i in i == j ? block[i, i] : 2.0.squareRoot() * block[i, j] }
      }
    }
  }

  /// The symmetric matrix with the given coordinates and blocks of the given sizes.
  init(coordinates: [Double], sizes: [Int]) {
    var start = 0
    blocks = sizes.map { size in
      var block = Matrix(rows: size, columns: size)
      for j in 0..<size {
        for i in j..<size {
          block[i, j] = i == j ? coordinates[start] : coordinates[start] / 2.0.squareRoot()
          block[j, i] = block[i, j]
          start += 1
        }
      }
      return block
    }
  }
}
