internal import GSLNumerics
internal import LinearAlgebra

/// Minimises S(Q) = tr Q - log det Q + L(Q) over positive definite Q (docs/theory.md, section 3), starting from the
/// solution Q = 1 at infinite width.
///
/// Points are Q = L L^T and steps L exp(X) L^T, which cannot leave the cone; one is taken only where S decreases.
/// Far from the minimum a step minimises a convex model that shares the shape of S (`FarStep`); near it steps are
/// quasi-Newton with the Hessian 1 + Y - E of the data's curvature as the initial one. Where both fail,
/// `MajorisedStep` decreases S unless rounding hides the difference.
struct ConeMinimizer {
  let options: FitOptions
  /// N.
  let width: Double

  /// - Parameter start: an order parameter near the minimum; nil for the solution at infinite width.
  func minimize(
    _ term: some DataTerm, from start: BlockDiagonal? = nil, _ progress: (FitEvent) -> Void
  ) throws(LinearAlgebraError) -> Solution {
    try minimum(term, from: start, progress).solution
  }

  /// The solution, and the data term there.
  func minimum(
    _ term: some DataTerm, from start: BlockDiagonal? = nil, _ progress: (FitEvent) -> Void
  ) throws(LinearAlgebraError) -> (solution: Solution, value: DataTermValue) {
    var search = ConeSearch(term: term, width: width)
    var current = try search.start(from: start, progress)
    var iterations = 0
    while current.gradientNorm > options.tolerance, iterations < options.maximumIterations, !search.isFinished {
      iterations += 1
      current = try search.advance(from: current, progress)
    }
    let rounding = try RoundingEstimate(term, current, RandomGenerator(seed: 1))
    let solution = Solution(
      formulation: term.hasMeans ? .saddle : .minimum,
      weights: KernelWeights(covariance: current.covariance, mean: current.mean), action: current.action,
      convergence: Convergence(
        gradientNorm: current.gradientNorm, tolerance: options.tolerance,
        rounding: rounding.gradient, orderParameterError: rounding.orderParameter, iterations: iterations,
        evaluations: search.evaluations, curvatureEvaluations: search.curvatureEvaluations))
    return (solution, current.value)
  }
}
