package import GSLNumerics
package import LinearAlgebra

/// Sizes that bound the cost of a bank's second derivatives.
package enum BankCurvature {
  /// Random vectors ("probes") that estimate the second derivative of log det A. With u they fill one pass over
  /// the kernels, which multiplies 8 vectors at once. Twelve in passes of 16 cost as much as 1.7 evaluations of
  /// the gradient, seven 1.1 to 1.2, with the same number of steps (measured when the number was chosen).
  package static let probes = 7

  /// Pairs of indices beyond which there is no curvature: its two matrices of this order would take 256 MiB. A
  /// CNN of 90 positions has as many pairs; steps of larger ones start from the natural metric alone.
  package static let largestDimension = 4096
}

extension BankTerm {
  /// The second derivatives of the data part (docs/theory.md, section 3), with k_a the derivative of K_R along
  /// coordinate a of Q:
  ///
  ///     Y_ab = (2/N) u^T k_a A^-1 k_b u              of y^T A^-1 y
  ///     E_ab = (1/N) tr(A^-1 k_a A^-1 k_b)           of -log det A
  ///
  /// Other likelihoods have R in the place of A^-1 (`LatentIntegral`); what the curvatures of their logarithm
  /// change with K is left to the quasi-Newton steps. Both are Gram matrices in the metric A^-1: of the vectors
  /// k_a u, and of k_a z for random z = L_A^-T xi of covariance A^-1 = (L_A L_A^T)^-1, xi of independent signs,
  /// as the mean of (k_a z)^T A^-1 (k_b z) is the trace (M. F. Hutchinson, Commun. Stat. Simul. Comput. 19
  /// (1990)). With means the kernels are Kc_ij and A^-1 between them is Ac^-1: an approximation, which steers
  /// the steps and enters no result.
  ///
  /// - Parameters:
  ///   - value: the data term at the point, with its factor and u.
  ///   - frame: L of Q = L L^T, in whose coordinates the operators act.
  ///   - random: the source of signs.
  /// - Returns: nil beyond `BankCurvature.largestDimension`.
  package func curvature(
    at value: DataTermValue, frame: BlockDiagonal, random: RandomGenerator
  ) throws(LinearAlgebraError) -> DataTermCurvature? {
    let dimension = bank.pairs.count
    if let curvature = mappedCurvature(at: value, frame: frame, random: random) { return curvature }
    guard dimension <= BankCurvature.largestDimension, let (factor, u) = value.factorization else { return nil }
    let probes = factor.color(Self.probeVectors(order: factor.order, random))
    var target = Matrix(rows: dimension, columns: dimension)
    var inverse = target
    let vectors = [u] + (0..<probes.columns).map(probes.column)
    let products = bank.products(Matrix(columns: vectors))
    for (r, product) in products.enumerated() {
      let whitened = factor.whiten(centred(product, vectors[r]))
      if r == 0 {
        target.addToLowerTriangle(2 / parameters.width, gram: whitened)
      } else {
        inverse.addToLowerTriangle(1 / parameters.width, gram: whitened)
      }
    }
    let scale = parameters.kernelScale * parameters.kernelScale
    let (sizes, pairs, space) = (space.blockSizes, bank.pairs, bankSpace)
    let adjoint = frame.map { $0.transposed }
    // From a step X to the change of the weights, dW = B L X L^T B^T; the Gram matrix over pairs of indices;
    // and the adjoint of the first map, G -> L^T B^T G B L, back.
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

  /// xi: vectors whose outer products add up to the identity on average; exactly where there are at most as
  /// many examples as probes. P x 7 (P x P there).
  static func probeVectors(order: Int, _ random: RandomGenerator) -> Matrix {
    if order <= BankCurvature.probes { return .identity(order) }
    let size = 1 / Double(BankCurvature.probes).squareRoot()
    return Matrix(rows: order, columns: BankCurvature.probes) { _, _ in random.uniform() < 0.5 ? size : -size }
  }
}
