internal import Foundation

extension BlockDiagonal {
  /// f applied to the eigenvalues of every block.
  package func mapEigenvalues(_ f: (Double) -> Double) throws(LinearAlgebraError) -> BlockDiagonal {
    try map { (block) throws(LinearAlgebraError) in
      if block.rows == 1 { return Matrix(rows: 1, columns: 1, repeating: f(block[0, 0])) }
      return try SymmetricEigen(block).map(f).symmetricPart
    }
  }

  /// The matrix exponential.
  package func exponential() throws(LinearAlgebraError) -> BlockDiagonal { try mapEigenvalues(exp) }

  /// The matrix logarithm of a positive definite matrix.
  package func logarithm() throws(LinearAlgebraError) -> BlockDiagonal {
    try mapEigenvalues { log($0) }
  }

  /// The symmetric square root of a positive definite matrix.
  package func squareRoot() throws(LinearAlgebraError) -> BlockDiagonal {
    try mapEigenvalues { max($0, 0).squareRoot() }
  }

  /// log det of a positive definite matrix.
  ///
  /// - Throws: `LinearAlgebraError.notPositiveDefinite`.
  package func logDeterminant() throws(LinearAlgebraError) -> Double {
    var sum = 0.0
    for block in blocks { sum += try Cholesky(block).logDeterminant }
    return sum
  }

  /// The spectral norm.
  package func largestAbsoluteEigenvalue() throws(LinearAlgebraError) -> Double {
    var largest = 0.0
    for block in blocks {
      let values = try SymmetricEigen(block).values
      largest = max(largest, abs(values.first ?? 0), abs(values.last ?? 0))
    }
    return largest
  }

  /// The largest Frobenius norm of a block.
  package var largestBlockNorm: Double {
    blocks.map { $0.innerProduct($0).squareRoot() }.max() ?? 0
  }

  /// The independent elements, off-diagonal ones weighted by sqrt(2), so that the Euclidean inner product of
  /// two coordinate vectors is the Frobenius inner product.
  package var coordinates: [Double] {
    blocks.flatMap { block in
      (0..<block.columns).flatMap { j in
        (j..<block.rows).map { i in i == j ? block[i, i] : 2.0.squareRoot() * block[i, j] }
      }
    }
  }

  /// The symmetric matrix with the given coordinates and blocks of the given sizes.
  package init(coordinates: [Double], sizes: [Int]) {
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
