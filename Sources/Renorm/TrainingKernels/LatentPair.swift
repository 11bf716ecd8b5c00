internal import LinearAlgebra

/// One kernel that serves all widths, temperatures and lambda1, for a likelihood that is not Gaussian noise of
/// one latent, and an activation with means m: the pair of order parameters of docs/theory.md, section 4,
///
///     K_R = 1/(lambda1 n) [ Qbar Kc + r m m^T ],   r = 1/(1 + Q),
///     S   = -Q Qbar + log(1 + Q) - (2/N) log Z_lik(K_R).
///
/// The maximum over Q is known in closed form for Gaussian noise only. Here both numbers are sought together,
/// as those of the layers of a deep network are (`LayerSaddle`).
struct LatentPair: TrainingKernels {
  private let local: LocalKernels
  private let readout: ReadoutFactor
  private let range: RangeExamples
  /// Kc = K - m m^T at lambda1 n = 1, the lower triangle.
  private let centred: Matrix
  /// m m^T.
  private let outer: Matrix
  let space: OrderParameterSpace

  init(_ range: RangeExamples, _ local: LocalKernels, _ readout: ReadoutFactor, _ space: OrderParameterSpace) {
    let means = readout.pooledMeans(local.means(range.inputs))
    var kernel = local.contract(readout.covariance(positions: local.positions), range.inputs)
    kernel.add(-1, outer: means, means)
    var outer = Matrix(rows: means.count, columns: means.count)
    outer.add(1, outer: means, means)
    (centred, self.outer) = (kernel, outer)
    (self.local, self.readout, self.range, self.space) = (local, readout, range, space)
  }

  func dataTerm(_ network: Network, _ parameters: ActionParameters) throws(RenormError) -> any DataTerm {
    throw unsupportedAction(network)
  }

  func action(
    _ network: Network, _ parameters: ActionParameters, at q: BlockDiagonal
  ) throws(RenormError) -> (value: Double, gradient: BlockDiagonal) {
    throw unsupportedAction(network)
  }

  private func unsupportedAction(_ network: Network) -> RenormError {
    .unsupported(
      what: "the action of the likelihood '\(network.likelihood.name)' with the activation "
        + "'\(network.activation.name)' as a function of Qbar", instead: "take an odd activation")
  }

  func solve(
    _ network: Network, _ parameters: ActionParameters?, _ options: SolverOptions, from start: BlockDiagonal?,
    _ progress: @escaping SolverProgress
  ) throws(RenormError) -> SolvedAction {
    guard let parameters else {
      return SolvedAction(solution: .infiniteWidth(space, tolerance: options.tolerance), value: nil)
    }
    let data = try LatentLayerData(
      network, [centred, outer].map { parameters.kernelScale * $0 }, .pairs(1), range)
    let action = LayerAction(
      prior: LayerPairs(ratios: [1]), data: data, temperature: parameters.temperature, width: parameters.width,
      elementRounding: Double.ulpOfOne * range.amplification)
    return try solve(action, hasMeans: true, floor: 1e-3, options, from: nil, progress)
  }

  func outside(_ temperature: Double) -> OutsideRange { range.outside(temperature, isWhitened: false) }

  func trainingKernel(_ scale: Double, _ solution: Solution) -> PackedSymmetric {
    let weights = solution.weights
    var kernel = (scale * weights.covariance.blocks[0][0, 0]) * centred
    kernel.add(scale * (weights.mean ?? weights.covariance).blocks[0][0, 0], outer)
    return PackedSymmetric(lowerTriangleOf: kernel)
  }

  func heldOut(_ inputs: Matrix, bytes: Int) -> any PointKernels {
    HeldOutPoints(inputs: inputs, training: range)
  }

  func regression(
    _ network: Network, _ solved: SolvedAction
  ) throws(RenormError) -> (any Regression)? { nil }
}
