package import LinearAlgebra

/// Gaussian likelihood on a bank of kernels with one output (LCN and CNN, or kernels from anywhere):
///
///     data(Q) = (1/N) [ log det A + y^T A^-1 y ],   A = T diag(noise) + K_R,
///     K_R     = 1/(lambda1 n) sum_ij [ W_ij Kc_ij + R_ij m_i m_j^T ],   Kc_ij = K_ij - m_i m_j^T
///
/// (docs/theory.md, sections 3 and 4; W = Q and no m for odd activations; Aiudi et al., Nat. Commun. 16
/// (2025)). A point costs one pass over the kernels for A, one Cholesky factorisation with the inverse (P^3),
/// and a second pass for all derivatives.
package struct BankDataTerm<Bank: KernelBank>: BankTerm {
  package let bank: Bank
  /// m_i(x), P x n; nil for odd activations.
  package let means: Matrix?
  /// y, P numbers.
  package let targets: [Double]
  package let space: OrderParameterSpace
  package let parameters: ActionParameters
  /// The variance of the noise of every example over T (1/d where an example stands for d equal ones); 1 where
  /// nil.
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

  /// The least variance of the noise of an example.
  var leastNoise: Double { parameters.temperature * (noise?.min() ?? 1) }

  /// Ac = T diag(noise) + 1/(lambda1 n) sum_ij W_ij Kc_ij, factored.
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
///
/// The rest of A, 1/(lambda1 n) m R m^T, is of rank n at most. It is added by the matrix inversion lemma once
/// the prior term has found R, so that one factorisation serves the inner maximisation over R too.
package struct BankDataPoint<Bank: KernelBank>: DataPoint {
  fileprivate let term: BankDataTerm<Bank>
  fileprivate let factor: Cholesky
  /// The largest element of the diagonal of Ac.
  fileprivate let largest: Double
  /// The size of rounding in an element of Ac.
  fileprivate let element: Double
  fileprivate let means: MeanPart?

  package var projections: MeanProjections? { means?.projections }

  /// With R: log det A, y^T A^-1 y, u = A^-1 y and A^-1, and from these all derivatives, in one pass over the
  /// kernels, tr(Kc_ij G) = tr(K_ij G) - m_i^T G m_j for both parts of G = A^-1 - u u^T.
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
      elements: [element], normsSquared: [normSquared],
      noiseTraces: [
        (0..<inverse.rows).reduce(0) { $0 + parameters.temperature * (term.noise?[$1] ?? 1) * inverse[$1, $1] }
      ], leastNoise: term.leastNoise, parameters)
    let blocks = { (gradient: Matrix) in term.space.coordinates(ofGradient: scale * gradient) }
    return DataTermValue(
      value: (logDeterminant + quadraticForm) / parameters.width, misfit: quadraticForm / parameters.width,
      inverseGradient: blocks(inverseGradient), targetGradient: blocks(targetGradient),
      meanGradient: meanGradient.map(blocks),
      gradientScale: largest * (inverse.trace + normSquared) / parameters.width,
      kernelRounding: rounding.gradient, factorization: (factor, u))
  }
}

/// What the part c m R m^T of the kernel, c = 1/(lambda1 n), adds to solutions with Ac. Read as a regression,
/// it is a feature m(x) with coefficients beta ~ N(0, c R) (Rasmussen and Williams, Gaussian Processes, 2006,
/// section 2.7):
///
///     A^-1   = Ac^-1 - Ac^-1 m V m^T Ac^-1,   V = ((c R)^-1 + m^T Ac^-1 m)^-1
///     A^-1 y = Ac^-1 (y - m beta),            beta = V m^T Ac^-1 y
///     log det A = log det Ac + log det(1 + c R m^T Ac^-1 m)
///
/// m stands for m B, P x r, where a readout factor B couples positions. m^T Ac^-1 m and m^T Ac^-1 y do not
/// depend on R.
private struct MeanPart {
  private let means: Matrix
  /// Ac^-1 m B, P x r.
  private let solved: Matrix
  /// m^T Ac^-1 m B, n x r.
  private let gram: Matrix
  /// m^T Ac^-1 m, n x n.
  private let positionGram: Matrix
  /// B^T m^T Ac^-1 m B, r x r.
  private let coordinateGram: Matrix
  /// B^T m^T Ac^-1 y, r numbers.
  private let projectedTargets: [Double]
  /// c = 1/(lambda1 n).
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

  /// The posterior of the coefficients beta of m B: V, beta and log det(1 + c R M).
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
