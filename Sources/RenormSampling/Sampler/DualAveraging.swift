internal import Foundation

/// Tunes a step size epsilon so that the mean acceptance is as asked: after draw m with acceptance alpha_m
///
///     H_m = (1 - 1/(m + t0)) H_(m-1) + (delta - alpha_m)/(m + t0)
///     log epsilon_(m+1) = mu - sqrt(m) H_m/gamma
///     log average_m     = m^(-kappa) log epsilon_(m+1) + (1 - m^(-kappa)) log average_(m-1)
///
/// (M. D. Hoffman and A. Gelman, "The No-U-Turn sampler", JMLR 15 (2014), section 3.2, with their constants
/// gamma = 0.05, t0 = 10, kappa = 0.75, mu = log(10 epsilon_0)). delta is the acceptance asked for; the average
/// is kept after warmup.
struct DualAveraging: Equatable, Sendable, Codable {
  /// mu.
  private var centre: Double
  private var logStep: Double
  private var logAverage: Double
  /// H_m.
  private var meanError = 0.0
  private var count = 0.0

  /// Begins at a step size, which larger ones are tried first from.
  init(stepSize: Double) {
    centre = log(10 * stepSize)
    logStep = log(stepSize)
    logAverage = log(stepSize)
  }

  /// The step size to try next.
  var stepSize: Double { exp(logStep) }

  /// The step size to keep: a weighted average of the logarithms of those tried.
  var average: Double { exp(count > 0 ? logAverage : logStep) }

  /// Whether the numbers can be those of a run.
  var isValid: Bool {
    [centre, logStep, logAverage, meanError].allSatisfy { abs($0) < 100 } && count >= 0 && count.isFinite
  }

  /// Takes note of an acceptance.
  mutating func update(acceptance: Double, target: Double, largest: Double) {
    count += 1
    meanError += (target - acceptance - meanError) / (count + 10)
    logStep = min(centre - meanError * count.squareRoot() / 0.05, log(largest))
    // A density without a gradient to speak of must not send the step size out of the numbers.
    logStep = max(-50, min(logStep, 50))
    let weight = pow(count, -0.75)
    logAverage += weight * (logStep - logAverage)
  }
}
