import Foundation
import GSLNumerics
import LinearAlgebra
import Testing

@testable import RenormSampling

@Suite struct ComparisonTests {
  private func entry(_ theory: Double, _ sampled: Double, _ error: Double, name: String = "bias")
    -> Comparison.Entry
  {
    Comparison.Entry(name, theory, Estimate(mean: sampled, standardError: error))
  }

  private func comparison(
    _ entries: [Comparison.Entry], _ means: Comparison.Means? = nil, isConverged: Bool = true,
    isBiased: Bool = false, degreesOfFreedom: Double = .infinity
  ) -> Comparison {
    Comparison(
      orderParameter: [], scores: entries, means: means, probabilities: nil, isConverged: isConverged,
      isBiased: isBiased, degreesOfFreedom: degreesOfFreedom)
  }

  @Test func zScores() {
    let a = entry(1.2, 1, 0.1)
    #expect(abs((a.z ?? .nan) - 2) < 1e-12)
    #expect(abs((a.relativeDeviation ?? .nan) - 0.2) < 1e-12)
    #expect(entry(1, 1, 0).z == nil && entry(2, 1, 0).z == nil && entry(1, 2, .nan).z == nil)
    #expect(entry(1, 0, 1).relativeDeviation == nil)
  }

  /// P(|z| > 2.5758) = 0.01, P(|z| > 3.2905) = 0.001 (tables).
  @Test func thresholdGrowsWithTheNumberOfComparisons() {
    #expect(abs(comparison([entry(1, 1, 1)]).threshold - 2.5758) < 1e-4)
    let ten = [Comparison.Entry](repeating: entry(1, 1, 1), count: 10)
    #expect(abs(comparison(ten).threshold - 3.2905) < 1e-4)
    // P(|t| > 3.5510) = 0.001 at 40 degrees of freedom.
    #expect(abs(comparison(ten, degreesOfFreedom: 40).threshold - 3.5510) < 1e-4)
  }

