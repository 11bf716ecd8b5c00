/// What the draws from a network's posterior say: keys of the report of a sampled network itself, and the key
/// `sampled` of a comparison.
public struct SampledRecord: Codable, Equatable, Sendable {
  /// A sampled network on its training set.
  public struct Train: Codable, Equatable, Sendable {
    /// The posterior average of (y - f(x))^2 over examples and outputs, in the units of the targets.
    public let loss: EstimateRecord
  }

  /// The error of networks of which the units with the largest outgoing weights alone are kept.
  public struct PrunedError: Codable, Equatable, Sendable {
    /// The part of the units that is kept.
    public let kept: Double
    /// The mean of (y - f(x))^2 over held-out examples and outputs, of single networks of the posterior.
    public let error: EstimateRecord

    package init(kept: Double, error: EstimateRecord) { (self.kept, self.error) = (kept, error) }
  }

  /// The scales tau of the units of a network with a node prior.
  public struct NodeScales: Codable, Equatable, Sendable {
    /// The part of the units with tau > 0; nil, and no key, for laws without a spike at 0.
    public let openFraction: EstimateRecord?
    /// The mean of log tau; nil, and no key, for laws with one.
    public let meanLogScale: EstimateRecord?

    package init(openFraction: EstimateRecord?, meanLogScale: EstimateRecord?) {
      (self.openFraction, self.meanLogScale) = (openFraction, meanLogScale)
    }
  }

  /// Whether the chains agree on a number, and what their draws of it are worth.
  public struct Quantity: Codable, Equatable, Sendable {
    /// R-hat; null where it is not defined, or infinite.
    @Nullable public var rHat: Double?
    /// Whether R-hat is infinite: chains stand still, each at another value.
    public let isStuck: Bool
    /// Effective draws for the centre; null where not defined.
    @Nullable public var bulkESS: Double?
    /// Effective draws for the quantiles 5 and 95 percent; null where not defined.
    @Nullable public var tailESS: Double?

    package init(rHat: Double?, bulkESS: Double?, tailESS: Double?) {
      _rHat = Nullable(rHat?.finite)
      isStuck = rHat == .infinity
      _bulkESS = Nullable(bulkESS?.finite)
      _tailESS = Nullable(tailESS?.finite)
    }
  }

  /// Rows of lambda1 <v v^T> / N; null for an entry that is not recorded.
  public let orderParameter: [[Double?]]
  /// Their standard errors; null where there are too few draws.
  public let orderParameterError: [[Double?]]
  /// p_1..p_L of a deep network; nil, and no key, for one hidden layer, as are the virials
  /// omega_1..omega_(L-1).
  public let paths: [EstimateRecord]?
  public let virials: [EstimateRecord]?
  /// |v| lambda1^(1/2) of the units of the three largest readouts, with the scale of a node prior, norms over
  /// positions that share a filter and over outputs; nil, and no key, but for one hidden layer.
  public let readouts: [EstimateRecord]?
  /// Weights of the largest along X^T u, in deviations of the prior; nil, and no key, for several positions or
  /// outputs too.
  public let alignment: EstimateRecord?
  /// The sizes of all readouts; nil, and no key, without `readouts` and for more than 1000 units.
  public let readoutHistogram: ReadoutHistogramRecord?
  /// Errors of networks of which some units are kept; nil, and no key, where that was not asked for.
  public let pruning: [PrunedError]?
  /// What the draws say of the units' scales; nil, and no key, without a node prior.
  public let nodeScales: NodeScales?
  /// log p up to a constant.
  public let logDensity: EstimateRecord
  /// lambda0 |w|^2 per hidden weight; 1 under the prior.
  public let weightNorm: EstimateRecord
  /// The training set.
  public let train: Train
  /// The held-out examples; null without any.
  public let scores: SampledScoresRecord
  /// By the name of the number; `means`, `variances` have the worst of all test points, `similarity` that of
  /// all entries.
  public let diagnostics: [String: Quantity]
  /// Whether all numbers, acceptance and divergences are as they should be.
  public let converged: Bool

