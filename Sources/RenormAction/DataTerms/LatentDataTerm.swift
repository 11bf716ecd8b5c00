package import LinearAlgebra

/// A likelihood that is no Gaussian noise, on a bank of kernels:
///
///     data(Q) = -(2/N) log Z_lik(K_R(Q)),   K_R = 1/(lambda1 n) sum_ij Q_ij K_ij,
///
/// with its derivatives by G = -2 d log Z_lik/dK in the place of A^-1 - u u^T (docs/classification.md). The
/// prior of the outputs does not know the likelihood, so that nothing else of the action changes. G = (R + b
/// b^T) - u u^T with u = a + b (`LatentIntegral`) is a difference of two positive semidefinite matrices, as
/// A^-1 and u u^T are: the first is the part that makes the action concave, the second the convex one.
///
/// For activations without means: the maximum over the conjugate of section 4 is known in closed form for
/// Gaussian noise only.
package struct LatentDataTerm<Bank: KernelBank>: BankTerm {
  package let bank: Bank
  package let space: OrderParameterSpace
  package let bankSpace: OrderParameterSpace
  package let parameters: ActionParameters
  fileprivate let likelihood: any LatentLikelihood
  /// Rows of the targets.
  fileprivate let labels: [[Double]]
  fileprivate let approximation: any LatentApproximation
  fileprivate let memory = LatentMemory()

  package init(
    bank: Bank, space: OrderParameterSpace, bankSpace: OrderParameterSpace? = nil, parameters: ActionParameters,
    likelihood: any LatentLikelihood, labels: [[Double]], approximation: LikelihoodApproximation
  ) {
    self.bankSpace = bankSpace ?? space
    (self.bank, self.space, self.parameters, self.likelihood) = (bank, space, parameters, likelihood)
    self.labels = labels
    self.approximation = approximation.method
  }

  package var hasMeans: Bool { false }
  package var means: Matrix? { nil }

  /// The integral over the latents at Q, from where the last one ended: a search is 3 to 5 factorisations then,
  /// and 6 to 11 from nothing.
  package func point(at covariance: BlockDiagonal) throws(LinearAlgebraError) -> LatentDataPoint<Bank> {
    let kernel = bank.weightedSum(parameters.kernelScale * bankSpace.matrix(covariance.dense)).mirrored
    let integral = try approximation.integral(kernel, labels: labels, likelihood, from: memory.state)
    memory.state = integral.state
    return LatentDataPoint(
      term: self, integral: integral, largest: kernel.diagonal.max() ?? 0,
      element: bank.elementRounding * kernel.rootMeanSquareOfLowerTriangle)
  }
}

/// The integral over the latents at one order parameter.
package struct LatentDataPoint<Bank: KernelBank>: DataPoint {
  fileprivate let term: LatentDataTerm<Bank>
  fileprivate let integral: LatentIntegral
  /// The largest element of the diagonal of K_R.
  fileprivate let largest: Double
  /// The size of rounding in an element of K_R.
  fileprivate let element: Double

  package var projections: MeanProjections? { nil }

  /// One pass over the kernels: tr(K_ij (R + b b^T)) and u^T K_ij u.
  package func value(mean: BlockDiagonal?) throws(LinearAlgebraError) -> DataTermValue {
    let (width, scale) = (term.parameters.width, term.parameters.kernelScale)
    let u = integral.response
    var inverse = integral.inverse
    inverse.add(1, outer: integral.shift, integral.shift)
    let (own, target) = term.bank.contract(lower: inverse, outer: u)
    let blocks = { (gradient: Matrix) in term.bankSpace.coordinates(ofGradient: (scale / width) * gradient) }
    let normSquared = dot(u, u)
    // An error E of K changes G by about R E G + G E R, and tr(K G) with it by no more than E against G.
    let size = inverse.innerProductOfLowerTriangles(inverse).squareRoot() + normSquared
    return DataTermValue(
      value: -2 * integral.logLikelihood / width, misfit: nil, inverseGradient: blocks(own),
      targetGradient: blocks(target),
      meanGradient: nil, gradientScale: largest * (inverse.trace + normSquared) / width,
      kernelRounding: KernelRounding.correlation * 2.0.squareRoot() * element * size / width,
      factorization: (integral.compact, u))
  }
}
