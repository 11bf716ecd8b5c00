internal import LinearAlgebra

/// Local kernels of every pair of positions that share a filter, LCN and CNN: K_R = 1/(lambda1 n) sum_ij Q_ij
/// K_ij has to be summed and factored anew for every order parameter (docs/theory.md, sections 3, 4 and 6).
struct PositionBank: TrainingKernels {
  private let bank: TiledBank
  /// m_i(x), P x n; nil for odd activations.
  private let means: Matrix?
  private let range: RangeExamples
  let space: OrderParameterSpace

  init(
    _ network: Network, _ range: RangeExamples, _ local: LocalKernels, _ space: OrderParameterSpace,
    _ plan: MemoryPlan
  ) {
    bank = TiledBank(local, range.inputs, plan: plan.storage, amplification: range.amplification)
    means = network.activation.isOdd ? nil : local.means(range.inputs)
    self.range = range
    self.space = space
  }

  func dataTerm(_ parameters: ActionParameters) -> any DataTerm {
    BankDataTerm(
      bank: bank, means: means, targets: range.targets.column(0), space: space, parameters: parameters,
      noise: range.multiplicities.map { $0.map { 1 / $0 } })
  }

  func outside(_ temperature: Double) -> OutsideRange { range.outside(temperature, isWhitened: false) }

  /// scale * sum_ij [ W_ij Kc_ij + R_ij m_i m_j^T ] with W = B Qbar' B^T and R = B R' B^T; at infinite width,
  /// and without means, R = W.
  func trainingKernel(_ scale: Double, _ solution: Solution) -> PackedSymmetric {
    let w = space.matrix(solution.weights.covariance.dense)
    let r = solution.weights.mean.map { space.matrix($0.dense) } ?? w
    return PackedSymmetric(lowerTriangleOf: bank.renormalizedKernel(scale, covariance: w, mean: r, means))
  }

  /// Kernels of all pairs of positions are held where they fit, else computed anew for every network.
  func heldOut(_ inputs: Matrix, bytes: Int) -> any PointKernels {
    let count = HeldOutBank.count(bank.local, examples: range.inputs.columns, points: inputs.columns)
    guard inputs.columns > 0, count < max(0, bytes) / 8 else {
      return HeldOutPoints(inputs: inputs, training: range)
    }
    return HeldOutBankPoints(
      bank: HeldOutBank(bank.local, range.inputs, points: inputs, trainingMeans: means),
      range: range.coordinates(of: inputs))
  }

  func regression(
    _ network: Network, _ solved: SolvedAction
  ) throws(RenormError) -> (any Regression)? {
    // Without means, the solver's last factor is that of the predictor.
    guard let factor = solved.value?.factorization?.factor, solved.solution.weights.mean == nil else {
      return nil
    }
    return try GaussianChannels(
      factoring: { (_) throws(LinearAlgebraError) in factor }, targets: range.targets, basis: .identity(1),
      weights: [1], outside: outside(network.temperature),
      noise: range.noises(network.temperature),
      // Elements are at most as large as those of the diagonal.
      rounding: ElementRounding(
        kernelSize: factor.trace / Double(factor.order), amplification: bank.amplification,
        storage: bank.elementRounding),
      toTrainingOrder: { range.scaledByNoise(1, $0) })
  }
}

extension TiledBank: KernelBank {}
