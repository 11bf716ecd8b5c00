internal import LinearAlgebra

/// Training kernels whose order parameter has an index for every position: K_R is a sum over a bank of kernels, and
/// has to be summed and factored anew for every order parameter (docs/theory.md, sections 3 to 6).
protocol PositionKernels: TrainingKernels {
  associatedtype Bank: KernelBank
  /// The kernels, of order P D for D outputs that are coupled.
  var bank: Bank { get }
  /// What rounding of the inputs is multiplied by in kernels.
  var amplification: Double { get }
  /// D, or 1.
  var outputs: Int { get }
  /// m_i(x), or m_i(x) (x) 1, one row for each of the bank's; nil for odd activations.
  var means: Matrix? { get }
  var range: RangeExamples { get }
}

extension PositionKernels {
  func dataTerm(_ network: Network, _ parameters: ActionParameters) -> any DataTerm {
    if let likelihood = network.latentLikelihood(outputs: range.targets.columns) {
      return LatentDataTerm(bank: bank, space: space, parameters, likelihood, network, range)
    }
    return BankDataTerm(
      bank: bank, means: means, targets: range.targets.interleaved, space: space, parameters: parameters,
      noise: range.multiplicities.map { counts in
        counts.flatMap { [Double](repeating: 1 / $0, count: outputs) }
      })
  }

  func outside(_ temperature: Double) -> OutsideRange { range.outside(temperature, isWhitened: false) }

  /// scale * sum_ij [ W_ij Kc_ij + R_ij m_i m_j^T ] with W = B Qbar' B^T and R = B R' B^T; at infinite width,
  /// and without means, R = W.
  func trainingKernel(_ scale: Double, _ solution: Solution) -> PackedSymmetric {
    let w = space.matrix(solution.weights.covariance.dense)
    let r = solution.weights.mean.map { space.matrix($0.dense) } ?? w
    return PackedSymmetric(lowerTriangleOf: bank.renormalizedKernel(scale, covariance: w, mean: r, means))
  }

  var storedRounding: Double? { bank.elementRounding }

  func regression(
    _ network: Network, _ solved: SolvedAction
  ) throws(RenormError) -> (any Regression)? {
    // Without means, the solver's last factor is that of the predictor.
    guard let factor = solved.value?.factorization?.factor as? Cholesky, solved.solution.weights.mean == nil
    else {
      return nil
    }
    return try GaussianChannels(
      factoring: { (_) throws(LinearAlgebraError) in factor },
      targets: Matrix(columns: [range.targets.interleaved]), basis: .identity(1), weights: [1],
      outside: outside(network.temperature), noise: range.noises(network.temperature),
      // Elements are at most as large as those of the diagonal.
      rounding: ElementRounding(
        kernelSize: factor.trace / Double(factor.order), amplification: amplification,
        storage: bank.elementRounding),
      toTrainingOrder: { range.scaledByNoise(1, $0) }, interleaved: outputs)
  }
}
