internal import Foundation
package import RenormSampling

/// Mean and variance of independent draws, each with its standard error.
package struct SampleMoments: Equatable, Sendable {
  /// The mean, with error sqrt(variance / S).
  package let mean: Estimate
  /// The variance with divisor S - 1, with error sqrt((m4 - variance^2) / S), m4 the fourth central moment.
  package let variance: Estimate
  /// The number of draws S.
  package let count: Int

  /// Moments of at least two draws; NaN for fewer.
  package init(_ draws: [Double]) {
    count = draws.count
    let size = Double(count)
    let average = draws.reduce(0, +) / size
    let squares = draws.map { ($0 - average) * ($0 - average) }
    let sum = squares.reduce(0, +)
    let spread = count > 1 ? sum / (size - 1) : .nan
    let fourth = squares.reduce(0) { $0 + $1 * $1 } / size
    mean = Estimate(mean: average, standardError: (spread / size).squareRoot())
    variance = Estimate(
      mean: spread, standardError: count > 1 ? (max(fourth - spread * spread, 0) / size).squareRoot() : .nan)
  }
}

/// Sample quantiles of independent draws.
package struct SampleQuantiles: Sendable {
  private let sorted: [Double]

  /// The draws, in any order; there is at least one.
  package init(_ draws: [Double]) {
    precondition(!draws.isEmpty, "quantiles of no draws")
    sorted = draws.sorted()
  }

  /// The quantile, linear between neighbours: 0 is the smallest draw, 1 the largest.
  package func callAsFunction(_ probability: Double) -> Double {
    let position = min(max(probability, 0), 1) * Double(sorted.count - 1)
    let lower = min(Int(position), sorted.count - 1)
    let upper = min(lower + 1, sorted.count - 1)
    let part = position - Double(lower)
    // Not a difference times a part: infinite draws of a heavy-tailed law would make NaN.
    return part == 0 ? sorted[lower] : (1 - part) * sorted[lower] + part * sorted[upper]
  }

  /// The standard error of a quantile: half the distance of the quantiles one binomial deviation below and
  /// above.
  package func standardError(_ probability: Double) -> Double {
    let spread = (probability * (1 - probability) / Double(sorted.count)).squareRoot()
    return (self(probability + spread) - self(probability - spread)) / 2
  }
}
