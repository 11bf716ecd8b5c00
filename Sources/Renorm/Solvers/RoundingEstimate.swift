internal import GSLNumerics
internal import LinearAlgebra

/// The relative error of an order parameter: what is left of the gradient, and what rounding adds to it, over the
/// curvature 1 + Y - E of the action (docs/theory.md, section 3).
struct RoundingEstimate {
  /// The rounding of the gradient's norm.
  let gradient: Double
  /// The error of Q relative to Q.
  let orderParameter: Double

  /// An error below which the curvature of the prior alone is good enough.
  private static let negligible = 1e-7

  init(
    _ term: some DataTerm, _ point: FramePoint, _ random: RandomGenerator
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

  /// The norm of (1 + Y - E)^-1, by inverse iteration.
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

/// What rounding of the kernel makes of the gradient of the data part.
///
/// An error E of K_R, taken as independent elements of the size `element`, changes y^T A^-1 K_R A^-1 y by
/// u^T (2 T A^-1 - 1) E u and tr(A^-1 K_R) by T tr(A^-2 E). Both are small where T is far above the error, and grow as
/// 1/T^2 and 1/T in directions where the kernel vanishes.
struct KernelRounding {
  /// One over N times the norm of both changes.
  let gradient: Double

  /// Errors of rounding are not independent; from problems solved with 45 digits.
  private static let correlation = 3.0

  /// - Parameters:
  ///   - elements: the size of E for each of the channels that A decouples into.
  ///   - normsSquared: |u|^2, for each.
  ///   - inverseTraces: tr A^-1, for each.
  init(
    elements: [Double], normsSquared: [Double], inverseTraces: [Double], _ parameters: ActionParameters
  ) {
    var target = 0.0
    var trace = 0.0
    for (c, element) in elements.enumerated() {
      target += element * normsSquared[c]
      // T^2 |A^-2|^2 is at most tr A^-1 / T, which counts the directions where K_R is below T.
      trace += element * element * inverseTraces[c] / parameters.temperature
    }
    gradient = Self.correlation * (2 * (target * target + trace)).squareRoot() / parameters.width
  }
}

extension Matrix {
  /// The root mean square of a symmetric matrix of which the lower triangle is read.
  var rootMeanSquareOfLowerTriangle: Double {
    withUnsafeElements { elements in
      var sum = 0.0
      for j in 0..<columns {
        let diagonal = elements[j + j * rows]
        sum -= diagonal * diagonal
        for i in j..<rows { sum += 2 * elements[i + j * rows] * elements[i + j * rows] }
      }
      return sum.squareRoot() / Double(max(rows, 1))
    }
  }
}
