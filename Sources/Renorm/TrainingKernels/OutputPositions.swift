internal import LinearAlgebra

/// Local kernels of every pair of positions for D outputs that share the hidden layer (docs/theory.md, section
/// 5): K_R[(mu c), (nu d)] = 1/(lambda1 n) sum_ij Q_(ic)(jd) (K_ij)_(mu nu), of order P D, is summed and
/// factored
/// anew for every order parameter.
struct OutputPositions: TrainingKernels {
  private let bank: OutputBank
  /// m_i(x) (x) 1, P D x n D; nil for odd activations.
  private let means: Matrix?
  private let range: RangeExamples
  let space: OrderParameterSpace

  init(
    _ network: Network, _ range: RangeExamples, _ local: LocalKernels, _ space: OrderParameterSpace,
    _ plan: MemoryPlan
  ) {
    let outputs = range.targets.columns
    let tiles = TiledBank(
      local, range.inputs, plan: plan.storage, form: .ordered, amplification: range.amplification)
    bank = OutputBank(tiles, outputs: outputs)
    means = network.activation.isOdd ? nil : local.means(range.inputs).spread(over: outputs)
    self.range = range
    self.space = space
  }

  func dataTerm(_ parameters: ActionParameters) -> any DataTerm {
    BankDataTerm(
      bank: bank, means: means, targets: range.targets.interleaved, space: space, parameters: parameters,
      noise: range.multiplicities.map { counts in
        counts.flatMap { [Double](repeating: 1 / $0, count: bank.outputs) }
      })
  }

  func outside(_ temperature: Double) -> OutsideRange { range.outside(temperature, isWhitened: false) }

  func trainingKernel(_ scale: Double, _ solution: Solution) -> PackedSymmetric {
    let w = space.matrix(solution.weights.covariance.dense)
    let r = solution.weights.mean.map { space.matrix($0.dense) } ?? w
    return PackedSymmetric(lowerTriangleOf: bank.renormalizedKernel(scale, covariance: w, mean: r, means))
  }

  func heldOut(_ inputs: Matrix, bytes: Int) -> any PointKernels {
    HeldOutPoints(inputs: inputs, training: range)
  }

  func regression(
    _ network: Network, _ solved: SolvedAction
  ) throws(RenormError) -> (any Regression)? {
    // Without means, the solver's last factor is that of the predictor.
    guard let factor = solved.value?.factorization?.factor, solved.solution.weights.mean == nil else {
      return nil
    }
    return try GaussianChannels(
      factoring: { (_) throws(LinearAlgebraError) in factor },
      targets: Matrix(columns: [range.targets.interleaved]), basis: .identity(1), weights: [1],
      outside: outside(network.temperature),
      noise: range.noises(network.temperature),
      // Elements are at most as large as those of the diagonal.
      rounding: ElementRounding(
        kernelSize: factor.trace / Double(factor.order), amplification: bank.tiles.amplification,
        storage: bank.tiles.elementRounding),
      toTrainingOrder: { range.scaledByNoise(1, $0) }, interleaved: bank.outputs)
  }
}

extension OutputBank: KernelBank {
  package func vectorMaps(_ vectors: Matrix) -> VectorMaps? {
    let count = OutputProducts.count(
      tiles.pairs, order: tiles.order, outputs: outputs, vectors: vectors.columns, threads: tiles.local.threads)
    guard count <= Self.largestProducts else { return nil }
    let products = vectorProducts(vectors)
    return VectorMaps(forward: products.forward, adjoint: products.adjoint)
  }
}
