package import LinearAlgebra

/// Gaussian likelihood on a bank of kernels with one output (LCN and CNN, or kernels from anywhere).
package struct BankDataTerm<Bank: KernelBank>: DataTerm {
  package let bank: Bank
  /// m_i(x), P x n; nil for odd activations.
  package let means: Matrix?
  package let targets: [Double]
  package let space: OrderParameterSpace
  package let parameters: ActionParameters
  /// The noise of every example over T; 1 where nil.
  package let noise: [Double]?

  package init(
    bank: Bank, means: Matrix?, targets: [Double], space: OrderParameterSpace, parameters: ActionParameters,
    noise: [Double]? = nil
  ) {
    self.noise = noise
    self.bank = bank
    self.means = means
    self.targets = targets
    self.space = space
    self.parameters = parameters
  }

  package var hasMeans: Bool { means != nil }

  package func point(at covariance: BlockDiagonal) throws(LinearAlgebraError) -> BankDataPoint<Bank> {
    let w = space.matrix(covariance.dense)
    var a = bank.renormalizedKernel(parameters.kernelScale, covariance: w, mean: 0 * w, means)
    for i in 0..<a.rows { a[i, i] += parameters.temperature * (noise?[i] ?? 1) }
    let element = bank.elementRounding * a.rootMeanSquareOfLowerTriangle
    let largest = a.diagonal.max() ?? 0
    let factor = try Cholesky(a)
    return BankDataPoint(
      term: self, factor: factor, largest: largest, element: element,
      means: means.map { MeanPart($0, targets: targets, space, factor, scale: parameters.kernelScale) })
  }
}

/// A factored covariance Ac = T I + 1/(lambda1 n) sum_ij Qbar_ij Kc_ij; A itself where there are no means.
package struct BankDataPoint<Bank: KernelBank>: DataPoint {
  fileprivate let term: BankDataTerm<Bank>
  fileprivate let factor: Cholesky
  /// The largest element of the diagonal of Ac.
  fileprivate let largest: Double
  /// The size of rounding in an element of Ac.
  fileprivate let element: Double
  fileprivate let means: MeanPart?

  package var projections: MeanProjections? { means?.projections }

  package func value(mean: BlockDiagonal?) throws(LinearAlgebraError) -> DataTermValue {
    let parameters = term.parameters
    var posterior: CoefficientPosterior?
    if let means, let mean { posterior = try means.posterior(mean) }
    var u = factor.solve(term.targets)
    var inverse = factor.inverseLowerTriangle()
    if let means, let posterior { means.update(posterior, inverse: &inverse, solution: &u) }

    let logDeterminant = factor.logDeterminant + (posterior?.logDeterminant ?? 0)
    let quadraticForm = dot(term.targets, u)
    var (inverseGradient, targetGradient) = term.bank.contract(lower: inverse, outer: u)
    var meanGradient: Matrix?
    if let means, let posterior {
      // Kc . G = K . G - m^T G m with G = A^-1 - u u^T.
      let (own, target) = means.projections(posterior, of: u)
      inverseGradient = inverseGradient - own
      targetGradient = targetGradient - target
      meanGradient = own - target
    }
    let scale = parameters.kernelScale / parameters.width
    let normSquared = dot(u, u)
    let rounding = KernelRounding(
      elements: [element], normsSquared: [normSquared], inverseTraces: [inverse.trace], parameters)
    let blocks = { (gradient: Matrix) in term.space.coordinates(ofGradient: scale * gradient) }
    return DataTermValue(
      value: (logDeterminant + quadraticForm) / parameters.width,
      inverseGradient: blocks(inverseGradient), targetGradient: blocks(targetGradient),
      meanGradient: meanGradient.map(blocks), logDeterminant: logDeterminant, quadraticForm: quadraticForm,
      gradientScale: largest * (inverse.trace + normSquared) / parameters.width,
      kernelRounding: rounding.gradient, factorization: (factor, u))
  }
}

/// What the part 1/(lambda1 n) m R m^T of the kernel, of rank n at most, adds to solutions with Ac; m^T Ac^-1 m and
/// m^T Ac^-1 y do not depend on R.
private struct MeanPart {
  private let means: Matrix
  /// Ac^-1 m B, P x r.
  private let solved: Matrix
  /// m^T Ac^-1 m B and m^T Ac^-1 m.
  private let gram: Matrix
  private let positionGram: Matrix
  private let coordinateGram: Matrix
  private let projectedTargets: [Double]
  private let scale: Double

  init(
    _ means: Matrix, targets: [Double], _ space: OrderParameterSpace, _ factor: Cholesky, scale: Double
  ) {
    self.means = means
    self.scale = scale
    let positionSolved = factor.solve(means)
    solved = space.basis.map { positionSolved * $0 } ?? positionSolved
    positionGram = (means.asTranspose * positionSolved).symmetricPart
    gram = means.asTranspose * solved
    coordinateGram = space.pullBack(positionGram)
    projectedTargets = (solved.asTranspose * Matrix(columns: [targets])).column(0)
  }

  var projections: MeanProjections {
    MeanProjections(gram: scale * coordinateGram, targets: projectedTargets.scaled(by: scale.squareRoot()))
  }

  /// The posterior of the coefficients of m B.
  func posterior(_ mean: BlockDiagonal) throws(LinearAlgebraError) -> CoefficientPosterior {
    try CoefficientPosterior(prior: scale * mean.dense, precision: coordinateGram, targets: projectedTargets)
  }

  /// Turns Ac^-1 (its lower triangle) and Ac^-1 y into A^-1 and A^-1 y.
  func update(_ posterior: CoefficientPosterior, inverse: inout Matrix, solution: inout [Double]) {
    inverse.add(-1, congruence: solved, posterior.covariance, solved)
    solution.add(-1, solved * posterior.mean)
  }

  /// m^T A^-1 m and (m^T u)(m^T u)^T, n x n.
  func projections(_ posterior: CoefficientPosterior, of u: [Double]) -> (Matrix, Matrix) {
    let projection = Matrix(columns: [means.asTranspose * u])
    return (
      positionGram - (gram * posterior.covariance * gram.asTranspose).symmetricPart,
      projection * projection.asTranspose
    )
  }
}
