internal import LinearAlgebra

/// The kernels of a training set, shared by all networks that differ in temperature, width and lambda1 only.
/// These networks are a *family*, each of them a *member*: their local kernels K_ij, which depend on data,
/// architecture, activation, lambda0 and readout, are the same, and
///
///     A = T I + 1/(lambda1 n) sum_ij Q_ij K_ij,   S(Q) = tr Q - log det Q + (1/N) [ log det A + y^T A^-1 y ]
///
/// (docs/theory.md, section 3) differ in the numbers T, lambda1 and N.
///
/// A sweep over these builds the kernels once, starts every fit from a neighbour's solution, and for an FC
/// network or a mean-pooled CNN evaluates actions and predictions from one reduction of the kernel (`member`).
public struct KernelFamily: Sendable {
  /// The network that the family was made for.
  public let network: Network
  /// The training examples.
  public let training: Dataset
  /// How the kernels are held.
  public let plan: MemoryPlan
  let local: LocalKernels
  /// B of the readout's covariance S = B B^T.
  let readout: ReadoutFactor
  /// The examples that the kernels are over: r that span the range of the kernels of all P.
  let range: RangeExamples
  let kernels: any TrainingKernels
  private let options: FitOptions
  let identity: Identity

  /// Tells one family from another.
  final class Identity: Sendable {}

  /// Computes the kernels; what is kept depends on whether the network has finite width.
  ///
  /// - Throws: as `Network.fit`.
  public init(
    _ network: Network, _ data: Dataset, options: FitOptions = FitOptions(),
    progress: (FitEvent) -> Void = { _ in }
  ) throws(RenormError) {
    try self.init(network, data, options: options, isKept: true, progress: progress)
  }

  /// - Parameter isKept: whether the kernels are there beside a fit; else `fitOnce` is all that is called.
  init(
    _ network: Network, _ data: Dataset, options: FitOptions, isKept: Bool, progress: (FitEvent) -> Void
  ) throws(RenormError) {
    try options.validate()
    try data.validate()
    try network.checkLikelihood(of: data)
    (plan, local, readout, range, kernels) = try Parallel.withThreads(options.cores) { () throws(RenormError) in
      let (local, readout) = try network.kernels(on: data.shape, threads: options.cores)
      let range = try RangeExamples(of: data, local, of: network)
      let plan = try network.memoryPlan(
        local, readout, examples: range.inputs.columns, outputs: data.outputs, isKept: isKept,
        options.memoryLimit)
      progress(.computingKernels(plan))
      if let slow = local.slowness(on: range.inputs) {
        progress(.slowKernels(seconds: slow.seconds, variance: slow.variance))
      }
      return (plan, local, readout, range, try network.trainingKernels(range, local, readout, plan))
    }
    self.network = network
    training = data
    self.options = options
    identity = Identity()
  }

  /// The family of a network that differs in its readout prior too: the kernels K_ij know nothing of it, and
  /// are shared, as are points of `heldOut`. Nil where the kernels are held in a form that sums over positions.
  ///
  /// - Throws: `RenormError.invalidParameter` for a readout prior that is none.
  func reading(_ other: Network) throws(RenormError) -> KernelFamily? {
    guard network.sharesKernels(with: other, exceptForReadout: true) else { return nil }
    let readout = try ReadoutFactor(other.readout, on: local.grid)
    let space = other.orderParameterSpace(local, readout, outputs: training.outputs)
    guard readout.rank > 1, other.width != .infinite, let kernels = kernels.reading(space) else { return nil }
    return KernelFamily(self, other, readout, kernels)
  }

  private init(
    _ family: KernelFamily, _ network: Network, _ readout: ReadoutFactor, _ kernels: any TrainingKernels
  ) {
    self.network = network
    self.readout = readout
    self.kernels = kernels
    (training, plan, local, range) = (family.training, family.plan, family.local, family.range)
    (options, identity) = (family.options, family.identity)
  }

  /// Determines the order parameter of a member, and builds its Gaussian process with a factorisation of its
  /// own.
  ///
  /// - Parameters:
  ///   - member: a network that differs from the family's in temperature, width and lambda1 only; the family's
  ///     own where nil.
  ///   - start: the solution of a neighbour, from which fewer evaluations are needed.
  /// - Throws: `RenormError.unsupported` for a network that is not of the family, `.numericalFailure` where a
  ///   factorisation fails.
  public func fit(
    _ member: Network? = nil, from start: Solution? = nil, progress: (FitEvent) -> Void = { _ in }
  ) throws(RenormError) -> Posterior {
    let member = member ?? network
    return try Parallel.withThreads(local.threads) { () throws(RenormError) in
      progress(.solving)
      let solved = try solved(member, from: start?.weights.covariance, progress)
      progress(.factoring)
      // From the kernel alone, as a model that is read again has it.
      return try posterior(member, solved.solution)
    }
  }