  /// The held-out examples; nil without any.
  public var test: SampledTestRecord? { scores.test }

  package init(
    orderParameter: [[EstimateRecord]], logDensity: EstimateRecord, weightNorm: EstimateRecord,
    trainingLoss: EstimateRecord, test: SampledTestRecord?, diagnostics: [String: Quantity], converged: Bool,
    paths: [EstimateRecord]? = nil, virials: [EstimateRecord]? = nil, readouts: [EstimateRecord]? = nil,
    alignment: EstimateRecord? = nil, readoutHistogram: ReadoutHistogramRecord? = nil,
    nodeScales: NodeScales? = nil, pruning: [PrunedError]? = nil
  ) {
    (self.readouts, self.alignment, self.readoutHistogram) = (readouts, alignment, readoutHistogram)
    (self.nodeScales, self.pruning) = (nodeScales, pruning)
    (self.paths, self.virials) = (paths, virials)
    self.orderParameter = orderParameter.map { $0.map(\.mean) }
    orderParameterError = orderParameter.map { $0.map(\.standardError) }
    self.logDensity = logDensity
    self.weightNorm = weightNorm
    train = Train(loss: trainingLoss)
    scores = SampledScoresRecord(test)
    self.diagnostics = diagnostics
    self.converged = converged
  }

  private enum CodingKeys: String, CodingKey {
    case orderParameter, orderParameterError, logDensity, weightNorm, train, diagnostics, converged
    case paths, virials, readouts, alignment, readoutHistogram, nodeScales, pruning
  }

  public init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: CodingKeys.self)
    orderParameter = try container.decode([[Double?]].self, forKey: .orderParameter)
    orderParameterError = try container.decode([[Double?]].self, forKey: .orderParameterError)
    paths = try container.decodeIfPresent([EstimateRecord].self, forKey: .paths)
    virials = try container.decodeIfPresent([EstimateRecord].self, forKey: .virials)
    readouts = try container.decodeIfPresent([EstimateRecord].self, forKey: .readouts)
    alignment = try container.decodeIfPresent(EstimateRecord.self, forKey: .alignment)
    readoutHistogram = try container.decodeIfPresent(ReadoutHistogramRecord.self, forKey: .readoutHistogram)
    pruning = try container.decodeIfPresent([PrunedError].self, forKey: .pruning)
    nodeScales = try container.decodeIfPresent(NodeScales.self, forKey: .nodeScales)
    logDensity = try container.decode(EstimateRecord.self, forKey: .logDensity)
    weightNorm = try container.decode(EstimateRecord.self, forKey: .weightNorm)
    train = try container.decode(Train.self, forKey: .train)
    scores = try SampledScoresRecord(from: decoder)
    diagnostics = try container.decode([String: Quantity].self, forKey: .diagnostics)
    converged = try container.decode(Bool.self, forKey: .converged)
  }

  public func encode(to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: CodingKeys.self)
    try container.encode(orderParameter, forKey: .orderParameter)
    try container.encode(orderParameterError, forKey: .orderParameterError)
    try container.encodeIfPresent(paths, forKey: .paths)
    try container.encodeIfPresent(virials, forKey: .virials)
    try container.encodeIfPresent(readouts, forKey: .readouts)
    try container.encodeIfPresent(alignment, forKey: .alignment)
    try container.encodeIfPresent(readoutHistogram, forKey: .readoutHistogram)
    try container.encodeIfPresent(pruning, forKey: .pruning)
    try container.encodeIfPresent(nodeScales, forKey: .nodeScales)
    try container.encode(logDensity, forKey: .logDensity)
    try container.encode(weightNorm, forKey: .weightNorm)
    try container.encode(train, forKey: .train)
    try scores.encode(to: encoder)
    try container.encode(diagnostics, forKey: .diagnostics)
    try container.encode(converged, forKey: .converged)
  }
}
