import Foundation
import GSLNumerics
import Testing

@testable import RenormSampling

@Suite struct BatchesTests {
  @Test func everyDrawIsInOneBatch() {
    for lengths in [[1000, 1000, 1000, 1000], [7], [1], [103, 0, 55], [3, 3]] {
      let batches = Batches(lengths: lengths)
      #expect(batches.total == lengths.reduce(0, +))
      for (chain, length) in lengths.enumerated() {
        let own = batches.ranges.filter { $0.chain == chain }
        #expect(own.flatMap { Array($0.draws) } == Array(0..<length))
        #expect(own.allSatisfy { !$0.draws.isEmpty })
      }
    }
  }

  /// For an average the jackknife is the average itself, with the error of batch means.
  @Test func average() {
    let generator = RandomGenerator(seed: 41)
    let chains = (0..<4).map { _ in (0..<500).map { _ in generator.gaussian() } }
    let estimate = Estimate.batchMeans(chains)
    let mean = chains.joined().reduce(0, +) / 2000
    expectClose(estimate.mean, mean, 1e-14)
    // 39 degrees of freedom leave 11 percent of error.
    #expect(abs(estimate.standardError * 2000.0.squareRoot() - 1) < 0.45)
    #expect(Estimate.batchMeans([[3]]).standardError.isNaN)
    #expect(Estimate.batchMeans([[3, 3], [3, 3]]) == Estimate(mean: 3, standardError: 0))
  }

  /// The square of an average of independent draws: unbiased, and its error is the spread between repetitions.
  @Test func squareOfAnAverage() {
    let generator = RandomGenerator(seed: 42)
    let mean = 0.3
    let estimates = (0..<400).map { _ in
      let draws = (0..<80).map { _ in mean + generator.gaussian() }
      let batches = Batches(lengths: [80])
      return batches.jackknife { omitted in
        let kept = draws.indices.filter { k in omitted.map { !batches.ranges[$0].draws.contains(k) } ?? true }
        let average = kept.reduce(0) { $0 + draws[$1] } / Double(kept.count)
        return average * average
      }
    }
    let average = estimates.reduce(0) { $0 + $1.mean } / 400
    let spread = (estimates.reduce(0) { $0 + ($1.mean - average) * ($1.mean - average) } / 399).squareRoot()
    // The plain square would be too large by 1/80 = 0.0125, three of these errors.
    #expect(abs(average - mean * mean) < 3 * spread / 20)
    #expect(spread / 20 < 0.0125 / 3)
    let claimed = (estimates.reduce(0) { $0 + $1.standardError * $1.standardError } / 400).squareRoot()
    #expect(abs(claimed / spread - 1) < 0.2)
  }
}
