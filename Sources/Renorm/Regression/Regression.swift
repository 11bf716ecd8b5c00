internal import LinearAlgebra

/// Gaussian-process regression on a training set (docs/theory.md, section 7; Rasmussen and Williams, Gaussian
/// Processes, 2006, section 2.2), with the renormalized kernel as its prior covariance.
protocol Regression: Sendable {
  /// log Z_lik, the integral of the likelihood over the outputs, for `count` targets: of Gaussian noise -1/2 {
  /// log det A + y^T A^-1 y + count log 2 pi }.
  func logLikelihood(count: Int) -> Double
  /// Whether predictions need m(x).
  var hasFeature: Bool { get }
  /// Whether predictions need the covariances of the latents of a point (`HeldOutBlock.covariances`).
  var needsCovariances: Bool { get }
  /// Number of outputs D.
  var outputs: Int { get }

  /// Means and variances of f at the points of a block, and what rounding leaves of the variances.
  func predict(_ block: HeldOutBlock) -> BlockPrediction

  /// How the network does on its training set.
  func training(_ network: Network, _ data: Dataset, _ range: RangeExamples) -> TrainingScores

  /// Posterior means of the outputs at the training examples, P x D.
  func trainingMeans(_ network: Network, _ data: Dataset, _ range: RangeExamples) -> Matrix

  /// The posterior covariance of one output between b points.
  ///
  /// - Parameters:
  ///   - cross: k(X, x), of examples, or of examples and outputs.
  ///   - prior: k(x, x'), likewise.
  ///   - feature: m(x); empty where there is no feature.
  ///   - inside: the points in the range of the training set.
  ///   - variances: of the output at the points, as `predict` has them.
  func covariance(
    cross: Matrix, prior: Matrix, feature: [Double], output: Int, inside: RangeCoordinates?,
    variances: () -> [Double]
  ) -> Matrix

  /// What rounding of the kernel makes of a mean at a point like those of the training set.
  var roundingOfMeans: Double { get }
}

/// How a network does on its training set.
struct TrainingScores: Equatable, Sendable {
  /// Mean over examples and outputs of (y - mean(x))^2; nil where targets are labels of classes.
  var error: Double?
  /// Mean over examples of -log p of the label; nil for Gaussian noise.
  var nll: Double?
  /// Fraction of examples whose class is predicted; nil for real targets.
  var accuracy: Double?
}

extension Regression {
  var needsCovariances: Bool { false }

  /// Means and variances of f at held-out points.
  func prediction(
    at points: any PointKernels, _ kernel: RenormalizedKernel, scale: Double
  ) -> Prediction {
    var mean = Matrix(rows: points.count, columns: outputs)
    var (meanError, variance, error) = (mean, mean, mean)
    var logProbabilities: Matrix?
    var start = 0
    points.forEachBlock(kernel, scale: scale) { block in
      let part = predict(block)
      if let own = part.logProbabilities {
        var all = logProbabilities ?? Matrix(rows: points.count, columns: own.columns)
        for row in 0..<own.rows { for c in 0..<own.columns { all[start + row, c] = own[row, c] } }
        logProbabilities = all
      }
      for row in 0..<part.mean.rows where !block.isZero(row, of: part.mean.rows) {
        for d in 0..<outputs {
          mean[start + row, d] = part.mean[row, d]
          meanError[start + row, d] = part.meanError[row, d]
          variance[start + row, d] = part.variance[row, d]
          error[start + row, d] = part.error[row, d]
        }
      }
      start += part.mean.rows
    }
    return Prediction(
      mean: mean, variance: variance, meanError: meanError, varianceError: error,
      logProbabilities: logProbabilities)
  }
}

/// Regression with Gaussian noise.
protocol GaussianRegression: Regression {
  /// y^T A^-1 y over all outputs.
  var quadraticForm: Double { get }
}
