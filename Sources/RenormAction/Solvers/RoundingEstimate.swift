internal import GSLNumerics
internal import LinearAlgebra

/// The relative error of an order parameter: what is left of the gradient, and what rounding adds to it, over
/// the curvature 1 + Y - E of the action (docs/theory.md, section 3),
///
///     || Q^(-1/2) dQ Q^(-1/2) ||  ~  (gradient norm + rounding) || (1 + Y - E)^-1 ||.
///
/// An estimate, not a bound: E may come from random vectors. The spectral norm of the inverse is taken, as the
/// direction of the error is not known.
struct RoundingEstimate {
  /// The rounding of the gradient's norm.
  let gradient: Double
  /// The error of Q relative to Q.
  let orderParameter: Double

  /// An error below which the curvature 1 of the prior alone is good enough: a tenth of
  /// `Convergence.remarkableError`, so that well-determined fits pay for no further curvature.
  private static let negligible = 1e-7

  init(
    _ term: some DataTerm, _ point: ActionPoint, _ random: RandomGenerator
  ) throws(LinearAlgebraError) {
    gradient = point.gradientNoise
    let error = gradient + point.gradientNorm
    guard error > Self.negligible,
      let curvature = try term.curvature(at: point.value, frame: point.frame, random: random)
    else {
      orderParameter = error
      return
    }
    orderParameter = error * Self.inverseNorm(of: curvature, dimension: point.gradient.count, random)
  }

  /// The norm of (1 + Y - E)^-1, the inverse of the least eigenvalue, by three inverse iterations from a random
  /// vector.
  private static func inverseNorm(
    of curvature: DataTermCurvature, dimension: Int, _ random: RandomGenerator
  ) -> Double {
    // E is an estimate, and can make the Hessian indefinite.
    for share in [1, 0.5, 0] {
      let apply = { (x: [Double]) -> [Double] in
        var image = x
        image.add(1, curvature.target(x))
        if share > 0 { image.add(-share, curvature.inverse(x)) }
        return image
      }
      var direction = (0..<dimension).map { _ in random.uniform() - 0.5 }
      var norm = 0.0
      for _ in 0..<3 {
        guard let image = conjugateGradient(unit(direction), tolerance: 1e-2, apply) else {
          norm = 0
          break
        }
        direction = image
        norm = dot(image, image).squareRoot()
      }
      if norm > 0 { return norm }
    }
    return 1
  }

  private static func unit(_ x: [Double]) -> [Double] {
    let norm = dot(x, x).squareRoot()
    return norm > 0 ? x.scaled(by: 1 / norm) : x
  }
}
