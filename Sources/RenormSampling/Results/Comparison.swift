internal import Foundation
internal import GSLNumerics
public import Renorm
package import RenormAction

/// The theory of a network beside its sampled posterior.
///
/// Every number has a z-score, (theory - sampled) / standard error of the latter. All z-scores are judged
/// together: the theory deviates where the largest |z| exceeds the two-sided quantile at level 0.01/m, m their
/// number (Bonferroni), of Student's distribution, since the errors are estimated too. If the theory were exact
/// this would happen in about one comparison of a hundred, and in fewer where the numbers are correlated.
///
/// How far it is off is said relative to the sampled value; of bias and variance, either of which may be near
/// 0, relative to their sum, the generalization error.
public struct Comparison: Equatable, Sendable {
  /// One number of both.
  public struct Entry: Equatable, Sendable {
    public let name: String
    public let theory: Double
    public let sampled: Double
    /// Monte Carlo standard error of the sampled value; NaN where there are too few draws.
    public let standardError: Double
    /// What a deviation is relative to: the sampled value, for an entry Q_ij of the order parameter (Q_ii
    /// Q_jj)^(1/2), for bias and variance the generalization error, for a predictive mean the root mean square
    /// of all.
    public let scale: Double
    /// What `scale` is, where it is not the sampled value itself.
    public let scaleName: String?
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
    /// The mean with the largest |z|, `mean[point]` or `mean[point,output]`; nil without z-scores.
    public let largest: Entry?

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

  /// The entries of the order parameter; of a deep network the paths p_1..p_L; with a node prior the number of
  /// the units' scales (`ScaleQuantity`) behind them.
  public let orderParameter: [Entry]
  /// Bias, variance, generalization error, accuracy; none without test points.
  public let scores: [Entry]
  /// Nil without test points.
  public let means: Means?
  /// The probabilities of classes; nil without test points, and but for a likelihood of classes.
  public let probabilities: Means?
  /// Whether the chains have converged; else nothing is judged.
  public let isConverged: Bool
  /// Whether the draws have a bias of their own (`SampledNetwork.isBiased`); then nothing is judged either.
  public let isBiased: Bool
  /// How well the errors are known: the degrees of freedom of the least known one. Infinite for exact errors.
  public let degreesOfFreedom: Double
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
    // Of several outputs the sampler records the average over positions, of layers that have matrices the last.
    let layers = posterior.solution.layers
    var order = posterior.solution.outputAverage ?? layers?.matrices?.last ?? posterior.orderParameter
    let count = sampled.layout.orderParameterOrder
    if layers != nil, order.rows != count {
      order = sampled.layout.outputs > 1 ? .identity(count) : posterior.readout.covariance(positions: count)
    }
    self.init(
      order, paths: layers?.paths, scales: try? posterior.nodeScales(), prediction, sampled, test: test)
  }

  /// The same for a theory of another order: its order parameter and predictions.
  ///
  /// - Parameters:
  ///   - paths: p_1..p_L of a deep network; in the place of its order parameter where p_L is all of it.
  ///   - scales: the law of the units' scales; nil without a node prior.
  package init(
    _ order: Matrix, paths: [Double]? = nil, scales: ScaleLaw? = nil, _ prediction: Prediction?,
    _ sampled: SampledNetwork, test: Dataset?
  ) {
    let estimates = sampled.estimates
    let layers = zip(paths ?? [], estimates.layers?.paths ?? []).enumerated().map { l, pair in
      Entry("path[\(l + 1)]", pair.0, pair.1)
    }
    let isNumber = paths != nil && sampled.layout.orderParameterOrder == 1
    let entries: [Entry] =
      isNumber
      ? []
      : sampled.layout.orderParameterPairs.map { pair in
        let estimate = estimates.orderParameter[pair.row][pair.column]
        let scale =
          estimates.orderParameter[pair.row][pair.row].mean
          * estimates.orderParameter[pair.column][pair.column].mean
        return Entry(
          "orderParameter[\(pair.row),\(pair.column)]", order[pair.row, pair.column], estimate,
          scale: max(scale, 0).squareRoot())
      }
    var nodes: [Entry] = []
    if let quantity = sampled.layout.scaleQuantity, let scales, let estimate = estimates.scales {
      // A mean of logarithms may be near 0.
      nodes.append(
        Entry(
          quantity.rawValue, quantity.average(scales), estimate,
          scale: quantity == .openFraction ? nil : 1,
          scaleName: quantity == .openFraction ? nil : "a factor e of the scale"))
    }
    orderParameter = layers + entries + nodes
    var rows: [Entry] = []
    if let scores = estimates.scores, let prediction, let test {
      let theory = prediction.scores(targets: test.targets, isClassification: test.classes != nil)
      let (scale, name) = (scores.generalizationError?.mean, "the generalization error")
      if let bias = theory.bias, let sampled = scores.bias {
        rows.append(Entry("bias", bias, sampled, scale: scale, scaleName: name))
      }
      rows.append(
        Entry("variance", theory.variance, scores.variance, scale: scale, scaleName: scale.map { _ in name }))
      if let error = theory.generalizationError, let sampled = scores.generalizationError {
        rows.append(Entry("generalizationError", error, sampled))
      }
      if let nll = scores.nll, let brier = scores.brier, prediction.logProbabilities != nil {
        let labels = prediction.labelScores(targets: test.targets, isClassification: true, temperature: 1)
        rows.append(Entry("nll", labels.nll, nll))
        if let own = labels.brier { rows.append(Entry("brier", own, brier)) }
      }
      if let accuracy = theory.accuracy, let sampled = scores.accuracy {
        rows.append(Entry("accuracy", accuracy, sampled, isJudged: false))
      }
    }
    scores = rows
    means = prediction.flatMap { Means($0.mean, estimates.predictions.map(\.mean)) }
    probabilities = prediction.flatMap { prediction in
      estimates.probabilities.flatMap { sampled in
        guard prediction.logProbabilities != nil else { return nil }
        return Means(prediction.classProbabilities(temperature: 1), sampled, name: "probability")
      }
    }
    isConverged = sampled.diagnostics.isConverged
    isBiased = sampled.isBiased
    // Averages: their error has that of autocorrelations summed over a few correlation lengths of the draws.
    let averages = (sampled.diagnostics.worst?.bulkESS ?? .infinity) / Self.drawsPerDegreeOfFreedom
    // Functions of averages are jackknifed.
    let batches = Batches(lengths: sampled.draws.counts).ranges.count
    degreesOfFreedom = max(1, min(averages, estimates.scores == nil ? .infinity : Double(batches - 1)))
  }

