import Testing

@testable import LinearAlgebra

@Suite struct MomentsTests {
  /// 1, 2, 3, 4 in units of `unit`: mean 5/2 and deviation sqrt(5)/2.
  @Test(arguments: [1, 1e-161, 1e-163, 1e-300, 1e160, 1e300, -1e307]) func anyScale(unit: Double) {
    let moments = Moments([1, 2, 3, 4].map { $0 * unit })
    #expect(abs(moments.mean / (2.5 * unit) - 1) < 1e-15)
    #expect(abs(moments.deviation / (1.118033988749895 * abs(unit)) - 1) < 1e-15)
    #expect(!moments.isConstant)
  }

  @Test func extremes() {
    let largest = Double.greatestFiniteMagnitude
    #expect(Moments([largest, -largest]) == Moments([largest, -largest]))
    #expect(Moments([largest, -largest]).deviation == largest)
    #expect(Moments([0, .leastNonzeroMagnitude]).isConstant == false)
  }

  @Test(arguments: [0, 0.1, 1e-170, 1e300]) func constants(value: Double) {
    let moments = Moments([value, value, value])
    #expect(moments.mean == value && moments.deviation == 0 && moments.isConstant)
  }
}
