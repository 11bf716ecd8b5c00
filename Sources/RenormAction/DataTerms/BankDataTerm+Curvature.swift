package import GSLNumerics
package import LinearAlgebra

/// What the curvature of a bank's data term takes.
package enum BankCurvature {
  /// Random vectors that estimate the curvature of log det A to a few percent. More cost more than the steps that
  /// they save.
  package static let probes = 7

  /// Pairs of indices beyond which the curvature, quadratic in them, is not worth its memory.
  package static let largestDimension = 4096
}

extension BankDataTerm {
  /// With k_a the derivative of K_R along coordinate a: k_a u for the target part, and k_a z for probes z of
  /// covariance A^-1, so that the average of (k_a z)^T A^-1 (k_b z) is tr(A^-1 k_a A^-1 k_b) (Hutchinson).
  package func curvature(
    at value: DataTermValue, frame: BlockDiagonal, random: RandomGenerator
  ) throws(LinearAlgebraError) -> DataTermCurvature? {
    let dimension = bank.pairs.count
    guard dimension <= BankCurvature.largestDimension, let (factor, u) = value.factorization else { return nil }
    let probes = factor.solveLowerTransposed(Self.probeVectors(order: factor.order, random))
    var target = Matrix(rows: dimension, columns: dimension)
    var inverse = target
    let vectors = [u] + (0..<probes.columns).map(probes.column)
    let products = bank.products(Matrix(columns: vectors))
    for (r, product) in products.enumerated() {
      let whitened = factor.solveLower(centred(product, vectors[r]))
      if r == 0 {
        target.addToLowerTriangle(2 / parameters.width, gram: whitened)
      } else {
        inverse.addToLowerTriangle(1 / parameters.width, gram: whitened)
      }
    }
    let scale = parameters.kernelScale * parameters.kernelScale
    let (sizes, pairs, space) = (space.blockSizes, bank.pairs, space)
    let adjoint = frame.map { $0.transposed }
    // Over X: dW = B L X L^T B^T, the Gram matrix of its pairs, and the adjoint back.
    let inFrame = { (gram: Matrix) in
      { (x: [Double]) -> [Double] in
        let change = BlockDiagonal(coordinates: x, sizes: sizes).congruence(by: adjoint)
        let weights = pairs.weights(space.matrix(change.dense))
        let sums = Matrix.symmetricProduct(lower: gram, Matrix(columns: [weights])).column(0)
        let gradient = space.coordinates(ofGradient: scale * pairs.matrix(sums: sums))
        return gradient.congruence(by: frame).coordinates
      }
    }
    return DataTermCurvature(target: inFrame(target), inverse: inFrame(inverse))
  }

  /// Products of a vector with Kc instead of K, P x pairs.
  func centred(_ product: Matrix, _ vector: [Double]) -> Matrix {
    guard let means else { return product }
    let projection = means.asTranspose * vector
    var columns: [[Double]] = []
    for (a, pair) in bank.pairs.pairs.enumerated() {
      var column = product.column(a)
      column.add(-projection[pair.j], means.column(pair.i))
      if pair.i != pair.j { column.add(-projection[pair.i], means.column(pair.j)) }
      columns.append(column)
    }
    return Matrix(columns: columns)
  }

  /// Vectors whose outer products add up to the identity on average; exactly where there are few examples.
  private static func probeVectors(order: Int, _ random: RandomGenerator) -> Matrix {
    if order <= BankCurvature.probes { return .identity(order) }
    let size = 1 / Double(BankCurvature.probes).squareRoot()
    return Matrix(rows: order, columns: BankCurvature.probes) { _, _ in random.uniform() < 0.5 ? size : -size }
  }
}
