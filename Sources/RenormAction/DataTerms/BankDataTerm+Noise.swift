package import GSLNumerics
package import LinearAlgebra

extension BankDataTerm {
  /// An error e_a of the kernel k_a of every pair of indices changes u^T k_a u by u^T e_a u - 2 u^T k_a A^-1 E
  /// u, where E = scale sum_a W_a e_a; the trace tr(A^-1 k_a) is a smaller part, of which the size alone is
  /// drawn. The kernels are taken as of one size.
  package func gradientNoise(
    at value: DataTermValue, covariance: BlockDiagonal, mean: BlockDiagonal?, draws: Int,
    random: RandomGenerator
  ) throws(LinearAlgebraError) -> [BlockDiagonal]? {
    let pairs = bank.pairs
    guard pairs.count <= BankCurvature.largestDimension, let (factor, u) = value.factorization else {
      return nil
    }
    let w = space.matrix(covariance.dense)
    let weights = pairs.weights(w)
    // K_ij + K_ji is the sum of two kernels.
    let multiplicities = pairs.pairs.map { $0.i == $0.j ? 1 : 2.0.squareRoot() }
    let total = bank.renormalizedKernel(1, covariance: w, mean: 0 * w, means).rootMeanSquareOfLowerTriangle
    let weight = zip(weights, multiplicities).reduce(0) { $0 + $1.0 * $1.0 * $1.1 * $1.1 }.squareRoot()
    let element = bank.elementRounding * total / weight
    let size = element * dot(u, u).squareRoot()
    let noiseTrace = max(
      0, Double(factor.order) - parameters.width * value.inverseGradient.innerProduct(covariance))
    let traceSize = element * KernelRounding.traceFactor(noiseTrace, leastNoise: leastNoise)
    let products = centred(bank.products(Matrix(columns: [u]))[0], u)

    return (0..<draws).map { _ in
      var errors = [Double](repeating: 0, count: u.count)
      var whole = errors
      var sums: [Double] = []
      for (a, multiplicity) in multiplicities.enumerated() {
        random.fillGaussian(&errors)
        whole.add(parameters.kernelScale * weights[a] * size * multiplicity, errors)
        sums.append(multiplicity * (size * dot(u, errors) + traceSize * random.gaussian()))
      }
      let change = factor.solve(Matrix(columns: [whole])).column(0)
      for a in sums.indices { sums[a] -= 2 * dot(change, products.column(a)) }
      return (parameters.kernelScale / parameters.width)
        * space.coordinates(ofGradient: pairs.matrix(sums: sums))
    }
  }
}
