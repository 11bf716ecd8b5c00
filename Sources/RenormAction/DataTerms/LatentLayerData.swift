package import LinearAlgebra

/// A likelihood that is no Gaussian noise of one latent an example, on the bank of a deep network, K_R = sum_k
/// w_k(x) B_k:
///
///     -2 log Z_lik(K_R(x)),   c_k = w_k tr(B_k (R + b b^T - u u^T)) the derivative by log w_k
///
/// (`LatentIntegral`, docs/classification.md). Curvatures of the likelihood change with x too, so that second
/// derivatives are differences of gradients.
package struct LatentLayerData: LayerData {
  /// B_k, P x P, both triangles.
  private let bank: [Matrix]
  private let weights: LayerWeights
  private let likelihood: any LatentLikelihood
  /// Rows of the targets.
  private let labels: [[Double]]
  private let approximation: any LatentApproximation
  private let memory = LatentMemory()

  /// - Parameters:
  ///   - bank: of which the lower triangles are read.
  ///   - labels: rows of the targets.
  package init(
    bank: [Matrix], weights: LayerWeights, likelihood: any LatentLikelihood, labels: [[Double]],
    approximation: LikelihoodApproximation
  ) {
    self.bank = bank.map(\.mirrored)
    (self.weights, self.likelihood, self.labels) = (weights, likelihood, labels)
    self.approximation = approximation.method
  }

  /// The temperature is in the likelihood.
  package func point(_ x: [Double], temperature: Double) throws(LinearAlgebraError) -> LayerDataPoint {
    let w = weights.values(x)
    let kernel = bank.weightedSum(w)
    let integral = try approximation.integral(kernel, labels: labels, likelihood, from: memory.state)
    memory.state = integral.state
    let u = integral.response
    var inverse = integral.inverse
    inverse.add(1, outer: integral.shift, integral.shift)
    let c = bank.indices.map { k in
      w[k] * (inverse.innerProductOfLowerTriangles(bank[k]) - dot(u, bank[k] * u))
    }
    let gradient = weights.pullBack(c)
    return LayerDataPoint(
      value: -2 * integral.logLikelihood, gradient: gradient,
      hessian: { () throws(LinearAlgebraError) in
        try differences(x, gradient, temperature: temperature)
      },
      elementSize: kernel.rootMeanSquareOfLowerTriangle, normSquared: dot(u, u), inverseTrace: inverse.trace)
  }
}
