/// Which equations an order parameter solves.
public enum Formulation: String, Sendable, Codable {
  /// N -> infinity: the order parameter is the identity.
  case infiniteWidth = "infinite-width"
  /// Odd activations: the minimum of the effective action (docs/theory.md, section 3).
  case minimum
  /// Other activations: the saddle point in (Q, Qbar) (docs/theory.md, section 4).
  case saddle
}

/// How well an order parameter was determined.
///
/// All norms are those of the gradient relative to Q, ||Q^(1/2) (dS/dQ) Q^(1/2)||_F, without units: divided by
/// the curvature 1 + Y - E of the action (docs/theory.md, section 3), which is near 1 where the data are few,
/// they are errors of Q relative to Q.
public struct Convergence: Equatable, Sendable, Codable {
  /// Norm of what vanishes at the solution: the Riemannian gradient ||Q^(1/2) (dS/dQ) Q^(1/2)||_F, at a saddle
  /// together with the residual of the second equation in the same metric. It is the error of Q relative to Q,
  /// up to the curvature of S.
  public let gradientNorm: Double
  /// The norm that was asked for.
  public let tolerance: Double
  /// An estimate of what rounding of the kernel leaves of the norm in double precision. It grows as |u|^2,
  /// u = A^-1 y, for targets outside the range of a kernel at low temperature, such as near duplicates with
  /// different labels.
  public let rounding: Double
  /// An estimate of the error of the order parameter relative to itself: what is left of the gradient and what
  /// rounding adds to it, over the curvature of the action.
  public let orderParameterError: Double
  /// The part of `orderParameterError` that is due to rounding.
  public let roundingError: Double
  /// Steps taken.
  public let iterations: Int
  /// Evaluations of the gradient: one renormalized kernel, one factorisation, one gradient each.
  public let evaluations: Int
  /// Evaluations of the data's curvature, each at the cost of one to two of the gradient.
  public let curvatureEvaluations: Int

  package init(
    gradientNorm: Double, tolerance: Double, rounding: Double, orderParameterError: Double,
    roundingError: Double,
    iterations: Int, evaluations: Int, curvatureEvaluations: Int
  ) {
    self.gradientNorm = gradientNorm
    self.tolerance = tolerance
    self.rounding = rounding
    self.orderParameterError = orderParameterError
    self.roundingError = roundingError
    self.iterations = iterations
    self.evaluations = evaluations
    self.curvatureEvaluations = curvatureEvaluations
  }

  /// The largest relative error, from rounding, of an order parameter that counts as determined: a
  /// convention, well below the 1/N that the theory itself leaves out.
  package static let largestError = 1e-4
  /// The relative error above which a user is told: a convention; kernels in single precision leave about as
  /// much.
  package static let remarkableError = 1e-6

  /// Whether the order parameter is determined: the norm reached the tolerance, or what double precision
  /// allows, and what is left of the gradient, and rounding, leave relative errors of at most 1e-4 each.
  public var converged: Bool {
    (reachedTolerance || isLimitedByRounding) && !isLostToRounding
      && orderParameterError - roundingError <= Self.largestError
  }

  /// What keeps a search that has not converged from being right; nil where it did.
  package var failure: String? {
    if converged { return nil }
    if isLostToRounding {
      return "rounding leaves a relative error of about \(orderParameterError) in the order parameter"
    }
    let steps = "after \(iterations) iteration\(iterations == 1 ? "" : "s")"
    guard reachedTolerance else { return "gradient norm \(gradientNorm) \(steps), tolerance \(tolerance)" }
    return
      "gradient norm \(gradientNorm) \(steps) leaves a relative error of about \(orderParameterError) in the "
      + "order parameter, as the action is nearly flat"
  }

  /// Whether the norm reached the tolerance.
  public var reachedTolerance: Bool { gradientNorm <= tolerance }

  /// Whether rounding alone leaves a relative error above 1e-4: no tolerance and no number of iterations helps.
  public var isLostToRounding: Bool { !(roundingError <= Self.largestError) }

  /// Whether the norm is above the tolerance for rounding alone, and the error still small. `rounding` is an
  /// estimate, and small by chance or for errors that are not independent; within a factor of 1000 (a margin,
  /// not measured) it is taken for the cause, while `orderParameterError` decides whether it matters.
  public var isLimitedByRounding: Bool {
    !reachedTolerance && gradientNorm <= 1000 * rounding && orderParameterError <= Self.largestError
  }
}

extension Convergence {
  private enum CodingKeys: String, CodingKey {
    case gradientNorm, tolerance, rounding, orderParameterError, roundingError, iterations, evaluations
    case curvatureEvaluations
  }

  /// Reads records without the two errors of the order parameter too, which earlier versions wrote.
  public init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: CodingKeys.self)
    gradientNorm = try container.decode(Double.self, forKey: .gradientNorm)
    tolerance = try container.decode(Double.self, forKey: .tolerance)
    rounding = try container.decode(Double.self, forKey: .rounding)
    orderParameterError =
      try container.decodeIfPresent(Double.self, forKey: .orderParameterError) ?? gradientNorm + rounding
    let share = rounding > 0 ? rounding / (rounding + gradientNorm) : 0
    roundingError =
      try container.decodeIfPresent(Double.self, forKey: .roundingError) ?? orderParameterError * share
    iterations = try container.decode(Int.self, forKey: .iterations)
    evaluations = try container.decode(Int.self, forKey: .evaluations)
    curvatureEvaluations = try container.decode(Int.self, forKey: .curvatureEvaluations)
  }
}
