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
  /// Of sigma; nil for a full correction, whose draws give it less noise than matters.
  public let sigma: Double?
  /// Of the elements of the order parameter, root mean square; nil for a class alone.
  public let orderParameter: Double?
  /// Of the corrected means, root mean square over points.
  public let means: Double
  /// Of the corrected variances, root mean square over points; nil for a class alone.
  public let variances: Double?
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
  /// nil for a class alone, as is the next one.
  public let varianceShift: Double?
  public let evidenceShift: Double?
  /// Draws behind delta, and behind the means.
  public let draws: Int
  public let meanDraws: Int
  /// nil without draws.
  public let standardErrors: NextOrderErrors?
  public let omitted: [NextOrderPart]

  package init(
    order: ExpansionOrder, delta: Double, sigma: Double, trust: Trust?, biasShift: Double?,
    varianceShift: Double?, evidenceShift: Double?, draws: Int, meanDraws: Int,
    standardErrors: NextOrderErrors?, omitted: [NextOrderPart]
  ) {
    self.order = order
    self.delta = delta
    self.sigma = sigma
    self.trust = trust
    self.biasShift = biasShift
    self.varianceShift = varianceShift
    self.evidenceShift = evidenceShift
    self.draws = draws
    self.meanDraws = meanDraws
    self.standardErrors = standardErrors
    self.omitted = omitted
  }

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
  /// Whether all numbers are finite: for targets of extreme size their squares overflow.
  package var isFinite: Bool {
    let shifts = [delta, sigma] + [biasShift, varianceShift, evidenceShift].compactMap(\.self)
    let errors = standardErrors.map {
      [$0.delta, $0.means] + [$0.sigma, $0.orderParameter, $0.variances, $0.bias].compactMap(\.self)
    }
    return (shifts + (errors ?? [])).allSatisfy(\.isFinite)
  }

  /// Whether the class would be another one within a standard error of delta or sigma.
  ///
  /// - Parameter isOdd: whether the activation is odd, on which the class depends.
  package func isUndecided(isOdd: Bool) -> Bool {
    guard let trust, let errors = standardErrors else { return false }
    let (size, sigmaError) = (abs(delta), errors.sigma ?? 0)
    let best = Trust(delta: max(size - errors.delta, 0), sigma: max(sigma - sigmaError, 0), isOdd: isOdd)
    let worst = Trust(delta: size + errors.delta, sigma: sigma + sigmaError, isOdd: isOdd)
    // A class that numbers alone would not give is the least that there is.
    let least = Trust(delta: delta, sigma: sigma, isOdd: isOdd) < trust ? trust : .reliable
    return max(best, least) != trust || max(worst, least) != trust
  }

  /// The numbers where targets are `scale` times as large, beside results of the given order.
  package func restored(scale: Double, beside shown: ExpansionOrder) -> NextOrderSummary {
    let square = scale * scale
    return NextOrderSummary(
      order: shown, delta: delta, sigma: sigma, trust: trust, biasShift: biasShift.map { square * $0 },
      varianceShift: varianceShift.map { square * $0 }, evidenceShift: evidenceShift, draws: draws,
      meanDraws: meanDraws,
      standardErrors: standardErrors.map { errors in
        NextOrderErrors(
          delta: errors.delta, sigma: errors.sigma, orderParameter: errors.orderParameter,
          means: scale * errors.means, variances: errors.variances.map { square * $0 },
          bias: errors.bias.map { square * $0 })
      }, omitted: omitted)
  }
}

extension NextOrder {
  /// The numbers for a report.
  public var summary: NextOrderSummary {
    NextOrderSummary(
      order: order, delta: delta, sigma: sigma, trust: trust, biasShift: biasShift,
      varianceShift: correctsMeansAlone ? nil : varianceShift,
      evidenceShift: correctsMeansAlone ? nil : evidenceShift, draws: draws, meanDraws: meanDraws,
      standardErrors: standardErrors,
      omitted: omitted)
  }
}

extension TrustSketch {
  /// The numbers for a report.
  package var summary: NextOrderSummary {
    let squares = meanErrors.reduce(0) { $0 + $1 * $1 }
    return NextOrderSummary(
      order: .next, delta: delta, sigma: sigma, trust: Trust(delta: delta, sigma: sigma, isOdd: isOdd),
      biasShift: biasShift, varianceShift: nil, evidenceShift: nil, draws: draws, meanDraws: draws,
      standardErrors: NextOrderErrors(
        delta: deltaError, sigma: sigmaError, orderParameter: nil,
        means: (squares / Double(max(meanErrors.count, 1))).squareRoot(), variances: nil, bias: biasError),
      omitted: [])
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
