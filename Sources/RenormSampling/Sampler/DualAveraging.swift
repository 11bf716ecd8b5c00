internal import Foundation

/// Tunes a step size so that the mean acceptance is as asked (Hoffman and Gelman, JMLR 15 (2014), section 3.2,
/// with their constants gamma = 0.05, t0 = 10, kappa = 0.75).
struct DualAveraging: Equatable, Sendable, Codable {
  private var centre: Double
  private var logStep: Double
  private var logAverage: Double
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
