public import LinearAlgebra

/// Predictions at held-out points (docs/theory.md, section 7): mean(x) = k(x)^T A^-1 y and
/// var(x) = K_R(x, x) - k(x)^T A^-1 k(x) with k(x) = K_R(X, x).
public struct Prediction: Equatable, Sendable {
  /// Posterior mean of f, one row per point: points x D.
  public let mean: Matrix
  /// Posterior variance of f, points x D; the variance of a label is larger by T.
  public let variance: Matrix
  /// An estimate of what rounding leaves of each mean, in its units, points x D; 0 where it is not known.
  public let meanError: Matrix
  /// An estimate of what rounding leaves of each variance, in its units, points x D; 0 where it is not known.
  public let varianceError: Matrix
  /// log p of the classes, points x classes, where the likelihood is one of classes: means and variances are
  /// those of latents then, which no target is to be compared with. nil for Gaussian noise.
  public let logProbabilities: Matrix?

  /// Means and variances from elsewhere, such as a sampler; points x D.
  public init(
    mean: Matrix, variance: Matrix, meanError: Matrix? = nil, varianceError: Matrix? = nil,
    logProbabilities: Matrix? = nil
  ) {
    precondition(mean.rows == variance.rows && mean.columns == variance.columns, "means and variances")
    self.mean = mean
    self.variance = variance
    self.meanError = meanError ?? Matrix(rows: mean.rows, columns: mean.columns)
    self.varianceError = varianceError ?? Matrix(rows: mean.rows, columns: mean.columns)
    self.logProbabilities = logProbabilities
  }

  /// Number of points.
  public var count: Int { mean.rows }

  /// The predictions at a part of the points.
  public func at(_ points: Range<Int>) -> Prediction {
    Prediction(
      mean: mean.selectingRows(points), variance: variance.selectingRows(points),
      meanError: meanError.selectingRows(points), varianceError: varianceError.selectingRows(points),
      logProbabilities: logProbabilities?.selectingRows(points))
  }

  /// - Throws: `RenormError.notFinitePrediction` for the first point with a mean or variance that is no number.
  func check() throws(RenormError) {
    let bad = (0..<count).first { point in
      (0..<mean.columns).contains { !mean[point, $0].isFinite || !variance[point, $0].isFinite }
    }
    if let bad { throw .notFinitePrediction(point: bad) }
  }

  /// Mean variance over points and outputs.
  public var meanVariance: Double { variance.elements.reduce(0, +) / Double(max(variance.elements.count, 1)) }
}

/// Averages over held-out points (docs/theory.md, section 7), in squared units of the targets.
public struct Scores: Equatable, Sendable {
  /// Number of points.
  public let count: Int
  /// Mean over points and outputs of (y - mean(x))^2; nil where the likelihood is one of classes.
  public let bias: Double?
  /// Mean over points and outputs of var(x), of latents where the likelihood is one of classes.
  public let variance: Double
  /// Fraction of points whose class is predicted; nil for regression.
  public let accuracy: Double?

  package init(count: Int, bias: Double?, variance: Double, accuracy: Double?) {
    self.count = count
    self.bias = bias
    self.variance = variance
    self.accuracy = accuracy
  }

  /// bias + variance: the average of (y - f(x))^2 over the posterior of the weights, at leading order. A label
  /// drawn with noise would add T.
  public var generalizationError: Double? { bias.map { $0 + variance } }
}

extension Prediction {
  /// Compares with the true targets, points x D.
  public func scores(targets: Matrix, isClassification: Bool) -> Scores {
    Scores(
      count: count, bias: logProbabilities == nil ? meanSquare(targets - mean) : nil, variance: meanVariance,
      accuracy: isClassification
        ? Double((0..<count).count { predictedClass($0) == targets.classIndex(row: $0) })
          / Double(max(count, 1))
        : nil)
  }

  /// The place of the class that is predicted at a point: the most probable one, for Gaussian noise that of the
  /// mean.
  package func predictedClass(_ point: Int) -> Int {
    logProbabilities?.classIndex(row: point, isOfLargest: true) ?? mean.classIndex(row: point)
  }
}

/// The mean of the squared elements.
package func meanSquare(_ residual: Matrix) -> Double {
  residual.innerProduct(residual) / Double(max(residual.elements.count, 1))
}

/// Fraction of rows where prediction and target name the same class: by sign for one output, else by the
/// largest output.
package func classificationAccuracy(_ prediction: Matrix, _ targets: Matrix) -> Double {
  let hits = (0..<targets.rows).count { prediction.classIndex(row: $0) == targets.classIndex(row: $0) }
  return Double(hits) / Double(max(targets.rows, 1))
}
