internal import Foundation
internal import GSLNumerics
public import Renorm
public import RenormData

/// The theory of a network beside its sampled posterior.
///
/// Every number has a z-score, (theory - sampled) / standard error of the latter. All z-scores are judged
/// together: the theory deviates where the largest |z| exceeds the two-sided quantile of the standard normal
/// distribution at level 0.01/m, m their number (Bonferroni). If the theory were exact this would happen in at
/// most one comparison of a hundred, whatever the correlation of the numbers. How far it is off is said
/// relative to the sampled value.
public struct Comparison: Equatable, Sendable {
  /// One number of both.
  public struct Entry: Equatable, Sendable {
    public let name: String
    public let theory: Double
    public let sampled: Double
    /// Monte Carlo standard error of the sampled value; NaN where there are too few draws.
    public let standardError: Double
    /// What a deviation is relative to: the sampled value, for an entry Q_ij of the order parameter (Q_ii
    /// Q_jj)^(1/2).
    public let scale: Double
    /// Whether its z-score is judged; not that of an accuracy, which jumps.
    public let isJudged: Bool

    /// (theory - sampled) / standard error; nil where that is 0 or not defined.
    public var z: Double? {
      let z = (theory - sampled) / standardError
      return z.isFinite ? z : nil
    }

    /// |theory - sampled| / scale; nil where that is 0.
    public var relativeDeviation: Double? {
      let deviation = abs(theory - sampled) / abs(scale)
      return deviation.isFinite ? deviation : nil
    }
  }

  /// Predictive means at the test points, all outputs together.
  public struct Means: Equatable, Sendable {
    /// Number of means.
    public let count: Int
    /// Root mean square of theory - sampled.
    public let rmsDifference: Double
    /// Root mean square of the standard errors: what would be left of the difference for an exact theory.
    public let rmsStandardError: Double
    /// Root mean square of the sampled means.
    public let rmsSampled: Double
    /// z-scores, point + points * output; those that are not defined are left out.
    public let zScores: [Double]

    /// Mean of the z-scores; NaN without any.
    public var zMean: Double { average(zScores) }
    /// Root mean square of the z-scores: 1 for an exact theory.
    public var zRMS: Double { (zScores.reduce(0) { $0 + $1 * $1 } / Double(zScores.count)).squareRoot() }
    /// The largest |z|; 0 without any.
    public var zMax: Double { zScores.map(abs).max() ?? 0 }
    /// The part of the z-scores beyond 2 in absolute value: 0.0455 for an exact theory.
    public var partBeyond2: Double { Double(zScores.count { abs($0) > 2 }) / Double(zScores.count) }

    /// The root mean square difference relative to that of the sampled means, without what noise adds to it.
    public var relativeDeviation: Double {
      max(rmsDifference * rmsDifference - rmsStandardError * rmsStandardError, 0).squareRoot() / rmsSampled
    }
  }

  /// Order parameter, bias, variance, generalization error, accuracy.
  public let entries: [Entry]
  /// Nil without test points.
  public let means: Means?
  /// Whether the chains have converged; else nothing is judged.
  public let isConverged: Bool
}

extension Comparison {
  /// Compares a fit with a sampled network on the same training examples, and predictions of both on the same
  /// points.
  ///
  /// - Parameters:
  ///   - prediction: that of the fit at the test points of `sampled`; nil without.
  ///   - test: the test examples.
  public init(
    _ posterior: Posterior, _ prediction: Prediction?, _ sampled: SampledNetwork, test: Dataset?
  ) {
    let estimates = sampled.estimates
    let order = posterior.orderParameter
    var entries = sampled.layout.orderParameterPairs.map { pair in
      let estimate = estimates.orderParameter[pair.row][pair.column]
      let scale =
        estimates.orderParameter[pair.row][pair.row].mean
        * estimates.orderParameter[pair.column][pair.column].mean
      return Entry(
        "orderParameter[\(pair.row),\(pair.column)]", order[pair.row, pair.column], estimate,
        scale: max(scale, 0).squareRoot())
    }
    if let scores = estimates.scores, let prediction, let test {
      let theory = prediction.scores(targets: test.targets, isClassification: test.classes != nil)
      entries.append(Entry("bias", theory.bias, scores.bias))
      entries.append(Entry("variance", theory.variance, scores.variance))
      entries.append(Entry("generalizationError", theory.generalizationError, scores.generalizationError))
      if let accuracy = theory.accuracy, let sampled = scores.accuracy {
        entries.append(Entry("accuracy", accuracy, sampled, isJudged: false))
      }
    }
    self.entries = entries
    means = prediction.flatMap { Means($0.mean, estimates.predictions) }
    isConverged = sampled.diagnostics.isConverged
  }
}

extension Comparison.Entry {
  init(_ name: String, _ theory: Double, _ estimate: Estimate, scale: Double? = nil, isJudged: Bool = true) {
    self.init(
      name: name, theory: theory, sampled: estimate.mean, standardError: estimate.standardError,
      scale: scale ?? estimate.mean, isJudged: isJudged)
  }
}

extension Comparison.Means {
  /// Nil without points.
  init?(_ theory: Matrix, _ predictions: [PointEstimate]) {
    guard theory.rows > 0, theory.rows == predictions.count else { return nil }
    var (difference, error, square) = (0.0, 0.0, 0.0)
    var zScores: [Double] = []
    for output in 0..<theory.columns {
      for (point, prediction) in predictions.enumerated() {
        let sampled = prediction.mean[output]
        let deviation = theory[point, output] - sampled.mean
        difference += deviation * deviation
        error += sampled.standardError * sampled.standardError
        square += sampled.mean * sampled.mean
        let z = deviation / sampled.standardError
        if z.isFinite { zScores.append(z) }
      }
    }
    let count = Double(theory.elements.count)
    self.init(
      count: theory.elements.count, rmsDifference: (difference / count).squareRoot(),
      rmsStandardError: (error / count).squareRoot(), rmsSampled: (square / count).squareRoot(),
      zScores: zScores)
  }
}

/// What a comparison comes to.
public enum Verdict: Equatable, Sendable {
  /// The chains have not converged, so nothing is judged.
  case notConverged
  /// No z-score is beyond the threshold.
  case agrees
  /// Some are; the quantity with the largest relative deviation among those beyond the threshold.
  case deviates(name: String, relativeDeviation: Double)
}

extension Comparison {
  /// The chance of calling an exact theory wrong.
  public static let level = 0.01

  /// The number of z-scores that are judged.
  public var comparisons: Int { entries.count { $0.isJudged && $0.z != nil } + (means?.zScores.count ?? 0) }

  /// |z| beyond which a number deviates.
  public var threshold: Double {
    NormalDistribution.upperQuantile(Self.level / (2 * Double(max(comparisons, 1))))
  }

  /// The judgement.
  public var verdict: Verdict {
    guard isConverged, comparisons > 0 else { return .notConverged }
    let threshold = threshold
    var deviating = entries.filter { $0.isJudged && abs($0.z ?? 0) > threshold }
      .map { ($0.name, $0.relativeDeviation ?? .infinity) }
    if let means, means.zMax > threshold { deviating.append(("mean predictions", means.relativeDeviation)) }
    guard let largest = deviating.max(by: { $0.1 < $1.1 }) else { return .agrees }
    return .deviates(name: largest.0, relativeDeviation: largest.1)
  }
}
