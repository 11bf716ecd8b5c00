internal import LinearAlgebra

/// The data term of a network with many local kernels and one output (LCN and CNN).
struct BankDataTerm: DataTerm {
  let bank: KernelBank
  /// m_i(x), P x n; nil for odd activations.
  let means: Matrix?
  let targets: [Double]
  let readout: ReadoutFactor
  let parameters: ActionParameters
  /// The noise of every example over T; 1 where nil.
  var noise: [Double]?

  var blockSizes: [Int] { readout.blockSizes(bank.pairs) }
  var hasMeans: Bool { means != nil }

  func evaluate(
    _ covariance: BlockDiagonal, mean rule: (MeanProjections) throws(LinearAlgebraError) -> BlockDiagonal
  ) throws(LinearAlgebraError) -> DataTermValue {
    let w = readout.toPositions(covariance.dense)
    var a = bank.renormalizedKernel(parameters.kernelScale, covariance: w, mean: 0 * w, means)
    for i in 0..<a.rows { a[i, i] += parameters.temperature * (noise?[i] ?? 1) }
    let element = bank.elementRounding * a.rootMeanSquareOfLowerTriangle
    let largest = a.diagonal.max() ?? 0
    let factor = try Cholesky(a)
    let meanPart = try means.map { (means) throws(LinearAlgebraError) in
      try MeanPart(means, self, factor, rule)
    }
    var u = factor.solve(targets)
    var inverse = factor.inverseLowerTriangle()
    meanPart?.update(inverse: &inverse, solution: &u)

    let logDeterminant = factor.logDeterminant + (meanPart?.posterior.logDeterminant ?? 0)
    let quadraticForm = dot(targets, u)
    var (inverseGradient, targetGradient) = bank.contract(lower: inverse, outer: u)
    var meanGradient: Matrix?
    if let meanPart {
      // Kc . G = K . G - m^T G m with G = A^-1 - u u^T.
      let (own, target) = meanPart.projections(of: u)
      inverseGradient = inverseGradient - own
      targetGradient = targetGradient - target
      meanGradient = own - target
    }
    let scale = parameters.kernelScale / parameters.width
    let normSquared = dot(u, u)
    let rounding = KernelRounding(
      elements: [element], normsSquared: [normSquared], inverseTraces: [inverse.trace], parameters)
    return DataTermValue(
      value: (logDeterminant + quadraticForm) / parameters.width,
      inverseGradient: blocks(scale * inverseGradient), targetGradient: blocks(scale * targetGradient),
      meanGradient: meanGradient.map { blocks(scale * $0) }, logDeterminant: logDeterminant,
      quadraticForm: quadraticForm,
      gradientScale: largest * (inverse.trace + normSquared) / parameters.width,
      kernelRounding: rounding.gradient, factorization: (factor, u))
  }

  private func blocks(_ gradient: Matrix) -> BlockDiagonal {
    BlockDiagonal(of: readout.toCoordinates(gradient), sizes: blockSizes)
  }
}

/// What the part 1/(lambda1 n) m R m^T of the kernel, of rank n at most, adds to solutions with Ac.
private struct MeanPart {
  private let means: Matrix
  /// Ac^-1 m B, P x r.
  private let solved: Matrix
  /// m^T Ac^-1 m B and m^T Ac^-1 m.
  private let gram: Matrix
  private let positionGram: Matrix
  /// The posterior of the coefficients of m B.
  let posterior: CoefficientPosterior

  init(
    _ means: Matrix, _ term: BankDataTerm, _ factor: Cholesky,
    _ rule: (MeanProjections) throws(LinearAlgebraError) -> BlockDiagonal
  ) throws(LinearAlgebraError) {
    self.means = means
    let scale = term.parameters.kernelScale
    let positionSolved = factor.solve(means)
    solved = term.readout.basis.map { positionSolved * $0 } ?? positionSolved
    positionGram = (means.asTranspose * positionSolved).symmetricPart
    gram = means.asTranspose * solved
    let coordinateGram = term.readout.toCoordinates(positionGram)
    let targets = (solved.asTranspose * Matrix(columns: [term.targets])).column(0)
    let mean = try rule(
      MeanProjections(gram: scale * coordinateGram, targets: targets.scaled(by: scale.squareRoot())))
    posterior = try CoefficientPosterior(
      prior: scale * mean.dense, precision: coordinateGram, targets: targets)
  }

  /// Turns Ac^-1 (its lower triangle) and Ac^-1 y into A^-1 and A^-1 y.
  func update(inverse: inout Matrix, solution: inout [Double]) {
    inverse.add(-1, congruence: solved, posterior.covariance, solved)
    solution.add(-1, solved * posterior.mean)
  }

  /// m^T A^-1 m and (m^T u)(m^T u)^T, n x n.
  func projections(of u: [Double]) -> (Matrix, Matrix) {
    let projection = Matrix(columns: [means.asTranspose * u])
    return (
      positionGram - (gram * posterior.covariance * gram.asTranspose).symmetricPart,
      projection * projection.asTranspose
    )
  }
}
