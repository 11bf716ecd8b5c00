internal import GSLNumerics
package import LinearAlgebra

/// Minimises S(Q) = prior(Q) + data(Q) over positive definite Q, with prior(Q) = tr Q - log det Q for one
/// hidden layer (docs/theory.md, section 3; section 4 for activations with means), starting from the solution Q
/// = 1 at infinite width.
///
/// Points are Q = L L^T and steps L exp(X) L^T, which cannot leave the cone; one is taken only where S
/// decreases. Far from the minimum a step minimises a convex model that shares the shape of S (`FarStep`); near
/// it steps are quasi-Newton with the Hessian 1 + Y - E of the data's curvature (`DataTermCurvature`) as the
/// initial one. Where both fail, `MajorisedStep` decreases S unless rounding hides the difference; at a saddle,
/// where its bound need not hold, the steepest descent follows. `ConeSearch` chooses.
///
/// The constants of `ConeSearch` and `FarStep` were chosen together, on problems where a fit then took 6 to 12
/// evaluations of the gradient and the accelerated fixed-point map before it 8 to 268. They change how many
/// steps are taken, not where these end.
package struct ConeMinimizer {
  private let options: SolverOptions

  package init(options: SolverOptions) { self.options = options }

  /// Steps until the gradient is as small as the tolerance asks, no step improves or `iterations` reach their
  /// limit.
  private func descend<Data: DataTerm>(
    _ search: inout ConeSearch<Data>, from start: ActionPoint, _ iterations: inout Int
  ) throws(LinearAlgebraError) -> ActionPoint {
    var current = start
    while iterations < options.maximumIterations, !search.isFinished {
      // A gradient is as small as the tolerance asks an error to be where the curvature is 1.
      if current.gradientNorm <= options.tolerance,
        current.gradientNorm <= options.tolerance * (try current.softness())
      {
        break
      }
      iterations += 1
      current = try search.advance(from: current)
    }
    return current
  }

  /// The order parameter, and the data term there. Where the action has several minima along a ray, the lowest
  /// (`OtherBasins`). A solution that has not converged is returned, and says so.
  ///
  /// - Parameter start: an order parameter near the minimum, in coordinates; nil for the solution at infinite
  ///   width.
  /// - Throws: `LinearAlgebraError` where the action is not defined at the start.
  package func solve(
    _ action: EffectiveAction<some DataTerm>, from start: BlockDiagonal? = nil,
    _ progress: @escaping SolverProgress = { _, _ in }
  ) throws(LinearAlgebraError) -> (solution: Solution, value: DataTermValue) {
    var search = ConeSearch(action, progress)
    var iterations = 0
    var current = try descend(&search, from: search.start(from: start), &iterations)
    let others = OtherBasins(action, around: current)
    search.count(others.evaluations)
    for other in others.starts {
      search.restart()
      let found = try descend(&search, from: other, &iterations)
      if found.action < current.action - current.actionRounding { current = found }
    }
    let rounding = try RoundingEstimate(action.data, current, RandomGenerator(seed: 1))
    let weights = KernelWeights(covariance: current.covariance, mean: current.mean)
    let solution = Solution(
      formulation: action.prior.formulation, space: action.space, weights: weights, action: current.action,
      priorExcess: try action.prior.excess(weights),
      convergence: Convergence(
        gradientNorm: current.gradientNorm, tolerance: options.tolerance,
        rounding: rounding.gradient, orderParameterError: rounding.orderParameter,
        roundingError: rounding.rounding, iterations: iterations,
        evaluations: search.evaluations, curvatureEvaluations: search.curvatureEvaluations))
    return (solution, current.value)
  }
}