  /// Effective draws for one degree of freedom of an estimated error: the variance of a sum of autocorrelations
  /// over W lags, relative to its square, is about 2 (2 W + 1) over the number of draws, and W about three
  /// correlation lengths (Sokal, in: Functional Integration, 1997).
  static let drawsPerDegreeOfFreedom = 6.0
}

extension Comparison.Entry {
  init(
    _ name: String, _ theory: Double, _ estimate: Estimate, scale: Double? = nil, scaleName: String? = nil,
    isJudged: Bool = true
  ) {
    self.init(
      name: name, theory: theory, sampled: estimate.mean, standardError: estimate.standardError,
      scale: scale ?? estimate.mean, scaleName: scaleName, isJudged: isJudged)
  }
}

extension Comparison.Means {
  /// Nil without points.
  ///
  /// - Parameter name: of a number, for the largest.
  init?(_ theory: Matrix, _ predictions: [[Estimate]], name: String = "mean") {
    guard theory.rows > 0, theory.rows == predictions.count else { return nil }
    var (difference, error, square) = (0.0, 0.0, 0.0)
    var zScores: [Double] = []
    var largest: (z: Double, point: Int, output: Int)?
    for output in 0..<theory.columns {
      for (point, prediction) in predictions.enumerated() {
        let sampled = prediction[output]
        let deviation = theory[point, output] - sampled.mean
        difference += deviation * deviation
        error += sampled.standardError * sampled.standardError
        square += sampled.mean * sampled.mean
        let z = deviation / sampled.standardError
        guard z.isFinite else { continue }
        zScores.append(z)
        if abs(z) > largest?.z ?? -1 { largest = (abs(z), point, output) }
      }
    }
    let count = Double(theory.elements.count)
    let rmsSampled = (square / count).squareRoot()
    let entry = largest.map { place in
      Comparison.Entry(
        theory.columns == 1 ? "\(name)[\(place.point)]" : "\(name)[\(place.point),\(place.output)]",
        theory[place.point, place.output], predictions[place.point][place.output], scale: rmsSampled,
        scaleName: name == "mean" ? "the mean predictions' root mean square" : "their root mean square")
    }
    self.init(
      count: theory.elements.count, rmsDifference: (difference / count).squareRoot(),
      rmsStandardError: (error / count).squareRoot(), rmsSampled: rmsSampled, zScores: zScores,
      largest: entry)
  }
}

/// What a comparison comes to.
public enum Verdict: Equatable, Sendable {
  /// The chains have not converged, so nothing is judged.
  case notConverged
  /// The draws have a bias of their own, so that a deviation says nothing about the theory.
  case biased
  /// The chains have converged, but no number has an error to judge it by.
  case nothingToJudge
  /// No z-score is beyond the threshold.
  case agrees
  /// Some are; the quantity with the largest relative deviation among those beyond the threshold.
  case deviates(name: String, relativeDeviation: Double)
}

extension Comparison {
  /// The order parameter, then the scores.
  public var entries: [Entry] { orderParameter + scores }

  /// The chance of calling an exact theory wrong, about: a convention.
  public static let level = 0.01

  /// The number of z-scores that are judged.
  public var comparisons: Int {
    entries.count { $0.isJudged && $0.z != nil } + (means?.zScores.count ?? 0)
      + (probabilities?.zScores.count ?? 0)
  }

  /// |z| beyond which a number deviates.
  public var threshold: Double {
    StudentDistribution.upperQuantile(
      Self.level / (2 * Double(max(comparisons, 1))), degreesOfFreedom: degreesOfFreedom)
  }

  /// The judgement.
  public var verdict: Verdict {
    if isBiased { return .biased }
    guard isConverged else { return .notConverged }
    guard comparisons > 0 else { return .nothingToJudge }
    let threshold = threshold
    var deviating = entries.filter { $0.isJudged && abs($0.z ?? 0) > threshold }
      .map { ($0.name, $0.relativeDeviation ?? .infinity) }
    for (name, means) in [("mean predictions", means), ("class probabilities", probabilities)] {
      guard let means, let point = means.largest, means.zMax > threshold else { continue }
      // A single point may deviate where all of them together do not.
      deviating.append(
        means.rmsDifference > means.rmsStandardError
          ? (name, means.relativeDeviation) : (point.name, point.relativeDeviation ?? .infinity))
    }
    guard let largest = deviating.max(by: { $0.1 < $1.1 }) else { return .agrees }
    return .deviates(name: largest.0, relativeDeviation: largest.1)
  }
}
