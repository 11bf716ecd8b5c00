/// The numbers of a `Condensed` under the names that reports give them.
public struct CondensedSummary: Equatable, Sendable, Codable {
  /// Hidden units that are treated explicitly: 1 or 2; 0 for linear activations, where none is needed.
  public internal(set) var neurons: Int
  /// The posterior mean of the largest |v| of the network, v in standard deviations of its prior; nil for
  /// linear activations, as is everything below.
  public internal(set) var readout: Double?
  /// Its posterior standard deviation.
  public internal(set) var readoutDeviation: Double?
  /// log Z_1 - log Z_0: the evidence with an explicit unit over that of a Gaussian bulk alone.
  public internal(set) var logRatio: Double?
  /// The mean of the weights of the largest unit along X^T u, u = A^-1 y at infinite width, in standard deviations of the
  /// prior (0 +- 1 under the prior).
  public internal(set) var alignment: Double?
  /// Values of the readout that the results are averages over.
  public internal(set) var nodes: Int?
  /// 1/sum of their squared weights.
  public internal(set) var effectiveNodes: Double?
  /// How much half of the steps changed log evidence, order parameter or means (`CondensedOptions.accuracy`);
  /// nil where there was no memory for them.
  public internal(set) var error: Double?
  /// log Z_2 - log Z_1. With one explicit unit that of a second one beside the first at its largest weight; nil
  /// where the first has not condensed.
  public internal(set) var secondLogRatio: Double?
  /// With two explicit units the log ratio of a third one beside both at their largest weight; nil, and no key,
  /// with one, or where nothing has condensed.
  public internal(set) var thirdLogRatio: Double?
  /// The posterior mean of the second largest |v|; nil, and no key, with one explicit unit.
  public internal(set) var secondReadout: Double?
  /// Its posterior standard deviation; likewise.
  public internal(set) var secondReadoutDeviation: Double?
  /// Importance draws at every readout; nil without.
  public internal(set) var draws: Int?
  /// The part of them that counts, averaged: (sum of weights)^2/(count * sum of squared weights).
  public internal(set) var effectiveShare: Double?
  /// What the bulk's fourth cumulant changes; nil, and no key, without draws for it.
  public internal(set) var bulkCumulant: BulkCumulantSummary?
  /// The laws of the readouts; nil, and no key, where they were not kept.
  public internal(set) var law: ReadoutLaw?

  init(neurons: Int) { self.neurons = neurons }

  /// The same without laws, some hundred numbers.
  package var withoutLaw: CondensedSummary {
    var summary = self
    summary.law = nil
    return summary
  }

  private enum CodingKeys: String, CodingKey {
    case neurons, readout, readoutDeviation, logRatio, alignment, nodes, effectiveNodes, error, secondLogRatio
    case secondReadout, secondReadoutDeviation, thirdLogRatio, draws, effectiveShare, bulkCumulant, law
  }

  /// Keys without a value are written as null.
  public func encode(to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: CodingKeys.self)
    try container.encode(neurons, forKey: .neurons)
    try container.encode(readout, forKey: .readout)
    try container.encode(readoutDeviation, forKey: .readoutDeviation)
    try container.encode(logRatio, forKey: .logRatio)
    try container.encode(alignment, forKey: .alignment)
    try container.encode(nodes, forKey: .nodes)
    try container.encode(effectiveNodes, forKey: .effectiveNodes)
    try container.encode(error, forKey: .error)
    try container.encode(secondLogRatio, forKey: .secondLogRatio)
    try container.encodeIfPresent(secondReadout, forKey: .secondReadout)
    try container.encodeIfPresent(secondReadoutDeviation, forKey: .secondReadoutDeviation)
    try container.encodeIfPresent(thirdLogRatio, forKey: .thirdLogRatio)
    try container.encodeIfPresent(draws, forKey: .draws)
    try container.encodeIfPresent(effectiveShare, forKey: .effectiveShare)
    try container.encodeIfPresent(bulkCumulant, forKey: .bulkCumulant)
    try container.encodeIfPresent(law, forKey: .law)
  }
}

/// The fourth cumulant of the bulk's units beside an explicit one.
public struct BulkCumulantSummary: Equatable, Sendable, Codable {
  /// Draws of a hidden unit.
  public let draws: Int
  /// The change of the log evidence, and its standard error.
  public let delta: Double
  public let standardError: Double
  /// The root mean square over points of the standard errors of the means' change, in posterior standard
  /// deviations.
  public let meanError: Double
  /// Whether delta is above its noise, and the change was added.
  public let isAdded: Bool
  /// Whether the change of the means is above its noise at the points.
  public let isAboveNoise: Bool
}
