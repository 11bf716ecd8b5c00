package import Renorm

/// The report of a sampled network (JSON). The keys of `network`, `sampled` and `run` are keys of the report
/// itself.
@dynamicMemberLookup
public struct SampleRecord: Codable, Equatable, Sendable {
  /// What the network is.
  public let network: NetworkRecord
  /// What the draws say.
  public let sampled: SampledRecord
  /// How they were made; `record.timing` is `record.run.timing`.
  public let run: SamplingRunRecord

  /// - Throws: `RenormError` where the patches of the network do not fit the images.
  package init(
    _ network: Network, _ data: LoadedData, _ sampled: SampledRecord, _ sampler: SamplerRecord,
    timing: TimingRecord, warnings: [String]
  ) throws(RenormError) {
    self.network = try NetworkRecord(network, data.train)
    self.sampled = sampled
    run = SamplingRunRecord(sampler: sampler, timing: timing, data: DataRecord(data), warnings: warnings)
  }

  public subscript<Value>(dynamicMember key: KeyPath<SamplingRunRecord, Value>) -> Value { run[keyPath: key] }

  public init(from decoder: any Decoder) throws {
    network = try NetworkRecord(from: decoder)
    sampled = try SampledRecord(from: decoder)
    run = try SamplingRunRecord(from: decoder)
  }

  public func encode(to encoder: any Encoder) throws {
    try network.encode(to: encoder)
    try sampled.encode(to: encoder)
    try run.encode(to: encoder)
  }
}

/// What the reports of a sampled network and of a comparison have in common.
public struct SamplingRunRecord: Codable, Equatable, Sendable {
  /// How the sampler fared.
  public let sampler: SamplerRecord
  /// Seconds.
  public let timing: TimingRecord
  /// Files, selection and preparation.
  public let data: DataRecord
  /// What a user should know; each is one line.
  public let warnings: [String]
}

/// A sampled number.
public struct EstimateRecord: Codable, Equatable, Sendable {
  /// The average over the draws; null where it is not known.
  @Nullable public var mean: Double?
  /// Its Monte Carlo standard error; null where there are too few draws to tell.
  @Nullable public var standardError: Double?

  /// NaN stands for what is not known.
  package init(mean: Double, standardError: Double) {
    _mean = Nullable(mean.finite)
    _standardError = Nullable(standardError.finite)
  }
}

/// A sampled network on held-out examples, in the units of the targets. Of a report of another program every
/// key may be missing.
public struct SampledTestRecord: Codable, Equatable, Sendable {
  /// Number of examples.
  @Nullable public var count: Int?
  /// Mean over examples and outputs of (y - mean(x))^2, without the bias that Monte Carlo noise gives it.
  @Nullable public var bias: EstimateRecord?
  /// Mean of the posterior variance of f(x).
  @Nullable public var variance: EstimateRecord?
  /// bias + variance.
  @Nullable public var generalizationError: EstimateRecord?
  /// Fraction of examples whose class the mean predicts; null for regression.
  @Nullable public var accuracy: EstimateRecord?
  /// Mean of -log p of the label; nil, and no key, but for a likelihood of classes, as is the next.
  public let nll: EstimateRecord?
  /// Brier's score of the probabilities of classes.
  public let brier: EstimateRecord?

  package init(
    count: Int, bias: EstimateRecord?, variance: EstimateRecord, generalizationError: EstimateRecord?,
    accuracy: EstimateRecord?, nll: EstimateRecord? = nil, brier: EstimateRecord? = nil
  ) {
    (self.nll, self.brier) = (nll, brier)
    _count = Nullable(count)
    _bias = Nullable(bias)
    _variance = Nullable(variance)
    _generalizationError = Nullable(generalizationError)
    _accuracy = Nullable(accuracy)
  }
}

/// The key `test` of a sampled network's report, which other programs may write without the rest.
public struct SampledScoresRecord: Codable, Equatable, Sendable {
  /// Null without held-out examples.
  @Nullable public var test: SampledTestRecord?

  package init(_ test: SampledTestRecord?) { _test = Nullable(test) }
}

extension Double {
  /// The number; nil for infinity and NaN, which JSON does not have.
  package var finite: Double? { isFinite ? self : nil }
}
