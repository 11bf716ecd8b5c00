internal import Foundation
internal import LinearAlgebra

/// Steps from points where a quadratic model of the action is poor: far from the minimum y^T A^-1 y changes as
/// 1/Q, and a Newton step ends much too early or outside the cone.
///
/// With Q+ = L W L^T and Z = W - 1 the convex model
///
///     m(Z) = <L^T L + D - U, Z> - log det W + (y/2) t^2 / (1 + rho t) + (1/2) <Z, Y Z> - (y/2) t^2
///
/// keeps the prior part exactly where phi is linear, and bounds a concave phi by its tangent (`PriorTerm`). It
/// bounds log det A by its tangent, D and U the two parts of the data's gradient (`ActionPoint`). It takes the
/// y-term (1/N) y^T A^-1 y with its gradient -U and its exact Hessian Y (`DataTermCurvature`).
///
/// The *ray* is the line W = (1 + z) 1 along which all of Q grows by one factor, and the y-term is known beyond
/// second order: y = <1, Y 1> is its second derivative there, l = Y 1/y so that t = <l, Z> = z on the ray, and
/// instead of the parabola (y/2) t^2 the model has (y/2) t^2/(1 + rho t). The *bend* rho = y/(2 tr U), at most
/// 1, gives the function the shape -tr U t/(1 + rho t): for rho = 1, where T is small beside K_R, exactly that
/// of 1/q; for rho near 0, where T is large, a straight line. (rho <= 1 as K_R <= A; the bound is for what a
/// prior adds to U.) Across the ray the y-term is quadratic.
///
/// Both words are this file's own. The model is convex, and its minimum is found by Newton's method.
struct FarStep {
  let point: ActionPoint
  let curvature: DataTermCurvature
  private let sizes: [Int]
  /// L^T L + D - U, as coordinates.
  private let linear: [Double]
  /// l.
  private let ray: [Double]
  /// y, the second derivative along the ray.
  private let rayCurvature: Double
  /// rho.
  private let bend: Double

  init(_ point: ActionPoint, _ curvature: DataTermCurvature) {
    self.point = point
    self.curvature = curvature
    sizes = point.frame.sizes
    linear = (point.linear + point.inverseGradient - point.targetGradient).coordinates
    let identity = BlockDiagonal.identity(sizes: sizes).coordinates
    let image = curvature.target(identity)
    rayCurvature = max(dot(image, identity), 0)
    ray = image.scaled(by: rayCurvature > 0 ? 1 / rayCurvature : 0)
    let slope = max(dot(point.targetGradient.coordinates, identity), .leastNormalMagnitude)
    bend = min(rayCurvature / (2 * slope), 1)
  }

  /// Candidates for H with L+ = L H, best first.
  func candidates() throws(LinearAlgebraError) -> [BlockDiagonal] {
    let (w, hessian) = try minimizeModel()
    let root = try w.mapEigenvalues { $0.squareRoot() }
    guard let correction = try curvatureCorrection(w, root, hessian) else { return [root] }
    let half = try correction.mapEigenvalues { exp($0 / 2) }
    return [root.combined(with: half, *), root]
  }

  /// The model at W: its value, gradient, W^-1 and the curvature of the y-term; nil outside the domain.
  private func model(_ w: BlockDiagonal) throws(LinearAlgebraError) -> ModelValue? {
    guard let logDeterminant = try? w.logDeterminant() else { return nil }
    let z = (w - .identity(sizes: sizes)).coordinates
    let t = dot(ray, z)
    let h = 1 + bend * t
    guard h > 0 else { return nil }
    let inverse = try w.mapEigenvalues { 1 / $0 }
    let rest = transverse(z)
    var gradient = linear
    gradient.add(-1, inverse.coordinates)
    gradient.add(1, rest)
    gradient.add(rayCurvature * t * (1 + 0.5 * bend * t) / (h * h), ray)
    return ModelValue(
      value: dot(linear, z) - logDeterminant + 0.5 * rayCurvature * t * t / h + 0.5 * dot(z, rest),
      gradient: gradient, inverse: inverse, rayCurvature: rayCurvature / (h * h * h))
  }

  private struct ModelValue {
    let value: Double
    let gradient: [Double]
    /// W^-1.
    let inverse: BlockDiagonal
    /// y/(1 + rho t)^3, the second derivative of the model's y-term along the ray.
    let rayCurvature: Double
  }

