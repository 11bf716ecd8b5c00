internal import Foundation
internal import GSLNumerics

/// Discretised Langevin dynamics, x <- x + epsilon grad log p(x) + (2 epsilon)^(1/2) xi with xi standard
/// normal.
///
/// Without adjustment, as published training runs use it, the distribution that it reaches differs from p by
/// terms of order epsilon (a Gaussian coordinate of variance s^2 gets the variance s^2/(1 - epsilon/(2 s^2))),
/// and it runs away where epsilon exceeds twice the smallest variance. Adjusted, a step is accepted as
/// Metropolis and Hastings ask (MALA; Roberts and Tweedie 1996).
struct LangevinTransition {
  let options: LangevinOptions

  /// Makes `thinning` steps; the momentum of `point` holds the noise.
  func callAsFunction<Density: LogDensity>(
    _ point: inout PhasePoint, _ density: Density, _ workspace: inout Density.Workspace,
    _ random: RandomGenerator
  ) -> TransitionOutcome {
    var outcome = TransitionOutcome(
      acceptance: 0, isAccepted: false, isEvaluatedHere: false, isDivergent: false,
      gradients: options.thinning, time: options.stepSize * Double(options.thinning))
    for _ in 0..<options.thinning {
      let acceptance = step(&point, density, &workspace, random)
      outcome.isAccepted = outcome.isAccepted || acceptance.isAccepted
      outcome.isEvaluatedHere = acceptance.isAccepted
      outcome.isDivergent = outcome.isDivergent || acceptance.isDivergent
      outcome.acceptance += acceptance.probability / Double(options.thinning)
    }
    return outcome
  }

  private func step<Density: LogDensity>(
    _ point: inout PhasePoint, _ density: Density, _ workspace: inout Density.Workspace,
    _ random: RandomGenerator
  ) -> (probability: Double, isAccepted: Bool, isDivergent: Bool) {
    let epsilon = options.stepSize
    var next = point
    random.fillGaussian(&next.momentum)
    for k in next.position.indices {
      next.position[k] += epsilon * point.gradient[k] + (2 * epsilon).squareRoot() * next.momentum[k]
    }
    next.value = density.evaluate(next.position, gradient: &next.gradient, &workspace)
    // Where the density cannot be evaluated there is no way on; the step is left out and counted.
    guard next.value.isFinite, next.position.allSatisfy(\.isFinite) else { return (0, false, true) }
    guard options.isAdjusted else {
      point = next
      return (1, true, false)
    }
    // Densities of the step and of the step back, up to a common factor.
    var forward = 0.0
    var backward = 0.0
    for k in next.position.indices {
      let back = point.position[k] - next.position[k] - epsilon * next.gradient[k]
      forward += next.momentum[k] * next.momentum[k] / 2
      backward += back * back / (4 * epsilon)
    }
    let probability = min(1, exp(next.value - point.value + forward - backward))
    let isAccepted = random.uniform() < probability
    if isAccepted { point = next }
    return (probability, isAccepted, false)
  }
}
