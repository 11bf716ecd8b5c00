/// The numbers of a `Condensed` under the names that reports give them.
public struct CondensedSummary: Equatable, Sendable, Codable {
  /// Hidden units that are treated explicitly: 1; 0 for linear activations, where none is needed.
  public let neurons: Int
  /// The posterior mean of the largest |v| of the network, v in standard deviations of its prior; nil for
  /// linear activations, as is everything below.
  public let readout: Double?
  /// Its posterior standard deviation.
  public let readoutDeviation: Double?
  /// log Z_1 - log Z_0: the evidence with an explicit unit over that of a Gaussian bulk alone.
  public let logRatio: Double?
  /// The mean of the unit's weights along X^T u, u = A^-1 y at infinite width, in standard deviations of the
  /// prior (0 +- 1 under the prior).
  public let alignment: Double?
  /// Values of the readout that the results are averages over.
  public let nodes: Int?
  /// 1/sum of their squared weights.
  public let effectiveNodes: Double?
  /// How much half of the steps changed log evidence, order parameter or means (`CondensedOptions.accuracy`).
  public let error: Double?
  /// The same as `logRatio` for a second unit beside the first at its largest weight; nil where the first has
  /// not condensed.
  public let secondLogRatio: Double?
  /// Importance draws at every readout; nil without.
  public let draws: Int?
  /// The part of them that counts, averaged: (sum of weights)^2/(count * sum of squared weights).
  public let effectiveShare: Double?
  /// The laws of the readouts; nil, and no key, where they were not kept.
  public internal(set) var law: ReadoutLaw? = nil

  /// The same without laws, some hundred numbers.
  package var withoutLaw: CondensedSummary {
    var summary = self
    summary.law = nil
    return summary
  }

  private enum CodingKeys: String, CodingKey {
    case neurons, readout, readoutDeviation, logRatio, alignment, nodes, effectiveNodes, error, secondLogRatio
    case draws, effectiveShare, law
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
    try container.encodeIfPresent(draws, forKey: .draws)
    try container.encodeIfPresent(effectiveShare, forKey: .effectiveShare)
    try container.encodeIfPresent(law, forKey: .law)
  }
}
