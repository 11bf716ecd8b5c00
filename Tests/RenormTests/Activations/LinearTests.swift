import Testing

@testable import Renorm

@Suite struct LinearTests {
  @Test func momentsAreCovariances() {
    #expect(Linear().secondMoment(2, -0.7, 3) == -0.7)
    #expect(Linear().secondMoment(1e300, 1e300, 1e300) == 1e300)
    #expect(Linear().mean(variance: 4) == 0)
    #expect(Linear()(1.5) == 1.5)
  }
}
