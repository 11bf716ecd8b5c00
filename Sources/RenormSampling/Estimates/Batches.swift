internal import GSLNumerics

/// The draws of all chains in about forty batches of consecutive draws.
///
/// Errors from batches hold where a batch is much longer than the draws' correlation: with four chains of 1000
/// draws a batch has 100.
struct Batches: Sendable {
  /// A batch of consecutive draws.
  struct Batch: Equatable, Sendable {
    let chain: Int
    let draws: Range<Int>
  }

  let ranges: [Batch]
  /// Number of draws in all chains.
  let total: Int

  /// Batches of all chains: few enough that a batch is long beside the correlation of draws, enough that a
  /// standard error is known to 1/(2 39)^(1/2) = 11 percent.
  static let count = 40

  /// Splits chains of the given lengths; the batches of a chain differ by at most one draw.
  init(lengths: [Int]) {
    let chains = lengths.count { $0 > 0 }
    let perChain = (Self.count + chains - 1) / max(chains, 1)
    ranges = lengths.enumerated().flatMap { chain, length in
      let parts = min(perChain, length)
      return (0..<parts).map { Batch(chain: chain, draws: length * $0 / parts..<length * ($0 + 1) / parts) }
    }
    total = lengths.reduce(0, +)
  }

  /// The jackknife over batches: estimates a function of averages over draws without its bias of first order,
  /// and its standard error,
  ///
  ///     B f - (B - 1) mean f_b,     se^2 = (B - 1)/B sum_b (f_b - mean f_b)^2,
  ///
  /// f_b the value without batch b. For the square of an average the bias that is removed is the variance of
  /// the average. B. Efron and C. Stein, Ann. Stat. 9 (1981).
  ///
  /// - Parameter value: the function of all draws but those of a batch; of all draws where nil.
  func jackknife(_ value: (_ omitted: Int?) -> Double) -> Estimate {
    let all = value(nil)
    guard ranges.count > 1 else { return Estimate(mean: all, standardError: .nan) }
    let count = Double(ranges.count)
    let parts = ranges.indices.map { value($0) }
    // As a difference: equal values leave `all` without rounding.
    let shift = parts.reduce(0) { $0 + ($1 - all) } / count
    let square = parts.reduce(0) { $0 + ($1 - all - shift) * ($1 - all - shift) }
    return Estimate(mean: all - (count - 1) * shift, standardError: (square * (count - 1) / count).squareRoot())
  }

  /// The standard deviation of a function over resampled batches, for functions with jumps, where the jackknife
  /// fails.
  ///
  /// - Parameters:
  ///   - resamplings: 200, rarely exceeded for a standard error (B. Efron and R. J. Tibshirani, An Introduction
  ///     to the Bootstrap, 1993, chapter 6).
  ///   - value: the function of the given batches, of which some occur repeatedly.
  func bootstrapError(resamplings: Int = 200, _ value: (_ chosen: [Int]) -> Double) -> Double {
    guard ranges.count > 1 else { return .nan }
    let generator = RandomGenerator(seed: 1)
    let values = (0..<resamplings).map { _ in
      value(ranges.map { _ in generator.integer(below: ranges.count) })
    }
    let mean = values.reduce(0, +) / Double(resamplings)
    let square = values.reduce(0) { $0 + ($1 - mean) * ($1 - mean) }
    return (square / Double(resamplings - 1)).squareRoot()
  }
}
