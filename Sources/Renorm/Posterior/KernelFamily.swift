internal import LinearAlgebra
public import RenormData

/// The kernels of a training set, shared by all networks that differ in temperature, width and lambda1 only.
///
/// A sweep over these builds the kernels once, starts every fit from a neighbour's solution, and for an FC network
/// or a mean-pooled CNN evaluates actions and predictions from one reduction of the kernel (`KernelFamily.member`).
public struct KernelFamily: Sendable {
  /// The network that the family was made for.
  public let network: Network
  /// The training examples.
  public let training: Dataset
  /// How the kernels are held.
  public let plan: MemoryPlan
  let local: LocalKernels
  let readout: ReadoutFactor
  /// The examples that the kernels are over.
  let range: RangeExamples
  let kernels: Kernels
  private let options: FitOptions
  private static let singleUnitIterations = 40
  let identity = Identity()

  /// Tells one family from another.
  final class Identity: Sendable {}

  enum Kernels: Sendable {
    /// Infinite width only: the averaged kernel at lambda1 = 1.
    case averaged(PackedSymmetric)
    /// One kernel: FC, one position, or a rank-one readout. Kc packed, the means, and the reduction.
    case single(centred: PackedSymmetric, means: [Double]?, ReducedKernel)
    /// Every pair of positions: LCN and CNN, with the means m_i(x).
    case bank(KernelBank, means: Matrix?)
  }

  /// Computes the kernels; what is kept depends on whether the network has finite width.
  ///
  /// - Throws: as `Network.fit`.
  public init(
    _ network: Network, _ data: Dataset, options: FitOptions = FitOptions(),
    progress: (FitEvent) -> Void = { _ in }
  ) throws(RenormError) {
    try options.validate()
    try data.validate()
    (plan, local, readout, range, kernels) = try Parallel.withThreads(options.cores) { () throws(RenormError) in
      let (local, readout) = try network.kernels(on: data.shape, threads: options.cores)
      let range = try factoring("the inputs") { () throws(LinearAlgebraError) in
        try RangeExamples(data, local)
      }
      let plan = try network.memoryPlan(
        local, readout, examples: range.inputs.columns, outputs: data.outputs, options.memoryLimit)
      progress(.computingKernels(plan))
      return (plan, local, readout, range, try Self.kernels(network, range, local, readout, plan))
    }
    self.network = network
    training = data
    self.options = options
  }

  private static func kernels(
    _ network: Network, _ range: RangeExamples, _ local: LocalKernels, _ readout: ReadoutFactor, _ plan: MemoryPlan
  ) throws(RenormError) -> Kernels {
    if network.width == .infinite {
      let weights = readout.toPositions(.identity(readout.rank))
      return .averaged(PackedSymmetric(lowerTriangleOf: local.contract(weights, range.inputs)))
    }
    if readout.rank == 1 { return try single(network, range, local, readout) }
    return .bank(
      KernelBank(local, range.inputs, plan: plan.storage),
      means: network.activation.isOdd ? nil : local.means(range.inputs))
  }

  private static func single(
    _ network: Network, _ range: RangeExamples, _ local: LocalKernels, _ readout: ReadoutFactor
  ) throws(RenormError) -> Kernels {
    let means = network.activation.isOdd ? nil : readout.pooledMeans(local.means(range.inputs))
    var kernel = local.contract(readout.toPositions(.identity(1)), range.inputs)
    kernel.add(-1, outer: means, means)
    let centred = PackedSymmetric(lowerTriangleOf: kernel)
    let reduced = try factoring("the kernel") { () throws(LinearAlgebraError) in
      try ReducedKernel(
        centredKernel: range.whitened(kernel: kernel),
        means: means.map { range.whitened(Matrix(columns: [$0])).elements }, targets: range.whitened(range.targets))
    }
    return .single(centred: centred, means: means, reduced)
  }

  /// Determines the order parameter of a member, and builds its Gaussian process with a factorisation of its own.
  ///
  /// - Parameters:
  ///   - member: a network that differs from the family's in temperature, width and lambda1 only; the family's own
  ///     where nil.
  ///   - start: the solution of a neighbour, from which fewer evaluations are needed.
  /// - Throws: `RenormError.unsupported` for a network that is not of the family, `.numericalFailure` where a
  ///   factorisation fails.
  public func fit(
    _ member: Network? = nil, from start: Solution? = nil, progress: (FitEvent) -> Void = { _ in }
  ) throws(RenormError) -> Posterior {
    try fit(member ?? network, startingAt: start?.weights.covariance, progress: progress)
  }

  func fit(
    _ member: Network, startingAt start: BlockDiagonal?, progress: (FitEvent) -> Void = { _ in }
  ) throws(RenormError) -> Posterior {
    try Parallel.withThreads(local.threads) { () throws(RenormError) in
      progress(.solving)
      let solution = try solve(member, startingAt: start, progress)
      progress(.factoring)
      return try Posterior(
        network: member, training: training, range: range, solution: solution, local: local, readout: readout,
        rangeKernel: kernel(member, solution))
    }
  }

  /// Determines the order parameter of a member.
  ///
  /// - Throws: as `fit`.
  public func solve(
    _ member: Network, from start: Solution? = nil, _ progress: (FitEvent) -> Void = { _ in }
  ) throws(RenormError) -> Solution {
    try Parallel.withThreads(local.threads) { () throws(RenormError) in
      try solve(member, startingAt: start?.weights.covariance, progress)
    }
  }

