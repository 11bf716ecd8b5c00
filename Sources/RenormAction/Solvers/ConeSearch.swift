internal import Foundation
internal import GSLNumerics
internal import LinearAlgebra

/// The state of a minimisation on the cone of positive definite order parameters: which of the steps of
/// `ConeMinimizer` is next, and with which curvature.
///
/// Steps X are symmetric matrices in the frame of a point, Q+ = L exp(X) L^T (`ActionPoint`). The decision
/// rests on the Newton decrement (X . gradient)^(1/2) of the quasi-Newton step X: half its square is the
/// decrease of S that a quadratic model promises, and it does not depend on coordinates.
struct ConeSearch<Data: DataTerm> {
  private let action: EffectiveAction<Data>
  private let progress: SolverProgress
  /// Probes of the curvature repeat from fit to fit.
  private let random = RandomGenerator(seed: 1)
  private(set) var evaluations = 0
  private(set) var curvatureEvaluations = 0
  /// Whether no step decreases S any more.
  private(set) var isFinished = false

  /// Y and E at the point where they were last computed; nil where there are none.
  private var curvature: DataTermCurvature?
  private var hasCurvature = false
  /// The share of the curvature of log det A that is trusted; less where it would make the Hessian indefinite.
  private var inverseShare = 1.0
  /// Steps and changes of the gradient since the curvature was computed.
  private var pairs = SecantPairs()
  /// Whether the curvature is that of the current point.
  private var isCurvatureHere = false
  private var mustRefresh = false
  /// Steps in a row, far from the minimum, that did not halve the gradient.
  private var slowFarSteps = 0
  /// Quasi-Newton steps in a row that did not.
  private var stalledSteps = 0

  /// The Newton decrement above which a point counts as far from the minimum. At Hessian 1 it is
  /// the step's norm: a change of Q by ten percent. `ConeMinimizer` says how constants were chosen.
  private static var farDecrement: Double { 0.1 }

  init(_ action: EffectiveAction<Data>, _ progress: @escaping SolverProgress) {
    self.action = action
    self.progress = progress
  }

  /// The point of a frame, counted and reported.
  ///
  /// - Throws: `LinearAlgebraError` where A or Q cannot be factored.
  mutating func evaluate(
    _ frame: BlockDiagonal
  ) throws(LinearAlgebraError) -> ActionPoint {
    evaluations += 1
    let point = try ActionPoint(action, frame: frame)
    progress(evaluations, point.gradientNorm)
    return point
  }

  /// Evaluations of others.
  mutating func count(_ more: Int) { evaluations += more }

  /// Forgets what was learnt of the curvature, for another start.
  mutating func restart() {
    (isFinished, hasCurvature, curvature, inverseShare, pairs) = (false, false, nil, 1, SecantPairs())
    (isCurvatureHere, mustRefresh, slowFarSteps, stalledSteps) = (false, false, 0, 0)
  }

  /// The given start, else the solution at infinite width, or where it is not admissible (means, N = 1) a
  /// smaller multiple of it.
  mutating func start(
    from start: BlockDiagonal?
  ) throws(LinearAlgebraError) -> ActionPoint {
    if let start, start.sizes == action.space.blockSizes,
      let point = try? evaluate(start.squareRoot())
    {
      return point
    }
    let identity = BlockDiagonal.identity(sizes: action.space.blockSizes)
    if action.data.hasMeans {
      for scale in [1, 0.5, 0.2, 0.1] {
        if let point = try? evaluate(scale * identity) { return point }
      }
    }
    return try evaluate(identity)
  }

  /// The next point, or the same one where the curvature has to be renewed first.
  mutating func advance(
    from point: ActionPoint
  ) throws(LinearAlgebraError) -> ActionPoint {
    var isFar = !hasCurvature
    if hasCurvature, !mustRefresh {
      let step = nearStep(point)
      if !self.isFar(step, point) { return try takeNear(step, from: point, isFresh: false) }
      isFar = true
    }
    try refreshCurvature(point)
    if !isFar {
      let step = nearStep(point)
      if !self.isFar(step, point) { return try takeNear(step, from: point, isFresh: true) }
    }
    return try takeFar(from: point)
  }

  /// Whether a quadratic model is poor here, and models of the shape of S still make good progress.
  private func isFar(_ step: [Double], _ point: ActionPoint) -> Bool {
    abs(dot(step, point.gradient)) > Self.farDecrement * Self.farDecrement && slowFarSteps < 3
  }

  /// Computes Y and E at a point, and forgets the secant pairs, which correct the curvature of another.
  private mutating func refreshCurvature(_ point: ActionPoint) throws(LinearAlgebraError) {
    curvature = try action.data.curvature(at: point.value, frame: point.frame, random: random)
    if curvature != nil { curvatureEvaluations += 1 }
    hasCurvature = true
    inverseShare = 1
    pairs = SecantPairs()
    isCurvatureHere = true
    mustRefresh = false
  }

