/// How far the theory can be trusted, from |delta| and sigma.
///
/// Read off 26 sampled problems, then checked on 30 others (docs/next-order.md; FC, LCN, CNN with n = 4, 9, 16;
/// erf, relu, linear; P/N from 0.2 to 7.5; T from 0.02 to 0.1), which moved the last threshold from 2 to 1.5, and
/// that of sigma to 0.04 for activations that are not odd:
///
/// | class | where | corrected generalization error off by | leading |
/// |---|---|---|---|
/// | reliable | \|delta\| <= 1.1 and sigma <= 0.1 | at most 0.8 percent, median 0.3 | up to 4.2 percent |
/// | check | else, \|delta\| <= 1.5 | up to 3.4 percent | more in most cases |
/// | sample | \|delta\| > 1.5 | up to 39 percent | up to 59 percent |
public enum Trust: String, Sendable, Codable, CaseIterable, Comparable {
  /// Corrected results hold.
  case reliable
  /// Corrected results are better than leading order; check by sampling.
  case check
  /// Neither is to be trusted; sample.
  case sample

  static let reliableDelta = 1.1
  static let reliableSigma = 0.1
  /// For activations that are not odd, of which sigma sees less.
  static let reliableSigmaOfOthers = 0.04
  static let largestDelta = 1.5

  /// The class of a problem.
  ///
  /// - Parameter isOdd: whether the activation is odd.
  public init(delta: Double, sigma: Double, isOdd: Bool = true) {
    let largestSigma = isOdd ? Self.reliableSigma : Self.reliableSigmaOfOthers
    // Written so that NaN is never trusted.
    if abs(delta) <= Self.reliableDelta, sigma <= largestSigma {
      self = .reliable
    } else if abs(delta) <= Self.largestDelta, sigma.isFinite {
      self = .check
    } else {
      self = .sample
    }
  }

  /// Less trust is larger.
  public static func < (a: Trust, b: Trust) -> Bool { a.rank < b.rank }

  private var rank: Int {
    switch self {
    case .reliable: 0
    case .check: 1
    case .sample: 2
    }
  }

  /// A sentence for a summary.
  public var advice: String {
    switch self {
    case .reliable: "corrected results are reliable"
    case .check: "corrected results are better than leading order; check them by sampling"
    case .sample: "the expansion in 1/N does not hold here; sample the network"
    }
  }
}
