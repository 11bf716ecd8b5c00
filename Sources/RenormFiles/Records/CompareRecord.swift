public import Renorm
public import RenormNextOrder

/// The report of a comparison: the theory of a network beside its sampled posterior (JSON). The keys of
/// `network` and `run` are keys of the report itself. All numbers are in the units of the targets.
@dynamicMemberLookup
public struct CompareRecord: Codable, Equatable, Sendable {
  /// What the network is.
  public let network: NetworkRecord
  /// The fit.
  public let theory: Theory
  /// The sampled network.
  public let sampled: SampledRecord
  /// The numbers of both: the order parameter's entries, then bias, variance, generalization error and
  /// accuracy.
  public let comparison: [Row]
  /// The predictive means; null without held-out examples.
  @Nullable public var predictions: Predictions?
  /// The probabilities of classes, in the same numbers; nil, and no key, but for a likelihood of classes.
  public let probabilities: Predictions?
  /// Networks of which some units are kept, in theory; nil, and no key, where that was not asked for or the
  /// theory gives nothing.
  public let pruning: [Pruned]?
  /// What it comes to.
  public let verdict: Judgement
  /// The same for the theory past leading order; nil, and no key, where that was not asked for.
  public let correctedVerdict: Judgement?
  /// How the draws were made; `record.timing` is `record.run.timing`.
  public let run: SamplingRunRecord

  /// - Throws: `RenormError` where the patches of the network do not fit the images.
  package init(
    _ posterior: Posterior, nextOrder: NextOrderResults?, note: String? = nil, test: TestRecord?,
    correctedTest: TestRecord?, _ data: LoadedData, _ sampled: SampledRecord, _ rows: [Row],
    _ predictions: Predictions?, _ probabilities: Predictions?,
    pruning: [Pruned]? = nil, _ verdict: Judgement, _ correctedVerdict: Judgement?, _ sampler: SamplerRecord,
    timing: TimingRecord, warnings: [String]
  ) throws(RenormError) {
    self.pruning = pruning
    network = try NetworkRecord(posterior.network, data.train)
    theory = Theory(posterior, nextOrder, note, test, correctedTest, data.recipe.targetScaling)
    self.sampled = sampled
    comparison = rows
    _predictions = Nullable(predictions)
    self.probabilities = probabilities
    self.verdict = verdict
    self.correctedVerdict = correctedVerdict
    run = SamplingRunRecord(sampler: sampler, timing: timing, data: DataRecord(data), warnings: warnings)
  }

  public subscript<Value>(dynamicMember key: KeyPath<SamplingRunRecord, Value>) -> Value { run[keyPath: key] }

  private enum CodingKeys: String, CodingKey {
    case theory, sampled, comparison, predictions, probabilities, pruning, verdict, correctedVerdict
  }

  public init(from decoder: any Decoder) throws {
    network = try NetworkRecord(from: decoder)
    let container = try decoder.container(keyedBy: CodingKeys.self)
    theory = try container.decode(Theory.self, forKey: .theory)
    sampled = try container.decode(SampledRecord.self, forKey: .sampled)
    comparison = try container.decode([Row].self, forKey: .comparison)
    _predictions = try container.decode(Nullable<Predictions>.self, forKey: .predictions)
    probabilities = try container.decodeIfPresent(Predictions.self, forKey: .probabilities)
    pruning = try container.decodeIfPresent([Pruned].self, forKey: .pruning)
    verdict = try container.decode(Judgement.self, forKey: .verdict)
    correctedVerdict = try container.decodeIfPresent(Judgement.self, forKey: .correctedVerdict)
    run = try SamplingRunRecord(from: decoder)
  }

  public func encode(to encoder: any Encoder) throws {
    try network.encode(to: encoder)
    var container = encoder.container(keyedBy: CodingKeys.self)
    try container.encode(theory, forKey: .theory)
    try container.encode(sampled, forKey: .sampled)
    try container.encode(comparison, forKey: .comparison)
    try container.encode(_predictions, forKey: .predictions)
    try container.encodeIfPresent(probabilities, forKey: .probabilities)
    try container.encodeIfPresent(pruning, forKey: .pruning)
    try container.encode(verdict, forKey: .verdict)
    try container.encodeIfPresent(correctedVerdict, forKey: .correctedVerdict)
    try run.encode(to: encoder)
  }
}

