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
