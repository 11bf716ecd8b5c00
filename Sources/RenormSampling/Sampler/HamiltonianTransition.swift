internal import Foundation
internal import GSLNumerics

/// What one transition did.
struct TransitionOutcome {
  /// Probability of acceptance; 0 for a divergence.
  var acceptance: Double
  /// Whether the position has changed.
  var isAccepted: Bool
  /// Whether the last evaluation was at the position now held.
  var isEvaluatedHere: Bool
  /// Whether the energy error exceeded 1000, or the density could not be evaluated.
  var isDivergent: Bool
  /// Evaluations of the gradient.
  var gradients: Int
  /// Time of the trajectory.
  var time: Double
  /// Whether it was cut at the largest number of steps.
  var isTruncated = false
}

/// One transition of Hamiltonian Monte Carlo (S. Duane, A. D. Kennedy, B. J. Pendleton and D. Roweth, Phys.
/// Lett. B 195 (1987); R. M. Neal, "MCMC using Hamiltonian dynamics", Handbook of Markov Chain Monte Carlo,
/// 2011): a fresh momentum p ~ N(0, 1), a trajectory of `RotationIntegrator`, which is reversible and preserves
/// volume, and acceptance with probability min(1, exp(-dH)), dH the change of H = -log p(x) + |p|^2/2 along it.
/// It leaves the density unchanged whatever the step size.
struct HamiltonianTransition {
  let maximumSteps: Int

  /// An energy error beyond which a trajectory has diverged: the value of Hoffman and Gelman, JMLR 15 (2014).
  static let divergence = 1000.0

  /// Replaces `point` by the end of a trajectory of the given time, or leaves it; the momentum is drawn anew.
  ///
  /// The number of steps is the time over the step size, rounded; a time shorter than a step is one step of
  /// that time. Where `maximumSteps` cuts it the outcome has the time that is left.
  func callAsFunction<Density: LogDensity>(
    _ point: inout PhasePoint, time: Double, stepSize: Double, _ density: Density,
    _ workspace: inout Density.Workspace, _ random: RandomGenerator
  ) -> TransitionOutcome {
    random.fillGaussian(&point.momentum)
    let start = point.energy
    var end = point
    let wanted = (time / stepSize).rounded()
    let steps = max(1, min(wanted, Double(maximumSteps)))
    let gradients = RotationIntegrator.run(
      &end, steps: Int(steps), step: min(stepSize, time), limit: Self.divergence, density,
      &workspace)
    let error = end.energy - start
    // Also where the error is not a number.
    let isDivergent = !(error <= Self.divergence)
    let acceptance = isDivergent ? 0 : min(1, exp(-error))
    let isAccepted = random.uniform() < acceptance
    if isAccepted { point = end }
    return TransitionOutcome(
      acceptance: acceptance, isAccepted: isAccepted, isEvaluatedHere: isAccepted, isDivergent: isDivergent,
      gradients: gradients, time: wanted > steps ? steps * stepSize : time, isTruncated: wanted > steps)
  }

  /// A step size at which one step is accepted with probability about 1/2, by doubling or halving from 0.1
  /// (Hoffman and Gelman 2014, algorithm 4).
  func reasonableStepSize<Density: LogDensity>(
    at point: PhasePoint, _ density: Density, _ workspace: inout Density.Workspace,
    _ random: RandomGenerator
  ) -> Double {
    var start = point
    random.fillGaussian(&start.momentum)
    func isAccepted(_ step: Double) -> Bool {
      var end = start
      _ = RotationIntegrator.run(&end, steps: 1, step: step, density, &workspace)
      return start.energy - end.energy > log(0.5)
    }
    var step = 0.1
    if isAccepted(step) {
      while step < RotationIntegrator.largestStep, step < 1e6, isAccepted(2 * step) { step *= 2 }
    } else {
      repeat { step /= 2 } while step > 1e-12 && !isAccepted(step)
    }
    return min(step, RotationIntegrator.largestStep)
  }
}
