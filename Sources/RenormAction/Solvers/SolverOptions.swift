/// How far a solver goes.
public struct SolverOptions: Equatable, Sendable {
  /// The norm of the Riemannian gradient (or of the saddle equations' residual) at which a solution has converged.
  public var tolerance: Double
  /// The largest number of steps.
  public var maximumIterations: Int

  /// Options; the defaults suit double precision.
  public init(tolerance: Double = 1e-8, maximumIterations: Int = 500) {
    self.tolerance = tolerance
    self.maximumIterations = maximumIterations
  }
}

/// Called after every evaluation of the action with their number and the norm of the gradient.
package typealias SolverProgress = (_ evaluations: Int, _ gradientNorm: Double) -> Void
