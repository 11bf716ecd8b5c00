/// How an order parameter was found.
public enum Formulation: String, Sendable, Codable {
  /// N -> infinity: the order parameter is the identity.
  case infiniteWidth = "infinite-width"
  /// Odd activations: the minimum of the effective action (docs/theory.md, section 3).
  case minimum
  /// Other activations: the saddle point in (Q, Qbar) (docs/theory.md, section 4).
  case saddle
}

/// How well an order parameter was determined.
public struct Convergence: Equatable, Sendable, Codable {
  /// Norm of what vanishes at the solution: the Riemannian gradient ||Q^(1/2) (dS/dQ) Q^(1/2)||_F, at a saddle
  /// together with the residual of the second equation in the same metric. It is the error of Q relative to Q,
  /// up to the curvature of S.
  public let gradientNorm: Double
  /// The norm that was asked for.
  public let tolerance: Double
  /// An estimate of what rounding leaves of the norm in double precision. It grows as |u|^2, u = A^-1 y, for
  /// targets outside the range of a kernel at low temperature, such as duplicates with different labels.
  public let rounding: Double
  /// Steps taken.
  public let iterations: Int
  /// Evaluations of the gradient: one renormalized kernel, one factorisation, one gradient each.
  public let evaluations: Int
  /// Evaluations of the data's curvature, each at the cost of one to two of the gradient.
  public let curvatureEvaluations: Int

  package init(
    gradientNorm: Double, tolerance: Double, rounding: Double, iterations: Int, evaluations: Int,
    curvatureEvaluations: Int
  ) {
    self.gradientNorm = gradientNorm
    self.tolerance = tolerance
    self.rounding = rounding
    self.iterations = iterations
    self.evaluations = evaluations
    self.curvatureEvaluations = curvatureEvaluations
  }

  /// The largest norm that is accepted where rounding keeps it above the tolerance.
  private static let largestAtRounding = 1e-4

  /// Whether the norm reached the tolerance, or what double precision allows if that is below 1e-4.
  public var converged: Bool { reachedTolerance || isLimitedByRounding }

  /// Whether the norm reached the tolerance.
  public var reachedTolerance: Bool { gradientNorm <= tolerance }

  /// Whether the norm is above the tolerance for rounding alone, and still small.
  public var isLimitedByRounding: Bool {
    !reachedTolerance && gradientNorm <= min(10 * rounding, Self.largestAtRounding)
  }
}
