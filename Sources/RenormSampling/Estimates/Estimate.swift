/// An average over draws and its Monte Carlo standard error; the error is NaN where there are too few draws to
/// tell.
public struct Estimate: Equatable, Sendable, Codable {
  /// The estimate.
  public let mean: Double
  /// Its Monte Carlo standard error.
  public let standardError: Double

  /// An estimate.
  public init(mean: Double, standardError: Double) {
    self.mean = mean
    self.standardError = standardError
  }
}

/// Estimates the mean of a scalar from its values in every chain.
public typealias AverageEstimator = @Sendable (_ chains: [[Double]]) -> Estimate

extension Estimate {
  /// The mean over all draws, with the error of the means of batches of consecutive draws (`Batches`).
  @Sendable public static func batchMeans(_ chains: [[Double]]) -> Estimate {
    let batches = Batches(lengths: chains.map(\.count))
    let sums = batches.ranges.map { batch in chains[batch.chain][batch.draws].reduce(0, +) }
    let total = sums.reduce(0, +)
    return batches.jackknife { omitted in
      guard let omitted else { return total / Double(batches.total) }
      return (total - sums[omitted]) / Double(batches.total - batches.ranges[omitted].draws.count)
    }
  }
}
