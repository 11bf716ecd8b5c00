internal import Foundation
internal import LinearAlgebra

/// Minimises S(Q) = tr Q - log det Q + L(Q) over positive definite Q (THEORY, section 3).
///
/// The iteration is the natural fixed-point map Q <- (I + Gamma)^-1, Gamma = dL/dQ, in X = log Q, Anderson
/// accelerated: the metric of tr Q - log det Q makes it a Newton step where L is linear. Points exp(X) cannot
/// leave the cone; a step is taken only where S decreases, and shortened until it does.
struct ConeMinimizer {
  let options: FitOptions

  /// Eigenvalues of Q^(1/2) (I + Gamma) Q^(1/2) below this, or negative, are taken for it: the step in log Q
  /// stays below 2 and keeps the sign of the gradient, so it is a direction of descent.
  private static let smallestEigenvalue = exp(-2.0)

  /// A visited point.
  fileprivate struct Point {
    let logarithm: SymmetricBlocks
    let value: DataTermValue
    let action: Double
    let gradientNorm: Double
    /// log of the fixed-point map's image, less log Q.
    let residual: [Double]
  }

  func minimize(_ term: some DataTerm, _ progress: (FitEvent) -> Void) throws(LinearAlgebraError) -> Solution {
    var evaluations = 0
    func evaluate(_ x: SymmetricBlocks) throws(LinearAlgebraError) -> Point {
      let point = try Self.evaluate(term, x)
      evaluations += 1
      progress(.evaluated(count: evaluations, gradientNorm: point.gradientNorm))
      return point
    }
    var accelerator = AndersonAccelerator(memory: 8)
    var current = try evaluate(0 * .identity(sizes: term.blockSizes))
    var iterations = 0
    while current.gradientNorm > options.tolerance, iterations < options.maximumIterations {
      iterations += 1
      let step = try accelerator.step(point: current.logarithm.coordinates, residual: current.residual)
      var accelerated: Point? = accelerator.hasHistory ? try? evaluate(current.moved(by: step)) : nil
      if let candidate = accelerated, !candidate.isProgress(from: current) { accelerated = nil }
      if let accelerated {
        current = accelerated
        continue
      }
      accelerator.reset()
      _ = try accelerator.step(point: current.logarithm.coordinates, residual: current.residual)
      guard let next = Self.backtrack(from: current, evaluate) else { break }
      current = next
    }
    return Solution(
      formulation: .minimum,
      weights: KernelWeights(covariance: try current.logarithm.exponential(), mean: nil),
      action: current.action,
      convergence: Convergence(
        gradientNorm: current.gradientNorm, tolerance: options.tolerance, iterations: iterations,
        evaluations: evaluations, converged: current.gradientNorm <= options.tolerance))
  }

  /// The first point along the fixed-point step, halved up to 30 times, where S decreases.
  private static func backtrack(
    from current: Point, _ evaluate: (SymmetricBlocks) throws(LinearAlgebraError) -> Point
  ) -> Point? {
    var length = 1.0
    for _ in 0..<30 {
      if let candidate = try? evaluate(current.moved(by: current.residual.map { length * $0 })),
        candidate.isProgress(from: current)
      {
        return candidate
      }
      length /= 2
    }
    return nil
  }

  private static func evaluate(_ term: some DataTerm, _ x: SymmetricBlocks) throws(LinearAlgebraError) -> Point {
    let q = try x.exponential()
    let root = try x.mapEigenvalues { exp($0 / 2) }
    let value = try term.evaluate(KernelWeights(covariance: q, mean: nil))
    let identity = SymmetricBlocks.identity(sizes: q.sizes)
    let map = (identity + value.covarianceGradient).congruence(by: root)
    let image = try map.mapEigenvalues { 1 / max($0, smallestEigenvalue) }.congruence(by: root)
    return Point(
      logarithm: x, value: value, action: q.trace - x.trace + value.value, gradientNorm: (map - identity).norm,
      residual: (try image.logarithm() - x).coordinates)
  }
}

extension ConeMinimizer.Point {
  func moved(by step: [Double]) -> SymmetricBlocks {
    logarithm + SymmetricBlocks(coordinates: step, sizes: logarithm.sizes)
  }

  /// Whether S decreased; where its change is below rounding, whether the gradient did.
  func isProgress(from previous: Self) -> Bool {
    let rounding = 1e-13 * (1 + abs(previous.action))
    if action < previous.action - rounding { return true }
    return action <= previous.action + rounding && gradientNorm < previous.gradientNorm
  }
}
