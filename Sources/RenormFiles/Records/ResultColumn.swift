/// The columns of a sweep's table, one row for each point, beside those of the network's parameters, which have
/// the names of a report's keys. What is unknown or does not apply is empty. Readers find columns by their
/// names.
public enum ResultColumn: String, CaseIterable, Sendable {
  /// The point's place in the order of the specification.
  case index
  /// Seed of the permutation of the examples; empty for the order of the files.
  case shuffleSeed
  /// P.
  case trainCount
  /// Whether N was taken to infinity; the width is then empty.
  case infiniteWidth
  /// The load P/N; 0 at infinite width.
  case alpha
  /// Mean over examples and outputs of (y - mean(x))^2 on the training set; its accuracy.
  case trainError, trainAccuracy
  /// Number of test examples, and the scores on them as in a fit's report.
  case testCount, generalizationError, bias, variance, accuracy, nll, brier, expectedCalibrationError
  /// The same for validation examples.
  case validationCount, validationGeneralizationError, validationBias, validationVariance, validationAccuracy
  case validationNLL = "validationNll", validationBrier, validationExpectedCalibrationError
  /// log p(y | X).
  case logEvidence
  /// Trust in leading order and corrected results (docs/next-order.md), and the latter; empty where the sweep
  /// does not go past leading order, or the point has no next order.
  case delta, sigma, trust = "class"
  case correctedGeneralizationError, correctedBias, correctedVariance, correctedAccuracy, correctedLogEvidence
  /// The minimum of the action per N/2.
  case action
  /// Mean, least and largest element of the order parameter's diagonal.
  case orderParameter, orderParameterMin, orderParameterMax
  /// How well the order parameter is determined (`ConvergenceRecord`).
  case gradientNorm, orderParameterError
  /// What the search for it has cost (`SearchRecord`).
  case iterations, evaluations, curvatureEvaluations
  /// `ok` or `failed`.
  case status
  /// Whether the order parameter is determined; empty where the point failed before.
  case converged
  /// Why the point failed.
  case failure
  /// What a user should know, separated by semicolons.
  case warnings
}
