/// How far a solver goes.
public struct SolverOptions: Equatable, Sendable {
  /// The norm ||Q^(1/2) (dS/dQ) Q^(1/2)||_F of the gradient (with the residual of the second equation at a
  /// saddle) at which a solution has converged: without units, about the relative error of Q.
  public var tolerance: Double
  /// The largest number of steps.
  public var maximumIterations: Int

  /// Options; the default tolerance is about the root of 2^-52.
  public init(tolerance: Double = 1e-8, maximumIterations: Int = 500) {
    self.tolerance = tolerance
    self.maximumIterations = maximumIterations
  }
}

/// Called after every evaluation of the action with their number and the norm of the gradient.
package typealias SolverProgress = (_ evaluations: Int, _ gradientNorm: Double) -> Void
