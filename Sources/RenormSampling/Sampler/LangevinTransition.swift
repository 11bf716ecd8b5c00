internal import GSLNumerics

/// Discretised Langevin dynamics, x <- x + epsilon grad log p(x) + (2 epsilon)^(1/2) xi with xi standard
/// normal. On the weights of a network with the energy E = -T log p it is gradient descent on E with the
/// learning rate epsilon/T and noise of variance 2 epsilon.
///
/// Without adjustment, as published training runs use it, the distribution that it reaches differs from p by
/// terms of order epsilon (a Gaussian coordinate of variance s^2 gets the variance s^2/(1 - epsilon/(2 s^2))),
/// and it runs away where epsilon exceeds twice the smallest variance (G. O. Roberts and R. L. Tweedie,
/// Bernoulli 2 (1996)).
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
      let isMade = step(&point, density, &workspace, random)
      outcome.isAccepted = outcome.isAccepted || isMade
      outcome.isEvaluatedHere = isMade
      outcome.isDivergent = outcome.isDivergent || !isMade
      outcome.acceptance += (isMade ? 1 : 0) / Double(options.thinning)
    }
    return outcome
  }

  /// Makes one step; false where the density cannot be evaluated at its end, and it is left out.
  private func step<Density: LogDensity>(
    _ point: inout PhasePoint, _ density: Density, _ workspace: inout Density.Workspace,
    _ random: RandomGenerator
  ) -> Bool {
    let epsilon = options.stepSize
    var next = point
    random.fillGaussian(&next.momentum)
    for k in next.momentum.indices {
      next.position[k] += epsilon * point.gradient[k] + (2 * epsilon).squareRoot() * next.momentum[k]
    }
    next.value = density.evaluate(next.position, gradient: &next.gradient, &workspace)
    guard next.value.isFinite, next.position.allSatisfy(\.isFinite) else { return false }
    point = next
    return true
  }
}