  /// Y Z - y <l, Z> l: Y without its part along the ray.
  private func transverse(_ x: [Double]) -> [Double] {
    var result = curvature.target(x)
    result.add(-rayCurvature * dot(ray, x), ray)
    return result
  }

  /// The Hessian of the model's y-term where its second derivative along the ray is `rayCurvature`.
  private func targetHessian(_ x: [Double], rayCurvature: Double) -> [Double] {
    var result = transverse(x)
    result.add(rayCurvature * dot(ray, x), ray)
    return result
  }

  /// Minimises the model by damped Newton steps; returns W and the Hessian of its y-term there.
  ///
  /// It starts at W = 1, or at the majorised step where that is lower, and ends when the Newton decrement is
  /// below 2 percent of the first one (of 1 for a large first one): the model itself is no better than that.
  /// Its evaluations take no pass over the kernels.
  private func minimizeModel() throws(LinearAlgebraError) -> (BlockDiagonal, ([Double]) -> [Double]) {
    var w = BlockDiagonal.identity(sizes: sizes)
    guard var current = try model(w) else { throw .notFinite(order: w.order) }
    if point.gradientNorm > 1, let safe = try? MajorisedStep.step(point) {
      let start = safe.map { ($0 * $0).symmetricPart }
      if let value = try model(start), value.value < current.value { (w, current) = (start, value) }
    }
    var firstDecrement: Double?
    for _ in 0..<60 {
      let (here, value) = (w, current)
      let step = conjugateGradient(
        value.gradient.scaled(by: -1), tolerance: 0.1,
        preconditioner: { coordinates($0, by: here) }
      ) { x in
        var image = targetHessian(x, rayCurvature: value.rayCurvature)
        image.add(1, coordinates(x, by: value.inverse))
        return image
      }
      guard let step else { break }
      let slope = dot(value.gradient, step)
      let decrement = max(-slope, 0).squareRoot()
      if let firstDecrement, decrement < 0.02 * firstDecrement { break }
      if firstDecrement == nil { firstDecrement = min(decrement, 1) }
      guard let (next, nextValue) = try search(from: w, value, step, slope) else { break }
      (w, current) = (next, nextValue)
    }
    let rayCurvature = current.rayCurvature
    return (w, { targetHessian($0, rayCurvature: rayCurvature) })
  }

  /// The first of the halved steps that decreases the model by a quarter of what its slope promises (Armijo's
  /// rule).
  private func search(
    from w: BlockDiagonal, _ value: ModelValue, _ step: [Double], _ slope: Double
  ) throws(LinearAlgebraError) -> (BlockDiagonal, ModelValue)? {
    var length = 1.0
    while length > 1e-10 {
      let next = w + BlockDiagonal(coordinates: step.scaled(by: length), sizes: sizes)
      if let candidate = try model(next),
        candidate.value <= value.value + 0.25 * length * slope + 1e-14 * abs(value.value)
      {
        return (next, candidate)
      }
      length /= 2
    }
    return nil
  }

  /// What the curvature -E of log det A, which the model left out, adds to log W to first order,
  ///
  ///     (1 + W^(1/2) Y_W W^(1/2) - s E) dX = s E log W,
  ///
  /// Y_W the Hessian of the model's y-term at W, and s = 1; less where the operator is indefinite or the
  /// correction larger than a factor of e in an eigenvalue. Nil where six values of s fail.
  private func curvatureCorrection(
    _ w: BlockDiagonal, _ root: BlockDiagonal, _ hessian: ([Double]) -> [Double]
  ) throws(LinearAlgebraError) -> BlockDiagonal? {
    let change = curvature.inverse(try w.logarithm().coordinates)
    var share = 1.0
    for _ in 0..<6 {
      let solution = conjugateGradient(change.scaled(by: share), tolerance: 0.05) { x in
        var image = coordinates(hessian(coordinates(x, by: root)), by: root)
        image.add(1, x)
        image.add(-share, curvature.inverse(x))
        return image
      }
      if let solution {
        let correction = BlockDiagonal(coordinates: solution, sizes: sizes)
        if try correction.largestAbsoluteEigenvalue() <= 1 { return correction }
      }
      share *= 0.6
    }
    return nil
  }

  /// The coordinates of B X B for a symmetric B.
  private func coordinates(_ x: [Double], by b: BlockDiagonal) -> [Double] {
    BlockDiagonal(coordinates: x, sizes: sizes).congruence(by: b).coordinates
  }
}
