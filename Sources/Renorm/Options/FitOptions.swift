internal import LinearAlgebra
internal import RenormAction
public import RenormKernels

/// How an order parameter is determined.
public struct FitOptions: Equatable, Sendable {
  /// The norm ||Q^(1/2) (dS/dQ) Q^(1/2)||_F of the gradient (with the residual of the second equation at a
  /// saddle) at which a fit has converged: about the relative error of Q. At most 1e-4, the largest error of an
  /// order parameter that counts as determined.
  public var tolerance: Double
  /// The largest number of steps.
  public var maximumIterations: Int
  /// The number of cores that loops over kernels and factorisations use; nil takes all. A result depends on it
  /// in the last bits, but not on what else the process computes meanwhile.
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
  /// Computing the kernels takes about so many seconds, as the activation has no fast moments at the variances
  /// of these pre-activations, up to `variance`.
  case slowKernels(seconds: Double, variance: Double)
  /// The order parameter is being determined.
  case solving
  /// An evaluation of the action and its gradient has ended.
  case evaluated(count: Int, gradientNorm: Double)
  /// The predictor is being built.
  case factoring
}

extension FitOptions {
  /// The number of cores to use.
  var cores: Int { threads ?? Parallel.availableCores }

  var solver: SolverOptions { SolverOptions(tolerance: tolerance, maximumIterations: maximumIterations) }

  func validate() throws(RenormError) {
    guard tolerance > 0, tolerance <= Convergence.largestError else {
      throw .invalidParameter(
        name: "tolerance", value: "\(tolerance)",
        accepted: "a positive number, at most \(Convergence.largestError)")
    }
    guard maximumIterations >= 1 else {
      throw .invalidParameter(name: "max-iterations", value: "\(maximumIterations)", accepted: "at least 1")
    }
    if let threads, !(1...1024).contains(threads) {
      throw .invalidParameter(name: "threads", value: "\(threads)", accepted: "1 to 1024")
    }
    if let memoryLimit, memoryLimit < 1 {
      throw .invalidParameter(
        name: "memory-limit", value: "\(memoryLimit)", accepted: "a positive number of bytes")
    }
  }
}
