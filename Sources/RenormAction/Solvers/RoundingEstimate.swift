internal import GSLNumerics
internal import LinearAlgebra

/// The relative error of an order parameter: what is left of the gradient, and what rounding adds to it,
/// through the inverse of the curvature 1 + Y - E of the action (docs/theory.md, section 3).
struct RoundingEstimate {
  /// The rounding of the gradient's norm.
  let gradient: Double
  /// The error of Q relative to Q.
  let orderParameter: Double
  /// Its part that is due to rounding.
  let rounding: Double

  /// An error below which the curvature 1 of the prior alone is good enough: a tenth of
  /// `Convergence.remarkableError`, so that well-determined fits pay for no further curvature.
  private static let negligible = 1e-7
  private static let draws = 4
  /// Errors of rounding are not independent; from problems solved with 45 to 90 digits.
  private static let correlation = 10.0

  init(
    _ term: some DataTerm, _ point: ActionPoint, _ random: RandomGenerator
  ) throws(LinearAlgebraError) {
    gradient = point.gradientNoise
    let error = gradient + point.gradientNorm
    if error > Self.negligible * (try point.softness()),
      let curvature = try term.curvature(at: point.value, frame: point.frame, random: random),
      let noise = try Self.noise(term, point, random),
      let lengths = Self.solutions(curvature, [point.gradient] + noise)
    {
      let squares = lengths.dropFirst().reduce(0) { $0 + $1 * $1 }
      rounding = Self.correlation * (squares / Double(noise.count)).squareRoot()
      // At a saddle the norm has a part beside the gradient.
      let left = dot(point.gradient, point.gradient).squareRoot()
      orderParameter = lengths[0] + (point.gradientNorm - left) + rounding
    } else {
      rounding = gradient
      orderParameter = error
    }
  }

  /// Draws of the rounding of the gradient, in the frame.
  private static func noise(
    _ term: some DataTerm, _ point: ActionPoint, _ random: RandomGenerator
  ) throws(LinearAlgebraError) -> [[Double]]? {
    let kernel = try term.gradientNoise(
      at: point.value, covariance: point.covariance, mean: point.mean, draws: draws, random: random)
    let parts = [point.linear, point.inverseGradient, point.targetGradient].map(\.coordinates)
    return kernel.map { draws in
      draws.map { draw in
        var result = draw.congruence(by: point.frame).coordinates
        for part in parts {
          for k in result.indices { result[k] += 4 * Double.ulpOfOne * part[k] * random.gaussian() }
        }
        return result
      }
    }
  }

  /// The norms of (1 + Y - E)^-1 x.
  private static func solutions(_ curvature: DataTermCurvature, _ vectors: [[Double]]) -> [Double]? {
    // E is an estimate, and can make the Hessian indefinite.
    for share in [1, 0.5, 0] {
      let solved = vectors.compactMap { vector in
        conjugateGradient(vector, tolerance: 1e-6) { x in
          var image = x
          image.add(1, curvature.target(x))
          if share > 0 { image.add(-share, curvature.inverse(x)) }
          return image
        }
      }
      if solved.count == vectors.count { return solved.map { dot($0, $0).squareRoot() } }
    }
    return nil
  }
}
