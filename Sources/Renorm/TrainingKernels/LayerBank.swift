internal import LinearAlgebra

/// The kernels of a deep network: K_R = sum_l q_l .. q_L B_l, or another of the forms of `DeepTheory`
/// (docs/depth.md).
struct LayerBank: TrainingKernels {
  private let network: Network
  private let layers: DeepKernels
  private let range: RangeExamples
  /// The data part of the action; nil where it has the likelihood of a member inside.
  private let data: (any LayerData)?
  /// B_1..B_L, M_1..M_L of a likelihood that is not Gaussian; empty for others.
  private let bank: [Matrix]
  /// The size of an element's rounding relative to the kernel's root mean square.
  private let elementRounding: Double
  let space: OrderParameterSpace

  /// - Throws: `RenormError.numericalFailure` for a kernel that is not finite.
  init(
    _ network: Network, _ layers: DeepKernels, _ range: RangeExamples, _ space: OrderParameterSpace
  ) throws(RenormError) {
    self.network = network
    self.layers = layers
    self.range = range
    self.space = space
    elementRounding = Double.ulpOfOne * range.amplification
    guard network.isGaussian else {
      bank = layers.bank(range.inputs, nil)
      data = nil
      return
    }
    bank = []
    let targets = range.whitened(range.targets).column(0)
    if layers.isNested {
      data = try NestedLayerData(layers, range, targets: targets)
      return
    }
    let bank = layers.bank(range.inputs, nil).map { range.whitened(kernel: $0) }
    data = try factoring("the kernel") { () throws(LinearAlgebraError) -> any LayerData in
      layers.hasOneKernel
        ? try SpectralLayerData(kernel: bank[0], targets: targets, weights: layers.weights)
        : BankLayerData(bank: bank, targets: targets, weights: layers.weights)
    }
  }

  func dataTerm(_ network: Network, _ parameters: ActionParameters) throws(RenormError) -> any DataTerm {
    throw .unsupported(
      what: "a data term of one order parameter in a deep network", instead: "take depth 1")
  }

  func outside(_ temperature: Double) -> OutsideRange { range.outside(temperature, isWhitened: true) }

  func solve(
    _ network: Network, _ parameters: ActionParameters?, _ options: SolverOptions, from start: BlockDiagonal?,
    _ progress: @escaping SolverProgress
  ) throws(RenormError) -> SolvedAction {
    guard let parameters else {
      return SolvedAction(solution: .infiniteWidth(space, tolerance: options.tolerance), value: nil)
    }
    return try solve(
      action(network, parameters), hasMeans: !network.activation.isOdd,
      floor: 1e-3 * network.smallestWidthRatio, options, from: start, progress)
  }

  func action(
    _ network: Network, _ parameters: ActionParameters, at q: BlockDiagonal
  ) throws(RenormError) -> (value: Double, gradient: BlockDiagonal) {
    guard network.activation.isOdd else {
      throw .unsupported(
        what:
          "the action of a deep network with the activation '\(network.activation.name)' as a function of Qbar",
        instead: "take an odd activation")
    }
    let x = KernelWeights(covariance: q, mean: nil).logarithms
    guard x.allSatisfy(\.isFinite) else {
      throw .numericalFailure(
        what: "an order parameter is not positive", advice: "take positive order parameters of all layers")
    }
    let action = try action(network, parameters)
    let point = try factoring("T I + K_R") { () throws(LinearAlgebraError) in try action.point(x) }
    let gradient = zip(point.gradient, q.blocks).map { Matrix(rows: 1, columns: 1, repeating: $0 / $1[0, 0]) }
    return (point.value + outside(parameters.temperature).action(parameters.width), BlockDiagonal(gradient))
  }

  private func action(
    _ network: Network, _ parameters: ActionParameters
  ) throws(RenormError) -> LayerAction {
    let own: any LayerData
    if let data { own = data } else { own = try latentData(network) }
    return LayerAction(
      prior: network.layerPrior, data: own, temperature: parameters.temperature,
      width: parameters.width,
      elementRounding: elementRounding)
  }

  private func latentData(_ network: Network) throws(RenormError) -> any LayerData {
    try LatentLayerData(network, bank, layers.weights, range)
  }

