internal import LinearAlgebra

/// The minimum of a smooth function of a few variables in a box, by quasi-Newton steps with projection onto the
/// box (D. P. Bertsekas, SIAM J. Control Optim. 20 (1982)) and Powell's damped update of the curvature (Nocedal
/// and Wright, Numerical Optimization, 2006, chapter 18).
///
/// Evaluations are dear, so the first step of a line search is tried first, and a search ends where it has
/// come into the basin of a minimum that is known.
struct BoxSearch {
  /// The box.
  let bounds: [ClosedRange<Double>]
  /// Variables that keep their value.
  var held: Set<Int> = []
  /// The decrease of the function that is not worth a step.
  let tolerance: Double
  /// The height over a known minimum from which a search is taken for one that ends there.
  var margin = 0.0

  /// A point with the function's value and gradient.
  struct Point {
    let x: [Double]
    let value: Double
    let gradient: [Double]
  }

  /// Where a search ended, and why.
  struct Outcome {
    enum End: Equatable { case converged, stuck, joined(Int) }
    let point: Point
    /// The estimate of the second derivatives.
    let curvature: Matrix
    let end: End
  }

  /// The largest step in a variable, of the first step and of all.
  private static let (firstReach, largestReach) = (1.0, 4.0)
  private static let (maximumSteps, maximumTrials) = (60, 8)

  /// - Parameters:
  ///   - curvature: an estimate of the second derivatives, such as those at another minimum.
  ///   - known: minima that were found before.
  ///   - evaluate: the function; nil where it has no value.
  /// - Returns: nil where it has no value at the start.
  func minimum(
    from start: [Double], curvature: Matrix? = nil, known: [Outcome] = [],
    _ evaluate: ([Double]) throws(RenormError) -> Point?
  ) throws(RenormError) -> Outcome? {
    guard var point = try evaluate(clamped(start)) else { return nil }
    var b = curvature
    var reach = Self.firstReach
    for _ in 0..<Self.maximumSteps {
      let free = free(point)
      let model = b ?? Self.scaled(largest(free.map { point.gradient[$0] }), point.x.count)
      var direction = Self.newton(point.gradient, model, free)
      if -dot(direction, point.gradient) / 2 <= tolerance { return outcome(point, model, .converged, known) }
      guard let (next, isWhole) = try step(from: point, &direction, reach, evaluate) else {
        return Outcome(point: point, curvature: model, end: .stuck)
      }
      let isSmall = point.value - next.value <= tolerance / 4
      b = Self.updated(b, model, point, next)
      reach = isWhole ? min(2 * reach, Self.largestReach) : max(largest(difference(next, point)), 0.1)
      point = next
      // Below this the function is what its rounding makes of it.
      let end = outcome(point, b ?? model, isSmall && isWhole ? .converged : .stuck, known)
      if end.end != .stuck { return end }
    }
    return outcome(point, b ?? .identity(point.x.count), .stuck, known)
  }

  private func outcome(_ point: Point, _ curvature: Matrix, _ end: Outcome.End, _ known: [Outcome]) -> Outcome {
    let place = known.firstIndex { isInBasin(point, of: $0) }
    return Outcome(point: point, curvature: curvature, end: place.map { .joined($0) } ?? end)
  }

  /// The variables that may move: not held, and not pressed against an end of the box.
  private func free(_ point: Point) -> [Int] {
    point.x.indices.filter { i in
      if held.contains(i) { return false }
      if point.x[i] <= bounds[i].lowerBound { return point.gradient[i] < 0 }
      return point.x[i] < bounds[i].upperBound || point.gradient[i] > 0
    }
  }

