internal import LinearAlgebra
internal import RenormAction
internal import RenormKernels

/// A fitted network as section 12 of the theory sees it: raw kernels, one output, an order parameter that
/// minimises S(Q) = tr Q - log det Q + data(Q) on them.
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
    guard posterior.solution.convergence.converged else {
      throw .numericalFailure(
        what: "the fit has not converged (gradient norm \(posterior.solution.convergence.gradientNorm))",
        advice:
          "corrections are taken at the order parameter that it was to find; raise the number of iterations")
    }
    let parts = try Parts(network, training, threads: threads)
    try Self.checkMemory(parts.space, examples: parts.range.inputs.columns, memoryLimit)
    let start = BlockDiagonal(of: posterior.solution.coordinates, sizes: parts.space.blockSizes)
    let minimum = posterior.solution.formulation == .minimum ? start : try parts.minimum(from: start)
    try self.init(parts, at: minimum, memoryLimit: memoryLimit)
  }

  /// The problem at another order parameter than the minimum, in coordinates of the space.
  init(_ parts: Parts, at orderParameter: BlockDiagonal, memoryLimit: Int) throws(RenormError) {
    let frame = try factoring("the order parameter") { () throws(LinearAlgebraError) in
      try FeatureFrame(parts.local, parts.space, orderParameter)
    }
    kernels = try factoring("T I + K_R") { () throws(LinearAlgebraError) in
      try WhitenedKernels(
        frame, Patches(parts.range.inputs, of: parts.local), targets: parts.range.targets.column(0),
        scale: parts.parameters.kernelScale,
        noise: (0..<parts.range.inputs.columns).map { parts.range.noise(parts.network.temperature, $0) })
    }
    self.frame = frame
    self.memoryLimit = memoryLimit
    network = parts.network
    range = parts.range
    scale = parts.parameters.kernelScale
    width = parts.parameters.width
  }

  /// Kernels of all directions, and room for as many again.
  private static func checkMemory(_ space: OrderParameterSpace, examples: Int, _ limit: Int) throws(RenormError)
  {
    let dimension = space.blockSizes.reduce(0) { $0 + PackedSymmetric.count(order: $1) }
    let numbers = (dimension + 8) * examples * examples
    guard 8 * numbers <= limit else {
      throw .outOfMemory(
        what: "\(dimension) kernels of \(examples) examples for the next order in 1/N", bytes: 8 * numbers,
        available: limit, advice: "take fewer examples or positions (a larger mask or stride)")
    }
  }
}

extension NextOrderProblem {
  /// Kernels, space and examples of a network.
  struct Parts: Sendable {
    let network: Network
    let local: LocalKernels
    let range: RangeExamples
    let space: OrderParameterSpace
    let parameters: ActionParameters

    init(_ network: Network, _ training: Dataset, threads: Int) throws(RenormError) {
      try network.checkHiddenUnit(outputs: training.outputs)
      let (local, readout) = try network.kernels(on: training.shape, threads: threads)
      range = try factoring("the inputs") { () throws(LinearAlgebraError) in try RangeExamples(training, local)
      }
      space = OrderParameterSpace.positions(groups: local.pairs.groups, basis: readout.basis)
      parameters = ActionParameters(
        temperature: network.temperature, width: network.width.units.map(Double.init) ?? .infinity,
        kernelScale: network.kernelScale(local.positions))
      self.network = network
      self.local = local
    }

    /// The order parameter of section 3 on raw kernels, for activations with means.
    func minimum(from start: BlockDiagonal) throws(RenormError) -> BlockDiagonal {
      let term = BankDataTerm(
        bank: TiledBank(local, range.inputs, amplification: range.amplification), means: nil,
        targets: range.targets.column(0), space: space, parameters: parameters,
        noise: range.multiplicities.map { $0.map { 1 / $0 } })
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
}