  /// The same of the family's own network, for which the family is given up: kernels and what they were reduced
  /// to are gone before the covariance is factored.
  consuming func fitOnce(_ progress: (FitEvent) -> Void) throws(RenormError) -> Posterior {
    let (network, training, range, local, readout) = (network, training, range, local, readout)
    progress(.solving)
    let (solution, kernel, rounding) = try Parallel.withThreads(local.threads) { () throws(RenormError) in
      let solution = try solved(network, from: nil, progress).solution
      let kernel = kernels.trainingKernel(network.kernelScale(local.positions), solution)
      return (solution, kernel, kernels.storedRounding)
    }
    _ = consume self
    progress(.factoring)
    return try Parallel.withThreads(local.threads) { () throws(RenormError) in
      try Posterior(
        network: network, training: training, range: range, solution: solution, local: local,
        readout: readout, rangeKernel: kernel, elementRounding: rounding)
    }
  }

  /// Determines the order parameter of a member.
  ///
  /// - Throws: as `fit`.
  public func solve(
    _ member: Network, from start: Solution? = nil, _ progress: (FitEvent) -> Void = { _ in }
  ) throws(RenormError) -> Solution {
    try Parallel.withThreads(local.threads) { () throws(RenormError) in
      try solved(member, from: start?.weights.covariance, progress).solution
    }
  }

  func solved(
    _ member: Network, from start: BlockDiagonal?, _ progress: (FitEvent) -> Void = { _ in }
  ) throws(RenormError) -> SolvedAction {
    let parameters = try parameters(member)
    return try withoutActuallyEscaping(progress) { (progress) throws(RenormError) in
      try kernels.solve(member, parameters, options.solver, from: start) { count, norm in
        progress(.evaluated(count: count, gradientNorm: norm))
      }
    }
  }

  /// What a member's action needs besides kernels, T, N and 1/(lambda1 n); nil at infinite width.
  ///
  /// - Throws: `RenormError.unsupported` for a network that is not of the family.
  func parameters(_ member: Network) throws(RenormError) -> ActionParameters? {
    guard network.sharesKernels(with: member) else {
      throw .unsupported(
        what: "a network that differs from its family in what kernels depend on ("
          + Network.parameters.filter(\.isInKernels).map(\.key).joined(separator: ", ") + ")",
        instead: "make a family for it")
    }
    return member.width.units.map { units in
      ActionParameters(
        temperature: member.temperature, width: Double(units), kernelScale: member.kernelScale(local.positions))
    }
  }

  /// The Gaussian process of a member whose order parameter was found, with a factorisation of its own.
  package func posterior(_ member: Network, _ solution: Solution) throws(RenormError) -> Posterior {
    try posterior(member, SolvedAction(solution: solution, value: nil))
  }

  func posterior(_ member: Network, _ solved: SolvedAction) throws(RenormError) -> Posterior {
    try Posterior(
      network: member, training: training, range: range, solution: solved.solution, local: local,
      readout: readout,
      rangeKernel: kernels.trainingKernel(member.kernelScale(local.positions), solved.solution),
      elementRounding: kernels.storedRounding, integral: solved.value?.factorization?.factor as? LatentIntegral)
  }
}

extension RangeExamples {
  /// The examples that span the range of the local kernels of a training set; all of them for a likelihood that
  /// is not Gaussian, of which equal examples are not one with less noise.
  init(of data: Dataset, _ local: LocalKernels, of network: Network) throws(RenormError) {
    self = try factoring("the inputs") { () throws(LinearAlgebraError) in
      try RangeExamples(data, local, keepsAll: !network.isGaussian)
    }
  }
}

extension Network {
  /// The kernels in the form that serves this width and readout.
  func trainingKernels(
    _ range: RangeExamples, _ local: LocalKernels, _ readout: ReadoutFactor, _ plan: MemoryPlan
  ) throws(RenormError) -> any TrainingKernels {
    let space = orderParameterSpace(local, readout, outputs: range.targets.columns)
    if width == .infinite {
      let deep =
        architecture.upperWindow == nil ? nil : layerKernels(local).map { infiniteKernel($0, local) }
      return AveragedKernel(local, deepKernels(local), deep, range, space)
    }
    if space.index == .path, let kernels = layerKernels(local) { return ChainBank(kernels, range, space) }
    if let layers = deepKernels(local) { return try LayerBank(self, layers, range, space) }
    if readout.rank == 1 {
      if isGaussian { return try SingleKernel(self, range, local, readout, space) }
      return activation.isOdd
        ? LatentKernel(range, local, readout, space) : LatentPair(range, local, readout, space)
    }
    if space.index == .positionAndOutput { return OutputPositions(self, range, local, space, plan) }
    return PositionBank(self, range, local, space, plan)
  }
}
