internal import LinearAlgebra
internal import RenormAction
internal import RenormKernels

/// A fitted network as section 12 of the theory sees it: raw kernels, one output, an order parameter that minimises
/// S(Q) = tr Q - log det Q + data(Q) on them.
struct NextOrderProblem: Sendable {
  let network: Network
  /// N.
  let width: Double
  /// 1/(lambda1 n).
  let scale: Double
  let range: RangeExamples
  let frame: FeatureFrame
  let kernels: WhitenedKernels
  /// Bytes that may be taken.
  let memoryLimit: Int

  /// 1/(8 lambda1^2 n^2 N) N/(N + 2), which multiplies the fourth cumulants.
  var cumulantScale: Double { scale * scale / (8 * (width + 2)) }

  init(_ posterior: Posterior, threads: Int, memoryLimit: Int) throws(RenormError) {
    let (network, training) = (posterior.network, posterior.training)
    guard let units = network.width.units else {
      throw .unsupported(what: "the next order in 1/N at infinite width", instead: "take a finite width")
    }
    guard training.outputs == 1 else {
      throw .unsupported(
        what: "the next order in 1/N for \(training.outputs) outputs", instead: "take one output or two classes")
    }
    let local = try LocalKernels(
      architecture: network.architecture, activation: network.activation, lambda0: network.lambda0,
      image: training.shape, threads: threads)
    let readout = try ReadoutFactor(network.readout, on: local.grid)
    let range = try factoring("the inputs") { () throws(LinearAlgebraError) in try RangeExamples(training, local) }
    let space = OrderParameterSpace.positions(groups: local.pairs.groups, basis: readout.basis)
    let scale = 1 / (network.lambda1 * Double(local.positions))
    let parameters = ActionParameters(
      temperature: network.temperature, width: Double(units), kernelScale: scale)
    try Self.checkMemory(space, examples: range.inputs.columns, memoryLimit)
    let start = BlockDiagonal(of: posterior.solution.coordinates, sizes: space.blockSizes)
    let minimum =
      posterior.solution.formulation == .minimum
      ? start : try Self.minimum(local, range, space, parameters, from: start)
    self.network = network
    self.range = range
    self.scale = scale
    self.memoryLimit = memoryLimit
    width = Double(units)
    let frame = try factoring("the order parameter") { () throws(LinearAlgebraError) in
      try FeatureFrame(local, space, minimum)
    }
    self.frame = frame
    kernels = try factoring("T I + K_R") { () throws(LinearAlgebraError) in
      try WhitenedKernels(
        frame, Patches(range.inputs, of: local), targets: range.targets.column(0), scale: scale,
        noise: (0..<range.inputs.columns).map { range.noise(network.temperature, $0) })
    }
  }

  /// Kernels of all directions, and room for as many again.
  private static func checkMemory(_ space: OrderParameterSpace, examples: Int, _ limit: Int) throws(RenormError) {
    let dimension = space.blockSizes.reduce(0) { $0 + PackedSymmetric.count(order: $1) }
    let numbers = (dimension + 8) * examples * examples
    guard 8 * numbers <= limit else {
      throw .outOfMemory(
        what: "\(dimension) kernels of \(examples) examples for the next order in 1/N", bytes: 8 * numbers,
        available: limit, advice: "take fewer examples or positions (a larger mask or stride)")
    }
  }

  /// The order parameter of section 3 on raw kernels, for activations with means.
  private static func minimum(
    _ local: LocalKernels, _ range: RangeExamples, _ space: OrderParameterSpace, _ parameters: ActionParameters,
    from start: BlockDiagonal
  ) throws(RenormError) -> BlockDiagonal {
    let term = BankDataTerm(
      bank: TiledBank(local, range.inputs), means: nil, targets: range.targets.column(0), space: space,
      parameters: parameters, noise: range.multiplicities.map { $0.map { 1 / $0 } })
    let solution = try factoring("T I + K_R") { () throws(LinearAlgebraError) in
      try ConeMinimizer(options: SolverOptions()).solve(
        EffectiveAction(prior: GaussianLayer(), data: term), from: start
      ).solution
    }
    guard solution.convergence.converged else {
      throw .numericalFailure(
        what: "the order parameter on raw kernels did not converge (gradient norm "
          + "\(solution.convergence.gradientNorm))", advice: "raise the temperature")
    }
    return solution.weights.covariance
  }
}