extension CompareRecord {
  /// Networks of which the units with the largest outgoing weights alone are kept. What was sampled is
  /// `sampled.pruning`.
  public struct Pruned: Codable, Equatable, Sendable {
    /// The part of the units that is kept.
    public let kept: Double
    /// Their share of the sum of v^2.
    public let share: Double
    /// The mean of (y - f(x))^2 over held-out examples.
    public let theory: Double

    package init(kept: Double, share: Double, theory: Double) {
      (self.kept, self.share, self.theory) = (kept, share, theory)
    }
  }

  /// What a fit has found.
  public struct Theory: Codable, Equatable, Sendable {
    /// Which equations the order parameter solves.
    public let formulation: Formulation
    /// The order parameter.
    public let orderParameter: MatrixRows
    /// How well it is determined.
    public let convergence: ConvergenceRecord
    /// log p(y | X); null where the theory gives none.
    @Nullable public var logEvidence: Double?
    /// The held-out examples; null without any.
    @Nullable public var test: TestRecord?
    /// How far the leading order is off, as in the report of a fit.
    @Nullable public var nextOrder: NextOrderSummary?
    /// Why that is null, as in the report of a fit.
    public let nextOrderNote: String?
    /// The explicit neuron of `--order condensed`; nil, and no key, at other orders.
    public let condensed: CondensedSummary?
    /// Past leading order; nil, and no key, where that was not asked for.
    public let corrected: Corrected?

    init(
      _ posterior: Posterior, _ nextOrder: NextOrderResults?, _ note: String?, _ test: TestRecord?,
      _ correctedTest: TestRecord?, _ scaling: TargetScaling?
    ) {
      formulation = posterior.solution.formulation
      orderParameter = MatrixRows(posterior.orderParameter)
      convergence = ConvergenceRecord(posterior.solution.convergence)
      _logEvidence = Nullable(posterior.logEvidence(in: scaling))
      _test = Nullable(test)
      _nextOrder = Nullable(nextOrder?.summary)
      nextOrderNote = note
      condensed = nextOrder?.condensed
      corrected = nextOrder?.corrected.map { result in
        Corrected(
          orderParameter: MatrixRows(result.orderParameter),
          logEvidence: result.logEvidence + (scaling?.logJacobian(count: posterior.training.count) ?? 0),
          test: correctedTest)
      }
    }

    private enum CodingKeys: String, CodingKey {
      case formulation, orderParameter, logEvidence, test, nextOrder, nextOrderNote, condensed, corrected
    }

    public init(from decoder: any Decoder) throws {
      let container = try decoder.container(keyedBy: CodingKeys.self)
      formulation = try container.decode(Formulation.self, forKey: .formulation)
      orderParameter = try container.decode(MatrixRows.self, forKey: .orderParameter)
      convergence = try ConvergenceRecord(from: decoder)
      _logEvidence = try container.decode(Nullable<Double>.self, forKey: .logEvidence)
      _test = try container.decode(Nullable<TestRecord>.self, forKey: .test)
      _nextOrder = try container.decode(Nullable<NextOrderSummary>.self, forKey: .nextOrder)
      nextOrderNote = try container.decodeIfPresent(String.self, forKey: .nextOrderNote)
      condensed = try container.decodeIfPresent(CondensedSummary.self, forKey: .condensed)
      corrected = try container.decodeIfPresent(Corrected.self, forKey: .corrected)
    }

    public func encode(to encoder: any Encoder) throws {
      var container = encoder.container(keyedBy: CodingKeys.self)
      try container.encode(formulation, forKey: .formulation)
      try container.encode(orderParameter, forKey: .orderParameter)
      try convergence.encode(to: encoder)
      try container.encode(_logEvidence, forKey: .logEvidence)
      try container.encode(_test, forKey: .test)
      try container.encode(_nextOrder, forKey: .nextOrder)
      try container.encodeIfPresent(nextOrderNote, forKey: .nextOrderNote)
      try container.encodeIfPresent(condensed, forKey: .condensed)
      try container.encodeIfPresent(corrected, forKey: .corrected)
    }

    /// The numbers of a theory past leading order.
    public struct Corrected: Codable, Equatable, Sendable {
      public let orderParameter: MatrixRows
      public let logEvidence: Double
      /// nil without held-out examples.
      public let test: TestRecord?
    }
  }
}
