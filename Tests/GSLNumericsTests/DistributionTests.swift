import Foundation
import GSLNumerics
import Testing

@Suite struct DistributionTests {
  /// Means and variances of draws, five standard errors at a fixed seed.
  @Test func moments() {
    let random = RandomGenerator(seed: 3)
    let count = 40_000
    func expect(_ mean: Double, _ variance: Double, _ name: Comment, _ draw: () -> Double) {
      let draws = (0..<count).map { _ in draw() }
      let average = draws.reduce(0, +) / Double(count)
      #expect(abs(average - mean) < 5 * (variance / Double(count)).squareRoot(), name)
    }
    expect(1, 1, "exponential") { random.exponential() }
    expect(0.3, 0.3, "gamma") { random.gamma(shape: 0.3) }
    expect(0.3, 0.3, "log gamma") { exp(random.logGamma(shape: 0.3)) }
    expect(0.2, 0.16 / 3.5, "beta") { random.beta(0.5, 2) }
    expect(3, 6, "chi squared") { random.chiSquared(3) }
    expect(0.5, 1.0 / 12, "uniform") { random.uniformPositive() }
    expect(16, 8, "bits") { Double(random.bits().nonzeroBitCount) }
    // 1/4000 of the mass of Beta(1/4000, 1/2) is not near 0.
    #expect((0..<100).allSatisfy { _ in random.beta(1.0 / 4000, 0.5).isFinite })
  }

  @Test func functions() {
    // gamma(1/2, x) = sqrt(pi) erf(sqrt x), I_x(1, b) = 1 - (1 - x)^b, psi(1) = -Euler's constant.
    #expect(abs(SpecialFunctions.regularisedLowerGamma(0.5, 2) - erf(2.0.squareRoot())) < 1e-14)
    #expect(abs(SpecialFunctions.regularisedBeta(1, 0.5, 0.3) - (1 - 0.7.squareRoot())) < 1e-14)
    #expect(abs(SpecialFunctions.digamma(1) + 0.5772156649015329) < 1e-14)
    #expect(abs(SpecialFunctions.logNormalCumulative(-40) + 804.608442) < 1e-5)
    #expect(abs(SpecialFunctions.logBeta(2, 3) + log(12)) < 1e-13)
  }

  @Test func quadrature() {
    let gaussian = Quadrature.integrate(from: -.infinity, to: .infinity) { exp(-$0 * $0) }
    #expect(abs(gaussian.value - Double.pi.squareRoot()) < 1e-12 && gaussian.hasConverged)
    let singular = Quadrature.integrate(from: 0, to: 1) { 1 / $0.squareRoot() }
    #expect(abs(singular.value - 2) < 1e-10)
    #expect(abs(Quadrature.integrate(from: 1, to: .infinity) { pow($0, -3) }.value - 0.5) < 1e-12)
    #expect(Quadrature.integrate(from: 2, to: 2) { $0 }.value == 0)
  }
}
