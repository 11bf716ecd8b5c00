import Foundation
import GSLNumerics
import Testing

@testable import RenormCompanions

@Suite struct StatisticsTests {
  /// Published critical values of the one-sample statistic: n = 20, 5 percent: 0.294; n = 10, 1 percent: 0.489.
  @Test func criticalValues() {
    func pValue(_ size: Int, _ statistic: Double) -> Double {
      // Uniform draws at the middles of cells, all shifted: the statistic is 1/(2 n) + shift.
      let shift = statistic - 0.5 / Double(size)
      let draws = (0..<size).map { (Double($0) + 0.5) / Double(size) + shift }
      let test = KolmogorovSmirnov(draws) { min(max($0, 0), 1) }
      expectNear(test.statistic, statistic, 1e-12)
      return test.pValue
    }
    expectNear(pValue(20, 0.294), 0.05, 0.003)
    expectNear(pValue(10, 0.489), 0.01, 0.001)
  }

  @Test func twoSamples() {
    let test = KolmogorovSmirnov([1, 2, 3, 4], [3, 4, 5, 6])
    #expect(test.statistic == 0.5)
    #expect(
      KolmogorovSmirnov([1, 1, 2], [1, 2, 2]).statistic == 1.0 / 3
        || abs(
          KolmogorovSmirnov([1, 1, 2], [1, 2, 2]).statistic - 1.0 / 3) < 1e-15
    )
  }

  /// An atom of probability 1/2 at 0 does no harm to the test.
  @Test func atoms() {
    let random = RandomGenerator(seed: 1)
    let draws = (0..<2000).map { _ in max(0, random.gaussian()) }
    #expect(KolmogorovSmirnov(draws) { $0 < 0 ? 0 : NormalDistribution.cumulative($0) }.pValue > 0.01)
  }

  @Test func moments() {
    let random = RandomGenerator(seed: 2)
    let moments = SampleMoments((0..<20_000).map { _ in 2 * random.gaussian() })
    expectNear(moments.mean.standardError, 2 / 20_000.0.squareRoot(), 2e-4)
    // The variance of a Gaussian variance is 2 sigma^4/S.
    expectNear(moments.variance.standardError, (32.0 / 20_000).squareRoot(), 2e-3)
    #expect(abs(moments.variance.mean - 4) < 4 * moments.variance.standardError)
    let quantiles = SampleQuantiles([3, 1, 2])
    #expect(quantiles(0) == 1 && quantiles(0.5) == 2 && quantiles(0.75) == 2.5 && quantiles(1) == 3)
  }
}
