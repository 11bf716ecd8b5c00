/// A part of the fourth cumulants' correction.
public enum NextOrderPart: String, Sendable, Codable, CaseIterable {
  /// delta in the log evidence.
  case evidence
  /// Cov(Q, delta).
  case orderParameter
  /// Cov(m, delta) + dm.
  case means
  /// Cov(v, delta) + dv.
  case variances
}

/// Standard errors of corrections, from the spread of blocks of draws.
public struct NextOrderErrors: Equatable, Sendable, Codable {
  /// Of delta, and so of the log evidence.
  public let delta: Double
  /// Of the elements of the order parameter, root mean square.
  public let orderParameter: Double
  /// Of the corrected means, root mean square over points.
  public let means: Double
  /// Of the corrected variances, root mean square over points.
  public let variances: Double
  /// Of the change of the bias; nil without targets.
  public let bias: Double?
}

/// The numbers of a `NextOrder` under the names that reports give them.
public struct NextOrderSummary: Equatable, Sendable, Codable {
  public let order: ExpansionOrder
  public let delta: Double
  public let sigma: Double
  /// nil where the order leaves cumulants out that do not vanish.
  public let trust: Trust?
  /// nil without targets.
  public let biasShift: Double?
  public let varianceShift: Double
  public let evidenceShift: Double
  /// Draws behind delta, and behind the means.
  public let draws: Int
  public let meanDraws: Int
  /// nil without draws.
  public let standardErrors: NextOrderErrors?
  public let omitted: [NextOrderPart]

  private enum CodingKeys: String, CodingKey {
    case order, delta, sigma
    case trust = "class"
    case biasShift, varianceShift, evidenceShift, draws, meanDraws, standardErrors, omitted
  }

  /// Keys without a value are written as null.
  public func encode(to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: CodingKeys.self)
    try container.encode(order, forKey: .order)
    try container.encode(delta, forKey: .delta)
    try container.encode(sigma, forKey: .sigma)
    try container.encode(trust, forKey: .trust)
    try container.encode(biasShift, forKey: .biasShift)
    try container.encode(varianceShift, forKey: .varianceShift)
    try container.encode(evidenceShift, forKey: .evidenceShift)
    try container.encode(draws, forKey: .draws)
    try container.encode(meanDraws, forKey: .meanDraws)
    try container.encode(standardErrors, forKey: .standardErrors)
    try container.encode(omitted, forKey: .omitted)
  }
}

extension NextOrderSummary {
  /// The numbers where targets are `scale` times as large, beside results of the given order.
  package func restored(scale: Double, beside shown: ExpansionOrder) -> NextOrderSummary {
    let square = scale * scale
    return NextOrderSummary(
      order: shown, delta: delta, sigma: sigma, trust: trust, biasShift: biasShift.map { square * $0 },
      varianceShift: square * varianceShift, evidenceShift: evidenceShift, draws: draws, meanDraws: meanDraws,
      standardErrors: standardErrors.map { errors in
        NextOrderErrors(
          delta: errors.delta, orderParameter: errors.orderParameter, means: scale * errors.means,
          variances: square * errors.variances, bias: errors.bias.map { square * $0 })
      }, omitted: omitted)
  }
}

extension NextOrder {
  /// The numbers for a report.
  public var summary: NextOrderSummary {
    NextOrderSummary(
      order: order, delta: delta, sigma: sigma, trust: trust, biasShift: biasShift,
      varianceShift: varianceShift,
      evidenceShift: evidenceShift, draws: draws, meanDraws: meanDraws, standardErrors: standardErrors,
      omitted: omitted)
  }
}

extension CumulantEstimate {
  func part(_ part: NextOrderPart) -> Estimate {
    switch part {
    case .evidence: value
    case .orderParameter: shift
    case .means: wholeMean
    case .variances: wholeVariance
    }
  }
}
