/// How an order parameter was found.
public enum Formulation: String, Sendable, Codable {
  /// N -> infinity: the order parameter is the identity.
  case infiniteWidth = "infinite-width"
  /// Odd activations: the minimum of the effective action (THEORY, section 3).
  case minimum
  /// Other activations: the saddle point in (Q, Qbar) (THEORY, section 4).
  case saddle
}

/// How well an order parameter was determined.
public struct Convergence: Equatable, Sendable, Codable {
  /// Norm of what vanishes at the solution: the Riemannian gradient ||Q^(1/2) (dS/dQ) Q^(1/2)||_F, or the
  /// relative residual of the saddle equations.
  public let gradientNorm: Double
  /// The norm that was asked for.
  public let tolerance: Double
  /// Steps taken.
  public let iterations: Int
  /// Evaluations of the gradient: one renormalized kernel, one factorisation, one gradient each.
  public let evaluations: Int
  /// Evaluations of the data's curvature, each about as dear as one of the gradient.
  public let curvatureEvaluations: Int
  /// Whether the norm reached the tolerance.
  public let converged: Bool
}
