internal import LinearAlgebra
public import RenormKernels

/// How an order parameter is determined.
public struct FitOptions: Equatable, Sendable {
  /// The norm of the Riemannian gradient (or of the saddle equations' residual) at which a fit has converged.
  public var tolerance: Double
  /// The largest number of steps.
  public var maximumIterations: Int
  /// The number of cores that loops over kernels and factorisations use; nil takes all. A result depends on it in
  /// the last bits, but not on what else the process computes meanwhile.
  public var threads: Int?
  /// Bytes that kernels and factorisations may take; nil takes 70 percent of what is available.
  public var memoryLimit: Int?

  /// Options; the defaults suit double precision and use all cores.
  public init(
    tolerance: Double = 1e-8, maximumIterations: Int = 500, threads: Int? = nil, memoryLimit: Int? = nil
  ) {
    self.tolerance = tolerance
    self.maximumIterations = maximumIterations
    self.threads = threads
    self.memoryLimit = memoryLimit
  }
}

/// What a fit reports while it runs.
public enum FitEvent: Equatable, Sendable {
  /// Local kernels are being computed, and will be held according to this plan.
  case computingKernels(MemoryPlan)
  /// The order parameter is being determined.
  case solving
  /// An evaluation of the action and its gradient has ended.
  case evaluated(count: Int, gradientNorm: Double)
  /// The predictor is being built.
  case factoring
}

extension Network {
  /// Determines the order parameter on a training set and builds the renormalized Gaussian process.
  ///
  /// A result that has not converged is returned with `solution.convergence.converged == false`.
  ///
  /// - Throws: `RenormError`: `.unusableData` for an empty or non-finite training set,
  ///   `.maskLargerThanImage`, `.unsupported` for several outputs on more than one position at finite width,
  ///   `.outOfMemory` where the kernels do not fit, `.numericalFailure` where a factorisation fails.
  public func fit(
    _ data: Dataset, options: FitOptions = FitOptions(), progress: (FitEvent) -> Void = { _ in }
  ) throws(RenormError) -> Posterior {
    try KernelFamily(self, data, options: options, progress: progress).fit(progress: progress)
  }

  /// 1/(lambda1 n).
  func kernelScale(_ positions: Int) -> Double { 1 / (lambda1 * Double(positions)) }

  /// k(x, x') of a solution; over outputs the kernel that their order parameter multiplies.
  func renormalizedKernel(_ solution: Solution, local: LocalKernels) -> RenormalizedKernel {
    let scale = kernelScale(local.positions)
    var (space, weights) = (solution.space, solution.weights)
    if space.index == .output, let readout = try? ReadoutFactor(readout, on: local.grid) {
      space = .positions(groups: local.pairs.groups, basis: readout.basis)
      weights = KernelWeights(covariance: space.identity, mean: weights.mean == nil ? nil : 0 * space.identity)
    }
    let covariance = space.matrix(weights.covariance.dense)
    return RenormalizedKernel(
      local: local, weights: scale * covariance,
      meanWeights: weights.mean.map { scale * (space.matrix($0.dense) - covariance) })
  }
}

extension FitOptions {
  /// The number of cores to use.
  var cores: Int { threads ?? Parallel.availableCores }

  var solver: SolverOptions { SolverOptions(tolerance: tolerance, maximumIterations: maximumIterations) }

  func validate() throws(RenormError) {
    _ = try positive(tolerance, "tolerance")
    guard maximumIterations >= 1 else {
      throw .invalidParameter(name: "max-iterations", value: "\(maximumIterations)", accepted: "at least 1")
    }
    if let threads, !(1...1024).contains(threads) {
      throw .invalidParameter(name: "threads", value: "\(threads)", accepted: "1 to 1024")
    }
    if let memoryLimit, memoryLimit < 1 {
      throw .invalidParameter(name: "memory-limit", value: "\(memoryLimit)", accepted: "a positive number of bytes")
    }
  }
}

extension Dataset {
  package func validate() throws(RenormError) {
    guard count > 0, outputs > 0 else {
      throw .unusableData("the training set is empty; at least one example with one target is needed")
    }
    guard inputs.elements.allSatisfy(\.isFinite), targets.elements.allSatisfy(\.isFinite) else {
      throw .unusableData("the training set contains NaN or infinity; only finite numbers are accepted")
    }
  }
}
