import LinearAlgebra
import Renorm
import TestSupport
import Testing

/// Predictions on held-out classes against those of a reference, of which means and variances are known for the
/// first points.
func expectPredictions(
  of posterior: Posterior, at test: Dataset, bias: Double, variance: Double, accuracy: Double,
  means: [[Double]], variances: [[Double]]
) throws {
  let prediction = try posterior.predict(test.inputs)
  let scores = prediction.scores(targets: test.targets, isClassification: true)
  expectClose(try #require(scores.bias), bias, relative: 0, absolute: 1e-6)
  expectClose(scores.variance, variance, relative: 0, absolute: 1e-6)
  expectClose(try #require(scores.accuracy), accuracy, relative: 0, absolute: 1e-9)
  for (point, (means, variances)) in zip(means, variances).enumerated() {
    for (d, (mean, variance)) in zip(means, variances).enumerated() {
      expectClose(prediction.mean[point, d], mean, relative: 0, absolute: 1e-6)
      expectClose(prediction.variance[point, d], variance, relative: 0, absolute: 1e-6)
    }
  }
}

/// The evidence and the action of a fit against those of a reference, where it has them.
func expectScores(of posterior: Posterior, logEvidence: Double?, action: Double?) throws {
  if let logEvidence { expectClose(try #require(posterior.logEvidence), logEvidence, relative: 1e-6) }
  if let action {
    expectClose(try #require(posterior.solution.action), action, relative: 1e-8, absolute: 1e-8)
  }
}
