internal import LinearAlgebra

/// What a fit has found: the order parameter, and how the network does on its training set. One network and a
/// member of a family have the same result.
public struct FitResult: Sendable {
  /// The network and its priors.
  public let network: Network
  /// How the order parameter was found, and how well; a start for neighbours.
  public let solution: Solution
  /// log p(y | X) = -1/2 { N [tr Q' - log det Q' - r] + log det A + y^T A^-1 y + P D log 2 pi } at leading
  /// order (docs/theory.md, section 7; with -tr(Q Qbar) + log det(1 + Q) in the bracket for activations with
  /// means): for choosing T, lambda0, lambda1 and length scales. A likelihood of classes has 2 log Z_lik in the
  /// place of the last three, and is normalised over labels at T = 1 only: its evidence does not choose T. In
  /// natural logarithms of a density in the targets' units.
  public let logEvidence: Double?
  /// Mean over training examples and outputs of (y - mean(x))^2 = (T A^-1 y)^2; nil where the likelihood is one
  /// of classes.
  public let trainingError: Double?
  /// Mean over training examples of -log p of the label; nil for Gaussian noise.
  public let trainingNLL: Double?
  /// Fraction of training examples whose class is predicted; nil for regression.
  public let trainingAccuracy: Double?
  /// An estimate of what rounding of the kernel leaves of posterior means, relative to the larger of means and
  /// targets.
  package let predictionError: Double
  /// What a user should know about the result; each is one line.
  public let warnings: [String]

  /// Errors of rounding are not independent; from 100 fits in 96-digit arithmetic.
  private static let roundingCorrelation = 3.0

  /// The order parameter Q (Qbar in the formulation `saddle`): 1 x 1 for FC, n x n for LCN (diagonal) and CNN,
  /// D x D for several outputs of one kernel, n D x n D for those of several positions; q_1..q_L on the diagonal
  /// of a deep network, or its blocks P_1..P_L (`Solution.layers`).
  public var orderParameter: Matrix { solution.orderParameter }

  init(
    _ network: Network, _ solution: Solution, _ regression: any Regression, _ training: Dataset,
    _ range: RangeExamples, on grid: PatchGrid
  ) {
    self.network = network
    self.solution = solution
    logEvidence = solution.logEvidence(
      width: Double(network.width.units ?? 0),
      logLikelihood: regression.logLikelihood(count: training.targets.elements.count))
    let scores = regression.training(network, training, range)
    (trainingError, trainingNLL, trainingAccuracy) = (scores.error, scores.nll, scores.accuracy)
    let size = meanSquare(training.targets).squareRoot()
    predictionError = size > 0 ? Self.roundingCorrelation * regression.roundingOfMeans / size : 0
    warnings =
      ResultWarnings.of(network, on: grid, training, solution)
      + network.likelihood.warnings(
        temperature: network.temperature, training, trainingAccuracy: trainingAccuracy)
      + (solution.convergence.converged ? ResultWarnings.predictions(predictionError) : [])
  }
}
