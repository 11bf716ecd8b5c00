import GSLNumerics
import Testing

@Suite struct StudentDistributionTests {
  /// Tables: 2.2281 at 0.025 and 10 degrees of freedom, 63.657 at 0.005 and 1, 3.5510 at 0.0005 and 40.
  @Test func tabulatedValues() {
    let quantile = StudentDistribution.upperQuantile
    #expect(abs(quantile(0.025, 10) - 2.2281) < 1e-4)
    #expect(abs(quantile(0.005, 1) - 63.657) < 1e-3)
    #expect(abs(quantile(0.0005, 40) - 3.5510) < 1e-4)
    #expect(abs(quantile(0.0005, 1e7) - 3.2905) < 1e-4)
    #expect(quantile(0.0005, .infinity) == NormalDistribution.upperQuantile(0.0005))
  }
}