  func trainingKernel(_ scale: Double, _ solution: Solution) -> PackedSymmetric {
    PackedSymmetric(
      lowerTriangleOf: network.renormalizedKernel(solution, local: layers.first).training(range.inputs))
  }

  /// Kernels with held-out points are held where they fit, else computed anew for every network.
  func heldOut(_ inputs: Matrix, bytes: Int) -> any PointKernels {
    let count = layers.count * (range.inputs.columns + 1) * inputs.columns
    guard inputs.columns > 0, !layers.isNested, count < max(0, bytes) / 8 else {
      return HeldOutPoints(inputs: inputs, training: range)
    }
    return HeldOutLayers(
      bank: layers.bank(range.inputs, inputs), diagonals: layers.bankDiagonals(inputs),
      range: range.coordinates(of: inputs))
  }

  func regression(
    _ network: Network, _ solved: SolvedAction
  ) throws(RenormError) -> (any Regression)? { nil }
}

extension TrainingKernels {
  /// Determines the logarithms of the order parameters of layers.
  ///
  /// - Parameters:
  ///   - hasMeans: whether they are pairs, at a saddle.
  ///   - floor: as of `LayerSearch.solve`.
  /// - Throws: `RenormError.numericalFailure` where there is no solution.
  func solve(
    _ action: LayerAction, hasMeans: Bool, floor: Double, _ options: SolverOptions,
    from start: BlockDiagonal?, _ progress: SolverProgress
  ) throws(RenormError) -> SolvedAction {
    let found = try factoring("T I + K_R") { () throws(LinearAlgebraError) in
      // A neighbour's means are not kept, and its Qbar alone are no better a start than infinite width.
      hasMeans
        ? try LayerSaddle(options: options).solve(action, floor: floor, progress)
        : try LayerSearch(options: options).solve(
          action, from: start.map { KernelWeights(covariance: $0, mean: nil).logarithms }, floor: floor,
          progress)
    }
    guard let result = found else {
      throw .numericalFailure(
        what: "the saddle equations have no solution that continues the one of wide networks",
        advice: "take larger widths, a higher temperature or an odd activation")
    }
    let solution = Solution(
      formulation: action.prior.formulation, space: space,
      weights: KernelWeights(logarithms: result.point.x, hasMeans: hasMeans), action: result.point.value,
      priorExcess: action.prior.excess(result.point.x), convergence: result.convergence)
    return SolvedAction(
      solution: solution.adding(toAction: outside(action.temperature).action(action.width)), value: nil)
  }
}

extension LatentLayerData {
  /// The data part of a network's likelihood on the examples of a training set.
  ///
  /// - Throws: `RenormError.unsupported` for Gaussian noise.
  init(
    _ network: Network, _ bank: [Matrix], _ weights: LayerWeights, _ range: RangeExamples
  ) throws(RenormError) {
    let likelihood = try network.requireLatentLikelihood(outputs: range.targets.columns)
    self.init(
      bank: bank, weights: weights, likelihood: likelihood,
      labels: (0..<range.targets.rows).map(range.targets.row), approximation: network.likelihood.approximation)
  }
}

extension DeepKernels {
  /// How the order parameters of layers weigh the kernels.
  var weights: LayerWeights {
    if hasOneKernel { return .product(depth) }
    if isNested { return .own(depth) }
    return activation.isOdd ? .paths(depth) : .pairs(depth)
  }
}

/// The bank of a deep network between a training set and held-out points.
private struct HeldOutLayers: PointKernels {
  /// B_k(X, x), P x b each.
  let bank: [Matrix]
  /// B_k(x, x), b numbers each.
  let diagonals: [[Double]]
  let range: RangeCoordinates?

  var count: Int { diagonals[0].count }
  var areComputedAnew: Bool { false }

  func forEachBlock(_ kernel: RenormalizedKernel, scale: Double, _ body: (HeldOutBlock) -> Void) {
    let weights = kernel.weights.diagonal
    body(
      HeldOutBlock(
        cross: bank.weightedSum(weights), variances: diagonals.weightedSum(weights), features: [],
        range: range))
  }
}
