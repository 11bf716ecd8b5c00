internal import Foundation
public import Renorm
public import RenormNextOrder

/// The report of a fit, or of a prediction with a fitted network (JSON). The keys of `network` and `solution`
/// are keys of the report itself.
public struct FitRecord: Codable, Equatable, Sendable {
  /// What the network is.
  public let network: NetworkRecord
  /// The order parameter, and how it was found.
  public let solution: SolutionRecord
  /// How far the leading order is off, and what the numbers of this report are; null at infinite width, for
  /// several outputs, node priors and fits that have not converged, and where it costs more than the fit and
  /// was not asked for (`nextOrderNote`).
  @Nullable public var nextOrder: NextOrderSummary?
  /// Why `nextOrder` is null, where it could be had; nil, and no key, elsewhere.
  public let nextOrderNote: String?
  /// The explicit neuron of `--order condensed`; nil, and no key, at other orders.
  public let condensed: CondensedSummary?
  /// The leading order beside corrected numbers; nil, and no key, where the numbers are of leading order.
  public let leading: LeadingRecord?
  /// log p(y | X) in the units of the targets; null where the theory gives none.
  @Nullable public var logEvidence: Double?
  /// The training set.
  public let train: TrainRecord
  /// The held-out examples; null without any.
  @Nullable public var test: TestRecord?
  /// Seconds.
  public let timing: TimingRecord
  /// Bytes.
  public let memory: MemoryRecord
  /// Files, selection and preparation; null for a network that was not fitted from files.
  @Nullable public var data: DataRecord?
  /// What a user should know; each is one line.
  public let warnings: [String]

  /// - Parameters:
  ///   - nextOrder: what is known past leading order.
  ///   - note: why nothing is known, where it could be.
  ///   - test: the predictions of the order that the report shows.
  ///   - leadingTest: those of leading order.
  ///   - data: the examples that were predicted, with the preparation that the fit has fixed.
  package init(
    _ posterior: Posterior, nextOrder: NextOrderResults?, note: String? = nil, test: TestRecord?,
    leadingTest: TestRecord?, data: DataRecord?, timing: TimingRecord, memory: MemoryRecord, warnings: [String]
  ) {
    let scaling = data?.targetScaling
    let corrected = nextOrder?.corrected
    network = NetworkRecord(posterior)
    solution = SolutionRecord(posterior, corrected)
    _nextOrder = Nullable(nextOrder?.summary)
    nextOrderNote = note
    condensed = nextOrder?.condensed
    leading = corrected.map { _ in LeadingRecord(posterior, leadingTest, scaling) }
    _logEvidence = Nullable(
      corrected.map { $0.logEvidence + (scaling?.logJacobian(count: posterior.training.count) ?? 0) }
        ?? posterior.logEvidence(in: scaling))
    train = TrainRecord(posterior, scaling)
    _test = Nullable(test)
    self.timing = timing
    self.memory = memory
    _data = Nullable(data)
    self.warnings = warnings
  }

  private enum CodingKeys: String, CodingKey {
    case nextOrder, nextOrderNote, condensed, leading, logEvidence, train, test, timing, memory, data, warnings
  }

  public init(from decoder: any Decoder) throws {
    network = try NetworkRecord(from: decoder)
    solution = try SolutionRecord(from: decoder)
    let container = try decoder.container(keyedBy: CodingKeys.self)
    _nextOrder = try container.decode(Nullable<NextOrderSummary>.self, forKey: .nextOrder)
    nextOrderNote = try container.decodeIfPresent(String.self, forKey: .nextOrderNote)
    condensed = try container.decodeIfPresent(CondensedSummary.self, forKey: .condensed)
    leading = try container.decodeIfPresent(LeadingRecord.self, forKey: .leading)
    _logEvidence = try container.decode(Nullable<Double>.self, forKey: .logEvidence)
    train = try container.decode(TrainRecord.self, forKey: .train)
    _test = try container.decode(Nullable<TestRecord>.self, forKey: .test)
    timing = try container.decode(TimingRecord.self, forKey: .timing)
    memory = try container.decode(MemoryRecord.self, forKey: .memory)
    _data = try container.decode(Nullable<DataRecord>.self, forKey: .data)
    warnings = try container.decode([String].self, forKey: .warnings)
  }

