package import Renorm
package import RenormSampling

/// What so many drawn networks say about the law.
package struct ResNetSample: Sendable {
  /// The draws, those left out of all averages too.
  package let draws: [ResNetSimulator.Draw]
  /// Draws in which a layer passed nothing, of probability 2^-n for every layer without a skip connection. They
  /// are left out: their logarithm is minus infinity.
  package let deadCount: Int
  /// Moments of log(|z_d|^2/|z_0|^2).
  package let logRatio: SampleMoments
  /// Moments of log |zout|^2.
  package let logNorm: SampleMoments
  /// The mean fraction of active units; NaN without layers.
  package let activeFraction: Estimate
  /// log |zout|^2 against the log-Gaussian law.
  package let logGaussianTest: KolmogorovSmirnov
  /// log |zout|^2 against the law of the infinitely wide network.
  package let infiniteWidthTest: KolmogorovSmirnov

  /// log |zout|^2 of the draws that count.
  package var logNorms: [Double] { draws.map(\.logNorm).filter(\.isFinite) }

  /// Draws networks.
  ///
  /// - Throws: `RenormError.invalidParameter` for a number of draws out of range; `.numericalFailure` where
  ///   fewer than two pass anything.
  package init(
    _ simulator: ResNetSimulator, law: ResNetOutput, infinite: ResNetOutput, count: Int, seed: UInt32,
    threads: Int? = nil
  ) throws(RenormError) {
    try simulator.check(draws: count)
    draws = simulator.draws(count, seed: seed, threads: threads)
    let alive = draws.filter { $0.logNorm.isFinite }
    deadCount = draws.count - alive.count
    guard alive.count >= 2, let low = alive.map(\.logNorm).min(), let high = alive.map(\.logNorm).max() else {
      throw .numericalFailure(
        what: "in \(deadCount) of \(count) networks a layer passed nothing",
        advice: "take a larger width, fewer layers or alpha other than 0")
    }
    logRatio = SampleMoments(alive.map(\.logRatio))
    logNorm = SampleMoments(alive.map(\.logNorm))
    activeFraction = SampleMoments(alive.map(\.activeFraction)).mean
    let norms = alive.map(\.logNorm)
    logGaussianTest = KolmogorovSmirnov(norms, law.tabulatedCumulative(from: low, to: high))
    infiniteWidthTest = KolmogorovSmirnov(norms, infinite.tabulatedCumulative(from: low, to: high))
  }
}