  /// A lower point along a direction, bent at the ends of the box; nil where none is found.
  ///
  /// - Parameter direction: turned downhill where the box has turned it uphill.
  private func step(
    from point: Point, _ direction: inout [Double], _ reach: Double,
    _ evaluate: ([Double]) throws(RenormError) -> Point?
  ) throws(RenormError) -> (point: Point, isWhole: Bool)? {
    let length = largest(direction)
    var t = min(1, reach / length)
    for trial in 0..<Self.maximumTrials {
      var x = clamped(zip(point.x, direction).map { $0 + t * $1 })
      var slope = dot(zip(x, point.x).map { $0 - $1 }, point.gradient)
      if slope >= 0 {
        // At an end of the box what is left of a Newton step may go up; the gradient does not.
        let own = free(point)
        direction = direction.indices.map { own.contains($0) ? -point.gradient[$0] : 0 }
        t = min(length, reach) / max(largest(direction), 1e-300)
        x = clamped(zip(point.x, direction).map { $0 + t * $1 })
        slope = dot(zip(x, point.x).map { $0 - $1 }, point.gradient)
      }
      guard slope < 0, largest(zip(x, point.x).map { $0 - $1 }) > 1e-7 else { return nil }
      guard let next = try evaluate(x) else {
        t /= 4
        continue
      }
      if next.value <= point.value + 1e-4 * slope { return (next, trial == 0) }
      // The minimum of the parabola through value and slope here and the value there.
      let bend = next.value - point.value - slope
      t *= min(max(bend > 0 ? -slope / (2 * bend) : 0.5, 0.1), 0.5)
    }
    return nil
  }

  private func clamped(_ x: [Double]) -> [Double] {
    x.indices.map { min(max(x[$0], bounds[$0].lowerBound), bounds[$0].upperBound) }
  }

  private func difference(_ a: Point, _ b: Point) -> [Double] { zip(a.x, b.x).map { $0 - $1 } }

  /// Whether a point belongs to a known minimum: near it, lower than `margin` above it, and with a slope that
  /// falls towards it. On a plateau the rest of such a search would take most of its evaluations.
  private func isInBasin(_ point: Point, of known: Outcome) -> Bool {
    let step = difference(known.point, point)
    return known.end == .converged && largest(step) < 2 && point.value - known.point.value > -tolerance
      && point.value - known.point.value < margin && dot(step, point.gradient) <= tolerance
  }

  private func largest(_ x: [Double]) -> Double { x.reduce(0) { max($0, abs($1)) } }

  /// A curvature for which a steepest descent has the length of the first reach.
  private static func scaled(_ gradient: Double, _ count: Int) -> Matrix {
    max(gradient, 1e-12) / firstReach * .identity(count)
  }

  /// -B^-1 g over the free variables; the others stay.
  private static func newton(_ gradient: [Double], _ b: Matrix, _ free: [Int]) -> [Double] {
    var direction = [Double](repeating: 0, count: gradient.count)
    let own = Matrix(rows: free.count, columns: free.count) { b[free[$0], free[$1]] }
    let downhill = free.map { -gradient[$0] }
    let solved = (try? Cholesky(own))?.solve(downhill) ?? downhill
    for (k, i) in free.enumerated() { direction[i] = solved[k] }
    return direction
  }

  /// B + r r^T/(s r) - B s s^T B/(s B s) with s the step, r the change of the gradient, damped so that B stays
  /// positive definite. The first step sets the scale.
  private static func updated(_ b: Matrix?, _ model: Matrix, _ old: Point, _ new: Point) -> Matrix {
    let s = zip(new.x, old.x).map { $0 - $1 }
    let y = zip(new.gradient, old.gradient).map { $0 - $1 }
    let product = dot(s, y)
    var base = model
    if b == nil, product > 0 { base = dot(y, y) / product * .identity(s.count) }
    let bs = base * s
    let sbs = dot(s, bs)
    guard sbs > 0 else { return base }
    let weight = product >= 0.2 * sbs ? 1 : 0.8 * sbs / (sbs - product)
    let r = zip(y, bs).map { weight * $0 + (1 - weight) * $1 }
    base.add(1 / dot(s, r), outer: r, r)
    base.add(-1 / sbs, outer: bs, bs)
    return base.symmetricPart
  }
}

extension BoxSearch.Outcome {
  /// How far each variable can move until the function, taken as a parabola and minimised over the others,
  /// rises by `change`; nil where the curvature is not known.
  func widths(change: Double) -> [Double]? {
    guard let factor = try? Cholesky(curvature) else { return nil }
    let inverse = factor.inverseLowerTriangle().diagonal
    return inverse.map { (2 * change * $0).squareRoot() }
  }
}
