internal import Foundation
package import LinearAlgebra

/// Finds the order parameters of a deep network by Newton's method in x, their logarithms, with the exact
/// Hessian (docs/depth.md), from x = 0, the solution at infinite width.
///
/// At a minimum eigenvalues of the Hessian count with their absolute values, at least 1e-3 of the smallest
/// N_l/N, and a step is halved until the action decreases by 1e-4 of what its slope promises (Armijo's rule).
/// At a saddle the step is Newton's, halved until the norm of the gradient decreases.
package struct LayerSearch {
  private let options: SolverOptions

  package init(options: SolverOptions) { self.options = options }

  /// What a search has found.
  package struct Result: Sendable {
    package let point: LayerActionPoint
    package let convergence: Convergence

    /// The same with the work of all searches that led to it.
    func counted(iterations: Int, evaluations: Int, curvatureEvaluations: Int) -> Result {
      Result(
        point: point,
        convergence: Convergence(
          gradientNorm: convergence.gradientNorm, tolerance: convergence.tolerance,
          rounding: convergence.rounding, orderParameterError: convergence.orderParameterError,
          roundingError: convergence.roundingError, iterations: iterations, evaluations: evaluations,
          curvatureEvaluations: curvatureEvaluations))
    }
  }

  /// The largest change of the logarithm of an order parameter in a step.
  private static let largestStep = 2.0

  /// The lowest minimum, or a saddle. Other minima are looked for where that is cheap: along the ray on which all
  /// order parameters change by the same factor, as `OtherBasins` does.
  ///
  /// - Parameters:
  ///   - start: x near the solution; nil for that of infinite width.
  ///   - floor: the least eigenvalue that the Hessian counts with: 1e-3 of the smallest N_l/N.
  /// - Throws: `LinearAlgebraError` where the action is not defined at the start, or its curvature not finite.
  package func solve(
    _ action: LayerAction, from start: [Double]? = nil, floor: Double, _ progress: SolverProgress = { _, _ in }
  ) throws(LinearAlgebraError) -> Result {
    var found = try descend(action, from: start, floor: floor, progress)
    guard action.prior.formulation != .saddle, action.data.isCheap else { return found }
    for other in otherBasins(action, around: found.point) {
      let result = try descend(action, from: other, floor: floor, progress)
      let (a, b) = (found.convergence, result.convergence)
      let lower = result.point.value < found.point.value - found.point.valueRounding ? result : found
      found = lower.counted(
        iterations: a.iterations + b.iterations, evaluations: a.evaluations + b.evaluations,
        curvatureEvaluations: a.curvatureEvaluations + b.curvatureEvaluations)
    }
    return found
  }

  /// Starts in basins along the ray, where the slope away from a minimum changes from falling to rising.
  private func otherBasins(_ action: LayerAction, around minimum: LayerActionPoint) -> [[Double]] {
    let free = action.prior.isFree
    let share = 1 / Double(max(free.count { $0 }, 1))
    var starts: [[Double]] = []
    for sign in [-1.0, 1] {
      var last: LayerActionPoint?
      for step in 1...Self.largestRaySteps {
        // The product of all order parameters changes by a factor of ten.
        let x = minimum.x.indices.map {
          minimum.x[$0] + (free[$0] ? sign * log(10) * Double(step) * share : 0)
        }
        guard let here = try? action.point(x) else { break }
        let slope = { (point: LayerActionPoint) in sign * point.gradient.reduce(0, +) }
        if let last, slope(last) < 0, slope(here) >= 0 {
          starts.append(last.value < here.value ? last.x : here.x)
        }
        last = here
      }
    }
    return starts
  }

  /// Beyond, an order parameter is lost beside the rounding of anything.
  private static let largestRaySteps = 16

  private func descend(
    _ action: LayerAction, from start: [Double]?, floor: Double, _ progress: SolverProgress
  ) throws(LinearAlgebraError) -> Result {
    var (evaluations, curvatures, iterations) = (0, 0, 0)
    func evaluate(_ x: [Double]) throws(LinearAlgebraError) -> LayerActionPoint {
      evaluations += 1
      let point = try action.point(x)
      progress(evaluations, point.gradientNorm)
      return point
    }
    let isSaddle = action.prior.formulation == .saddle
    let origin = action.prior.isFree.map { _ in 0.0 }
    var current: LayerActionPoint
    if let start, start.count == origin.count, let point = try? evaluate(start) {
      current = point
    } else {
      current = try evaluate(origin)
    }
    var spectrum: SymmetricEigen?
    while current.gradientNorm > options.tolerance, iterations < options.maximumIterations {
      iterations += 1
      curvatures += 1
      let eigen = try SymmetricEigen(try current.hessian())
      spectrum = eigen
      let step = Self.step(eigen, current.gradient, floor: floor, isSaddle: isSaddle)
      var length = 1.0
      var next: LayerActionPoint?
      while next == nil, length > 1e-8 {
        var x = current.x
        x.add(length, step)
        if let candidate = try? evaluate(x),
          Self.improves(candidate, on: current, slope: length * dot(step, current.gradient), isSaddle: isSaddle)
        {
          next = candidate
        }
        length /= 2
      }
      guard let next else { break }
      current = next
    }
    // Errors follow from the curvature near the solution; that of the last step serves.
    let eigen: SymmetricEigen
    if let spectrum { eigen = spectrum } else { eigen = try SymmetricEigen(try current.hessian()) }
    let softest = max(eigen.values.map(abs).min() ?? 1, floor)
    let rounding = current.gradientRounding / softest
    let left = Self.step(eigen, current.gradient, floor: floor, isSaddle: isSaddle)
    return Result(
      point: current,
      convergence: Convergence(
        gradientNorm: current.gradientNorm, tolerance: options.tolerance, rounding: current.gradientRounding,
        orderParameterError: dot(left, left).squareRoot() + rounding, roundingError: rounding,
        iterations: iterations, evaluations: evaluations, curvatureEvaluations: curvatures))
  }

  /// -H^-1 gradient with the eigenvalues of H bounded, at most `largestStep` in a coordinate.
  private static func step(
    _ eigen: SymmetricEigen, _ gradient: [Double], floor: Double, isSaddle: Bool
  ) -> [Double] {
    let projections = eigen.vectors.asTranspose * gradient
    let step =
      eigen.vectors
      * zip(eigen.values, projections).map { value, projection in
        // A minimum is not sought uphill where the curvature is negative.
        let size = max(abs(value), floor)
        return -projection / (isSaddle && value < 0 ? -size : size)
      }
    let largest = step.map(abs).max() ?? 0
    return largest > largestStep ? step.scaled(by: largestStep / largest) : step
  }

  private static func improves(
    _ next: LayerActionPoint, on point: LayerActionPoint, slope: Double, isSaddle: Bool
  ) -> Bool {
    if isSaddle { return next.gradientNorm < point.gradientNorm }
    if next.value <= point.value + 1e-4 * slope { return true }
    // Where rounding hides the difference of values, that of gradients decides.
    return next.value <= point.value + max(next.valueRounding, point.valueRounding)
      && next.gradientNorm < point.gradientNorm
  }
}
