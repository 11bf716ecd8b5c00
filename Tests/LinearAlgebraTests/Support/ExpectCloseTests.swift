import Testing

/// The helper that compares arrays fails where it should.
@Suite struct ExpectCloseTests {
  private static let wrong: [([Double], [Double])] = [
    ([.nan, 1, 1], [.nan, 1, 1]), ([1, .nan, 1], [1, 1, 1]), ([1, 1, 1], [1, 1, .nan]),
    ([.infinity, 1], [1, 1]), ([.infinity], [.infinity]), ([1], [1, 1]), ([1, 2], [1, 2.1]),
  ]

  @Test(arguments: wrong) func fails(a: [Double], b: [Double]) {
    #expect(difference(a, b, relative: 1e-2, absolute: 1e-2) != nil)
  }

  @Test func passes() {
    #expect(difference([1, 1000], [1, 1001], relative: 1e-2, absolute: 0) == nil)
    #expect(difference([], [], relative: 0, absolute: 0) == nil)
  }
}
