import Testing

@testable import RenormSweep

@Suite struct AverageTests {
  @Test func meanAndStandardError() {
    let average = Average([1, 2, 6])
    #expect(average.mean == 3)
    // s^2 = (4 + 1 + 9)/2 = 7.
    #expect(abs((average.error ?? 0) - (7.0 / 3).squareRoot()) < 1e-15)
    #expect(Average([4]).error == nil)
    #expect(Average([]).mean == nil)
  }
}
