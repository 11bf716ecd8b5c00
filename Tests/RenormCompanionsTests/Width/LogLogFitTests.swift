import Foundation
import GSLNumerics
import LinearAlgebra
import RenormSampling
import Testing

@testable import RenormCompanions

@Suite struct LogLogFitTests {
  private func estimates(_ values: [Double], _ errors: [Double]) -> [Estimate] {
    zip(values, errors).map { Estimate(mean: $0, standardError: $1) }
  }

  private func reason(_ values: [Double], _ errors: [Double]) -> LogLogFit.Refusal? {
    guard case .failure(let refused) = LogLogFit.fit([10, 20, 40], estimates(values, errors)) else {
      return nil
    }
    return refused.reason
  }

  /// A power law is fitted exactly, whatever the weights.
  @Test func powerLaws() throws {
    let values = [16.0, 32, 64].map { -5 * pow($0, -1.5) }
    let fit = try LogLogFit.fit([16, 32, 64], estimates(values, [0.001, 0.01, 0.0001])).get()
    expectNear(fit.slope.mean, -1.5, 1e-12)
    #expect(fit.chiSquared < 1e-20)
    let exact = try LogLogFit.fit([16, 32, 64], estimates(values, [0, 0, 0])).get()
    expectNear(exact.slope.mean, -1.5, 1e-12)
  }

  /// The error of the slope against its spread over repetitions.
  @Test func errors() throws {
    let random = RandomGenerator(seed: 1)
    let slopes = try (0..<2000).map { _ in
      let values = [10.0, 20, 40, 80].map { 1 / $0 * (1 + 0.05 * random.gaussian()) }
      return try LogLogFit.fit([10, 20, 40, 80], estimates(values, values.map { 0.05 * $0 })).get().slope
    }
    let spread = SampleMoments(slopes.map(\.mean)).variance.mean.squareRoot()
    expectNear(slopes[0].standardError / spread, 1, 0.06)
  }

  @Test func refusals() {
    #expect(reason([1, 1, 1], [0.1, 0.1, 0.6]) == .nearZero)
    #expect(reason([1, -1, 1], [0.1, 0.1, 0.1]) == .changingSign)
    guard case .failure(let few) = LogLogFit.fit([10, 20], estimates([1, 2], [0.1, 0.1])) else {
      Issue.record("two widths were accepted")
      return
    }
    #expect(few.reason == .tooFewWidths)
  }

  /// Regression on numbers of mean zero removes the noise that they explain and shifts nothing.
  @Test func controlVariates() {
    let random = RandomGenerator(seed: 2)
    let controls = (0..<4000).map { _ in [random.gaussian(), random.gaussian()] }
    let y = controls.map { 3 + 2 * $0[0] - $0[1] + 0.1 * random.gaussian() }
    let estimate = ControlVariates.mean(y, controls)
    expectNear(estimate.standardError, 0.1 / 4000.0.squareRoot(), 2e-4)
    expectNear(estimate.mean, 3, 4 * estimate.standardError)
    // Too few draws, and no controls at all.
    #expect(ControlVariates.mean([1, 2, 3], [[1], [2], [3]]).mean == 2)
    #expect(ControlVariates.mean([1, 2, 3], [[], [], []]).mean == 2)
  }
}