  public func encode(to encoder: any Encoder) throws {
    try network.encode(to: encoder)
    try solution.encode(to: encoder)
    var container = encoder.container(keyedBy: CodingKeys.self)
    try container.encode(_nextOrder, forKey: .nextOrder)
    try container.encodeIfPresent(nextOrderNote, forKey: .nextOrderNote)
    try container.encodeIfPresent(condensed, forKey: .condensed)
    try container.encodeIfPresent(leading, forKey: .leading)
    try container.encode(_logEvidence, forKey: .logEvidence)
    try container.encode(train, forKey: .train)
    try container.encode(_test, forKey: .test)
    try container.encode(timing, forKey: .timing)
    try container.encode(memory, forKey: .memory)
    try container.encode(_data, forKey: .data)
    try container.encode(warnings, forKey: .warnings)
  }
}

/// The network on its training set: the key `train` of a fit's report.
public struct TrainRecord: Codable, Equatable, Sendable {
  /// Mean over examples and outputs of (y - mean(x))^2, in the units of the targets; null where the likelihood
  /// is one of classes.
  @Nullable public var error: Double?
  /// Mean over examples of -log p of the label; nil, and no key, for Gaussian noise.
  public let nll: Double?
  /// Fraction of examples whose class is predicted; null for regression.
  @Nullable public var accuracy: Double?

  init(_ posterior: Posterior, _ scaling: TargetScaling?) {
    _error = Nullable(posterior.trainingError.map { $0 * (scaling?.squaredScale ?? 1) })
    nll = posterior.trainingNLL
    _accuracy = Nullable(posterior.trainingAccuracy)
  }
}

/// The network on held-out examples, in the units of the targets: the key `test` of a fit's report.
public struct TestRecord: Codable, Equatable, Sendable {
  /// Number of examples.
  public let count: Int
  /// Mean over examples and outputs of (y - mean(x))^2; null where targets are not known, and where the
  /// likelihood is one of classes, as is `generalizationError`.
  @Nullable public var bias: Double?
  /// Mean over examples and outputs of the posterior variance of f(x), which are latents where the likelihood
  /// is one of classes.
  public let variance: Double
  /// bias + variance.
  @Nullable public var generalizationError: Double?
  /// Fraction of examples whose class is predicted; null where targets are not known, and for regression.
  @Nullable public var accuracy: Double?
  /// The mean of -log p of the labels (`LabelScores`); nil where targets are not known, and in reports of
  /// earlier versions, as are the next three.
  public let nll: Double?
  /// Mean squared error of the probabilities of classes; nil for regression too, as are the next two.
  public let brier: Double?
  /// How far the probability of the most probable class is from the share of examples of which it is the class.
  public let expectedCalibrationError: Double?
  /// The bins behind it, by probability.
  public let calibration: [LabelScores.Bin]?

  /// Scores where targets are known, else the mean variance alone.
  ///
  /// - Parameters:
  ///   - temperature: T in the units of prediction and targets.
  ///   - scaling: of the targets that the network has learnt, where prediction and targets are in its units.
  package init(
    _ prediction: Prediction, targets: Matrix?, classes: [ClassLabel]?, temperature: Double,
    scaling: TargetScaling?
  ) {
    let scores = targets.map {
      prediction.scores(targets: $0, isClassification: classes != nil).restored(by: scaling)
    }
    count = prediction.count
    _bias = Nullable(scores?.bias)
    variance = scores?.variance ?? prediction.meanVariance * (scaling?.squaredScale ?? 1)
    _generalizationError = Nullable(scores?.generalizationError)
    _accuracy = Nullable(scores?.accuracy)
    let labels = targets.map {
      prediction.labelScores(targets: $0, isClassification: classes != nil, temperature: temperature)
    }
    nll = labels?.nll(in: scaling)
    brier = labels?.brier
    expectedCalibrationError = labels?.expectedCalibrationError
    calibration = labels?.bins
  }
}

extension Posterior {
  /// The log evidence in the units of the targets.
  package func logEvidence(in scaling: TargetScaling?) -> Double? {
    logEvidence.map { $0 + (scaling?.logJacobian(count: training.count) ?? 0) }
  }
}
