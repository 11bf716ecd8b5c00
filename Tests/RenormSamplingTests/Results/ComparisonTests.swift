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
    _ entries: [Comparison.Entry], _ means: Comparison.Means? = nil, isConverged: Bool = true
  ) -> Comparison {
    Comparison(entries: entries, means: means, isConverged: isConverged)
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
    #expect(comparison([entry(2, 1, .nan)]).verdict == .notConverged)
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

  @Test func meansOfPredictions() throws {
    let generator = RandomGenerator(seed: 3)
    let theory = Matrix(rows: 500, columns: 2) { i, _ in sin(Double(i)) }
    let points = (0..<500).map { point in
      PointEstimate(
        mean: (0..<2).map {
          Estimate(mean: theory[point, $0] + 0.01 * generator.gaussian(), standardError: 0.01)
        }, variance: [])
    }
    let exact = try #require(Comparison.Means(theory, points))
    #expect(exact.count == 1000 && exact.zScores.count == 1000)
    // Standard errors over 1000 z-scores: 0.022 for the root mean square, 0.032 for the mean.
    #expect(abs(exact.zRMS - 1) < 0.1 && abs(exact.zMean) < 0.13)
    #expect(abs(exact.partBeyond2 - 0.0455) < 0.03)
    #expect(exact.relativeDeviation < 0.005)
    #expect(comparison([], exact).verdict == .agrees)
    // A shift by 0.05 everywhere.
    let shifted = Matrix(rows: 500, columns: 2) { theory[$0, $1] + 0.05 }
    let off = try #require(Comparison.Means(shifted, points))
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