  /// The quasi-Newton step X = -H gradient with the inverse Hessian H of limited-memory BFGS, whose initial
  /// Hessian is 1 + Y - E (and that of the prior's phi), solved by conjugate gradients. E is an estimate where
  /// it comes from random vectors: where a direction of negative curvature turns up, less of it is trusted, by
  /// factors of 0.6, and none below 0.08.
  private mutating func nearStep(_ point: ActionPoint) -> [Double] {
    let step = pairs.apply(point.gradient) { vector in
      guard let curvature else { return vector }
      while true {
        let share = inverseShare
        let solution = conjugateGradient(vector, tolerance: 1e-3) { x in
          var image = x
          image.add(1, curvature.target(x))
          if let hessian = point.prior.hessian { image.add(1, hessian(x)) }
          if share > 0 { image.add(-share, curvature.inverse(x)) }
          return image
        }
        if let solution { return solution }
        if share == 0 { return vector }
        inverseShare = share < 0.08 ? 0 : 0.6 * share
      }
    }
    return step.scaled(by: -1)
  }

  /// The best step of `FarStep` that improves S; without curvature the fixed-point map; else the majorised
  /// step.
  private mutating func takeFar(
    from point: ActionPoint
  ) throws(LinearAlgebraError) -> ActionPoint {
    let candidates: [BlockDiagonal]
    if let curvature {
      candidates = try FarStep(point, curvature).candidates()
    } else {
      candidates = NaturalStep.step(point).map { [$0] } ?? []
    }
    for candidate in candidates {
      if let next = try? evaluate(point.frame.combined(with: candidate, *)), next.improves(on: point) {
        return accept(next, after: point)
      }
    }
    return try takeMajorised(from: point)
  }

  /// Takes note of a step that was not quasi-Newton.
  private mutating func accept(_ next: ActionPoint, after point: ActionPoint) -> ActionPoint {
    slowFarSteps = next.gradientNorm > 0.5 * point.gradientNorm ? slowFarSteps + 1 : 0
    isCurvatureHere = false
    return next
  }

  /// The step of `MajorisedStep`; the steepest descent where it does not improve S.
  private mutating func takeMajorised(
    from point: ActionPoint
  ) throws(LinearAlgebraError) -> ActionPoint {
    let step = try MajorisedStep.step(point)
    if let next = try? evaluate(point.frame.combined(with: step, *)), next.improves(on: point) {
      return accept(next, after: point)
    }
    return takeDescent(from: point)
  }

  /// The steepest descent, shortened until S decreases; it does unless rounding hides the difference.
  ///
  /// The majorant bounds S of section 3; at a saddle the step along it can fail.
  private mutating func takeDescent(from point: ActionPoint) -> ActionPoint {
    var length = min(1, 1 / point.gradientNorm)
    for _ in 0..<20 {
      let x = BlockDiagonal(coordinates: point.gradient.scaled(by: -length), sizes: point.frame.sizes)
      if let move = try? x.mapEigenvalues({ exp($0 / 2) }),
        let next = try? evaluate(point.frame.combined(with: move, *)), next.improves(on: point)
      {
        mustRefresh = true
        return accept(next, after: point)
      }
      length /= 4
    }
    isFinished = true
    return point
  }

  /// Takes a quasi-Newton step, of at most norm 1 in a block (a factor of e in an eigenvalue of Q), and learns
  /// from it.
  ///
  /// Where it does not improve S the curvature is renewed first, and if it was new the majorised step is taken.
  /// The search ends where a step no longer halves a gradient that is within five times the bound of its
  /// rounding.
  private mutating func takeNear(
    _ step: [Double], from point: ActionPoint, isFresh: Bool
  ) throws(LinearAlgebraError) -> ActionPoint {
    var x = BlockDiagonal(coordinates: step, sizes: point.frame.sizes)
    let length = x.largestBlockNorm
    if length > 1 { x = (1 / length) * x }
    let move = try x.mapEigenvalues { exp($0 / 2) }
    guard let next = try? evaluate(point.frame.combined(with: move, *)), next.improves(on: point) else {
      slowFarSteps = 0
      guard isFresh || (pairs.isEmpty && isCurvatureHere) else {
        mustRefresh = true
        return point
      }
      let safe = try takeMajorised(from: point)
      mustRefresh = true
      return safe
    }
    var change = next.gradient
    change.add(-1, point.gradient)
    pairs.append(step: x.coordinates, change: change)
    if next.gradientNorm > 0.5 * point.gradientNorm {
      stalledSteps += 1
      if min(next.gradientNorm, point.gradientNorm) <= 5 * point.gradientRounding {
        isFinished = true
        return next.gradientNorm < point.gradientNorm ? next : point
      }
    } else {
      stalledSteps = 0
    }
    if stalledSteps >= 2, !isCurvatureHere {
      mustRefresh = true
      stalledSteps = 0
    }
    isCurvatureHere = false
    return next
  }
}