  @Test func verdicts() {
    let near = entry(1.3, 1, 0.1)  // z = 3
    let far = entry(1.05, 1, 0.01, name: "variance")  // z = 5
    let further = entry(1.2, 1, 0.03, name: "generalizationError")  // z = 6.7
    #expect(
      comparison([near]).verdict == .deviates(name: "bias", relativeDeviation: near.relativeDeviation ?? .nan))
    let ten = [Comparison.Entry](repeating: near, count: 10)
    #expect(comparison(ten).verdict == .agrees)
    // Of those beyond the threshold the one that deviates most, not the one of the largest z or the larger
    // deviation within the threshold.
    #expect(
      comparison(ten + [far]).verdict
        == .deviates(name: "variance", relativeDeviation: far.relativeDeviation ?? .nan))
    guard case .deviates("generalizationError", _) = comparison(ten + [far, further]).verdict else {
      Issue.record("not the largest deviation")
      return
    }
    #expect(comparison([far], isConverged: false).verdict == .notConverged)
    #expect(comparison([entry(2, 1, .nan)]).verdict == .nothingToJudge)
    #expect(comparison([far], isBiased: true).verdict == .biased)
    let accuracy = Comparison.Entry("accuracy", 1, Estimate(mean: 0.5, standardError: 0.01), isJudged: false)
    #expect(comparison([accuracy, near] + ten).verdict == .agrees)
  }

  /// An exact theory with 50 comparisons is called wrong in about 1 of 100 cases: of 2000, 20 and three
  /// deviations.
  @Test func falseAlarmsAreRare() {
    let generator = RandomGenerator(seed: 2)
    let alarms = (0..<2000).count { _ in
      let entries = (0..<50).map { _ in entry(1, 1 + 0.1 * generator.gaussian(), 0.1) }
      return comparison(entries).verdict != .agrees
    }
    #expect(alarms > 5 && alarms < 34, "\(alarms)")
  }

  /// With errors from 40 batches of the same draws the normal quantile would call an exact theory wrong in
  /// about 3 of 100 cases of 50 comparisons; of 2000, Student's in 20 and three deviations.
  @Test func falseAlarmsAreRareWithErrorsOfBatches() {
    let generator = RandomGenerator(seed: 4)
    let alarms = (0..<2000).count { _ in
      let entries = (0..<50).map { _ in
        let chains = (0..<4).map { _ in (0..<20).map { _ in generator.gaussian() } }
        return Comparison.Entry("mean", 0, Estimate.batchMeans(chains), scale: 1)
      }
      return comparison(entries, degreesOfFreedom: 39).verdict != .agrees
    }
    #expect(alarms > 5 && alarms < 34, "\(alarms)")
  }

  /// Chains that are correlated over a few draws, worth about 400 independent ones: of 500 comparisons of 10
  /// numbers 5 false alarms are expected, and more than 13 in one of 1000 cases.
  @Test func falseAlarmsAreRareWithErrorsOfChains() {
    let generator = RandomGenerator(seed: 5)
    let (decay, count) = (0.5, 300)
    let alarms = (0..<500).count { _ in
      var fewest = Double.infinity
      let entries = (0..<10).map { _ in
        let chains = (0..<4).map { _ in
          var x = generator.gaussian()
          return (0..<count).map { _ in
            x = decay * x + (1 - decay * decay).squareRoot() * generator.gaussian()
            return x
          }
        }
        let found = Diagnostics(chains: chains)
        fewest = min(fewest, found.bulkESS ?? .nan)
        let estimate = Estimate(mean: found.mean, standardError: found.standardError ?? .nan)
        return Comparison.Entry("mean", 0, estimate, scale: 1)
      }
      let freedom = fewest / Comparison.drawsPerDegreeOfFreedom
      return comparison(entries, degreesOfFreedom: freedom).verdict != .agrees
    }
    #expect(alarms <= 13, "\(alarms)")
  }

  /// One point is off while the means as a whole are as near as their errors allow: the verdict names the
  /// point.
  @Test func aSinglePointDeviates() throws {
    let theory = Matrix(rows: 100, columns: 1) { _, _ in 1 }
    let points = (0..<100).map { point in
      // Point 7 is known well, and off by 6 errors.
      PointEstimate(
        mean: [Estimate(mean: point == 7 ? 0.994 : 1, standardError: point == 7 ? 0.001 : 0.1)], variance: [])
    }
    let means = try #require(Comparison.Means(theory, points.map(\.mean)))
    #expect(means.rmsDifference < means.rmsStandardError && means.largest?.name == "mean[7]")
    guard case .deviates("mean[7]", let relative) = comparison([], means).verdict else {
      Issue.record("\(comparison([], means).verdict)")
      return
    }
    #expect(abs(relative - 0.006) < 1e-5)
  }

  /// A bias of nearly 0 is not the largest deviation because it is small.
  @Test func biasIsRelativeToTheGeneralizationError() {
    let bias = Comparison.Entry(
      "bias", 3e-5, Estimate(mean: 1e-6, standardError: 1e-6), scale: 0.1, scaleName: "the generalization error"
    )
    let order = entry(1.05, 1, 0.005, name: "orderParameter[0,0]")
    #expect(abs((bias.relativeDeviation ?? .nan) - 2.9e-4) < 1e-12)
    guard case .deviates("orderParameter[0,0]", _) = comparison([bias, order]).verdict else {
      Issue.record("\(comparison([bias, order]).verdict)")
      return
    }
  }

  @Test func meansOfPredictions() throws {
    let generator = RandomGenerator(seed: 3)
    let theory = Matrix(rows: 500, columns: 2) { i, _ in sin(Double(i)) }
    let points = (0..<500).map { point in
      PointEstimate(
        mean: (0..<2).map {
          Estimate(mean: theory[point, $0] + 0.01 * generator.gaussian(), standardError: 0.01)
        }, variance: [])
    }
    let exact = try #require(Comparison.Means(theory, points.map(\.mean)))
    #expect(exact.count == 1000 && exact.zScores.count == 1000)
    // Standard errors over 1000 z-scores: 0.022 for the root mean square, 0.032 for the mean.
    #expect(abs(exact.zRMS - 1) < 0.1 && abs(exact.zMean) < 0.13)
    #expect(abs(exact.partBeyond2 - 0.0455) < 0.03)
    #expect(exact.relativeDeviation < 0.005)
    #expect(comparison([], exact).verdict == .agrees)
    // A shift by 0.05 everywhere.
    let shifted = Matrix(rows: 500, columns: 2) { theory[$0, $1] + 0.05 }
    let off = try #require(Comparison.Means(shifted, points.map(\.mean)))
    #expect(abs(off.zMean - 5) < 0.2)
    // Root mean square of the sine 0.707.
    #expect(abs(off.relativeDeviation - 0.05 / 0.5.squareRoot()) < 0.005)
    guard case .deviates("mean predictions", _) = comparison([], off).verdict else {
      Issue.record("\(comparison([], off).verdict)")
      return
    }
    #expect(Comparison.Means(Matrix(rows: 0, columns: 1), []) == nil)
  }
}