  func solve(
    _ member: Network, startingAt start: BlockDiagonal?, _ progress: (FitEvent) -> Void = { _ in }
  ) throws(RenormError) -> Solution {
    try minimum(member, startingAt: start, progress).solution
  }

  /// A member's solution, and the data term there; nil at infinite width.
  func minimum(
    _ member: Network, startingAt start: BlockDiagonal?, _ progress: (FitEvent) -> Void = { _ in }
  ) throws(RenormError) -> (solution: Solution, value: DataTermValue?) {
    try check(member)
    guard let units = member.width.units else {
      return (.infiniteWidth(blockSizes: readout.blockSizes(local.pairs), tolerance: options.tolerance), nil)
    }
    let parameters = ActionParameters(
      temperature: member.temperature, width: Double(units), kernelScale: member.kernelScale(local.positions))
    switch kernels {
    case .averaged:
      throw .unsupported(
        what: "a finite width in a family made for infinite width",
        instead: "make the family for a network of finite width")
    case .single(_, _, let kernel):
      return try minimize(SingleKernelDataTerm(kernel: kernel, parameters: parameters), start, progress)
    case .bank(let bank, let means):
      let term = BankDataTerm(
        bank: bank, means: means, targets: range.targets.column(0), readout: readout, parameters: parameters,
        noise: range.multiplicities.map { $0.map { 1 / $0 } })
      return try minimize(term, start, progress)
    }
  }

  private func minimize(
    _ term: some DataTerm, _ start: BlockDiagonal?, _ progress: (FitEvent) -> Void
  ) throws(RenormError) -> (solution: Solution, value: DataTermValue?) {
    var options = options
    // A single unit need not have a saddle, and a search for one that does not exist has no end.
    let isSingleUnit = term.hasMeans && term.parameters.width < 2
    if isSingleUnit { options.maximumIterations = min(options.maximumIterations, Self.singleUnitIterations) }
    let noSaddle = RenormError.numericalFailure(
      what: "the saddle equations have no admissible solution at N = 1", advice: "take a width of at least 2")
    let (solution, value): (Solution, DataTermValue)
    do {
      (solution, value) = try ConeMinimizer(options: options, width: term.parameters.width)
        .minimum(term, from: start, progress)
    } catch .notPositiveDefinite where isSingleUnit {
      throw noSaddle
    } catch {
      throw .factorization(of: "T I + K_R", error)
    }
    if isSingleUnit, !solution.convergence.reachedTolerance, options.maximumIterations < self.options.maximumIterations {
      throw noSaddle
    }
    return (solution.adding(outside(term.parameters.temperature), width: term.parameters.width), value)
  }

  /// The constants that the solver's action lacks.
  private func outside(_ temperature: Double) -> OutsideRange {
    if case .single = kernels { return range.outside(temperature, isWhitened: true) }
    return range.outside(temperature, isWhitened: false)
  }

  private func check(_ member: Network) throws(RenormError) {
    var own = network.description
    let other = member.description
    (own.temperature, own.width, own.lambda1) = (other.temperature, other.width, other.lambda1)
    // Names need not be unique among types of a caller's own.
    guard own == other, type(of: network.activation) == type(of: member.activation),
      type(of: network.architecture) == type(of: member.architecture),
      type(of: network.readout) == type(of: member.readout)
    else {
      throw .unsupported(
        what: "a network with another architecture, activation, lambda0 or readout than its family",
        instead: "make a family for it")
    }
  }

  /// k(X, X) over `range` of the kernel that a member's solution implies.
  func kernel(_ member: Network, _ solution: Solution) -> PackedSymmetric {
    let scale = member.kernelScale(local.positions)
    let isInfinite = solution.formulation == .infiniteWidth
    let covariance = solution.weights.covariance
    switch kernels {
    case .averaged(let kernel): return scale * kernel
    case .bank(let bank, let means):
      let w = readout.toPositions(covariance.dense)
      let r = solution.weights.mean.map { readout.toPositions($0.dense) } ?? w
      return PackedSymmetric(lowerTriangleOf: bank.renormalizedKernel(scale, covariance: w, mean: r, means))
    case .single(let centred, let means, _):
      // Several outputs multiply this kernel by their order parameter; one output is absorbed in it.
      if solution.isOverOutputs(training.outputs) { return scale * centred }
      var kernel = (scale * covariance.blocks[0][0, 0]) * centred.lowerTriangle
      let mean = isInfinite ? 1 : solution.weights.mean?.blocks[0][0, 0] ?? 0
      kernel.add(scale * mean, outer: means, means)
      return PackedSymmetric(lowerTriangleOf: kernel)
    }
  }
}

extension Matrix {
  /// Adds scale * x y^T; nothing where there are no vectors.
  fileprivate mutating func add(_ scale: Double, outer x: [Double]?, _ y: [Double]?) {
    guard let x, let y else { return }
    add(scale, congruence: Matrix(columns: [x]), .identity(1), Matrix(columns: [y]))
  }
}

extension Network {
  /// The same network at another temperature, width or readout precision.
  ///
  /// - Throws: `RenormError.invalidParameter` for values that are not positive.
  public func with(
    temperature: Double? = nil, width: Width? = nil, lambda1: Double? = nil
  ) throws(RenormError) -> Network {
    try Network(
      architecture: architecture, activation: activation, width: width ?? self.width,
      temperature: temperature ?? self.temperature, lambda0: lambda0, lambda1: lambda1 ?? self.lambda1,
      readout: readout)
  }
}
