import GSLNumerics
import Testing

@Suite struct NormalDistributionTests {
  /// P(z <= 1.959963984540054) = 0.975, P(z > 4) = 3.167124183311992e-5 (tables).
  @Test func tabulatedValues() {
    #expect(abs(NormalDistribution.cumulative(1.959963984540054) - 0.975) < 1e-14)
    #expect(abs(NormalDistribution.quantile(0.975) - 1.959963984540054) < 1e-12)
    #expect(abs(NormalDistribution.upperQuantile(3.167124183311992e-5) - 4) < 1e-12)
    #expect(NormalDistribution.cumulative(0) == 0.5)
  }
}
