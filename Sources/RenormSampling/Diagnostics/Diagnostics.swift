/// How well several chains agree on one number, and how much the draws are worth (Vehtari, Gelman, Simpson,
/// Carpenter and Bürkner, "Rank-normalization, folding, and localization: an improved R-hat", Bayesian Anal.
/// 16 (2021)).
///
/// Every chain is split in two halves, so that a drift shows as a difference; of an odd number of draws the
/// middle one is left out. Chains of unequal length count up to the shortest. What is not defined is nil: R-hat
/// and effective sample sizes of fewer than four draws in a chain, of draws that are not all finite, and of
/// draws that are all equal.
public struct Diagnostics: Equatable, Sendable {
  /// The rank-normalised split R-hat, ((n - 1)/n + B/(n W))^(1/2) with the variance W within and B/n between
  /// chains: the larger one of that of the draws (their location) and of their distances to the median (their
  /// scale). Near 1 where chains agree; infinite for chains that each stand still at another value.
  public let rHat: Double?
  /// The effective sample size of the rank-normalised draws: how well the centre of the distribution is known.
  public let bulkESS: Double?
  /// The smaller one of the effective sample sizes for the quantiles 5 % and 95 %.
  public let tailESS: Double?
  /// Mean over all draws; NaN where one is not finite, or without draws.
  public let mean: Double
  /// Standard deviation over all draws, with divisor S - 1; NaN as the mean, and for a single draw.
  public let standardDeviation: Double
  /// Monte Carlo standard error of the mean: the deviation over the root of the effective sample size for the
  /// mean. 0 for draws that are all equal, nil where that size is not defined.
  public let standardError: Double?
  /// Whether all draws are one finite number, in chains of at least four.
  public let isConstant: Bool

  /// Diagnostics of `chains`, each with its draws in order. Costs O(S log S) for the ranks and O(S) for every
  /// lag before the autocorrelations vanish.
  public init(chains: [[Double]]) {
    let length = chains.map(\.count).min() ?? 0
    let chains = chains.map { Array($0.prefix(length)) }
    let all = chains.flatMap(\.self)
    let isFinite = all.allSatisfy(\.isFinite)
    isConstant = isFinite && length >= 4 && all.allSatisfy { $0 == all[0] }
    mean = isConstant ? all[0] : isFinite ? average(all) : .nan
    standardDeviation = isFinite ? variance(all).squareRoot() : .nan
    guard isFinite, !isConstant, length >= 4 else {
      (rHat, bulkESS, tailESS, standardError) = (nil, nil, nil, isConstant ? 0 : nil)
      return
    }
    let split = Self.split(chains)
    let normal = Ranks.normalScores(split)
    let middle = quantile(split.flatMap(\.self).sorted(), 0.5)
    let folded = Ranks.normalScores(split.map { $0.map { abs($0 - middle) } })
    rHat = max(potentialScaleReduction(normal), potentialScaleReduction(folded))
    bulkESS = effectiveSampleSize(normal)
    let sorted = all.sorted()
    let tails = [0.05, 0.95].map { probability in
      let bound = quantile(sorted, probability)
      return effectiveSampleSize(split.map { $0.map { $0 <= bound ? 1 : 0 } })
    }
    tailESS = tails.min()
    standardError = standardDeviation / effectiveSampleSize(split).squareRoot()
  }

  /// First and last halves of every chain.
  private static func split(_ chains: [[Double]]) -> [[Double]] {
    chains.flatMap { [Array($0.prefix($0.count / 2)), Array($0.suffix($0.count / 2))] }
  }
}

extension Diagnostics {
  /// R-hat above which chains have not mixed (the recommendation of Vehtari et al. 2021).
  public static let largestRHat = 1.01
  /// Effective sample size below which R-hat and errors are not reliable (theirs too: 50 for each half of four
  /// chains).
  public static let smallestESS = 400.0

  /// Whether R-hat and effective sample sizes are as recommended; true for a constant.
  public var isConverged: Bool {
    if isConstant { return true }
    guard let rHat, let bulkESS, let tailESS else { return false }
    return rHat <= Self.largestRHat && min(bulkESS, tailESS) >= Self.smallestESS
  }
}
