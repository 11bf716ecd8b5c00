import Testing

@testable import RenormFiles

@Suite struct SelectorTests {
  @Test func classFilterKeepsTheOrder() {
    let labels: [ClassLabel] = [3, 5, 8, 3, 5, 8]
    let kept = Selector.candidates(count: 6, seed: nil, stream: .train, labels: labels, classes: [8, 3])
    #expect(kept == [0, 2, 3, 5])
    #expect(
      Selector.candidates(count: 3, seed: nil, stream: .train, labels: nil, classes: nil) == [0, 1, 2])
  }

  @Test(arguments: 0..<20 as Range<UInt32>) func shufflingPermutesBeforeTheFilter(seed: UInt32) {
    let labels = (0..<30).map { ClassLabel.integer($0 % 3) }
    let all = Selector.candidates(count: 30, seed: seed, stream: .train, labels: nil, classes: nil)
    #expect(all.sorted() == Array(0..<30))
    #expect(all != Array(0..<30))
    let again = Selector.candidates(count: 30, seed: seed, stream: .train, labels: nil, classes: nil)
    #expect(all == again)
    let filtered = Selector.candidates(
      count: 30, seed: seed, stream: .train, labels: labels, classes: [0, 2])
    #expect(filtered == all.filter { $0 % 3 != 1 })
    let other = Selector.candidates(count: 30, seed: seed, stream: .test, labels: nil, classes: nil)
    #expect(other != all)
    let next = Selector.candidates(count: 30, seed: seed + 1, stream: .train, labels: nil, classes: nil)
    #expect(next != all)
  }

  @Test(arguments: [(0.25, 3), (0.01, 1), (0.99, 9), (0.5, 5), (0.34, 3), (0.36, 4), (0.35, 4)])
  func theLastAreHeldOut(fraction: Double, count: Int) throws {
    let parts = try Selector.split(Array(0..<10), fraction: fraction, path: "f")
    #expect(parts.heldOut == Array((10 - count)..<10))
    #expect(parts.train + parts.heldOut == Array(0..<10))
  }

  @Test func tooFew() {
    expectError("f: 1 test examples wanted, 0 available") {
      try Selector.split([4], fraction: 0.5, path: "f")
    }
    expectError("f: 5 training examples wanted, 3 available") {
      try Selector.first(5, of: [1, 2, 3], part: .training, path: "f")
    }
  }

  @Test func first() throws {
    #expect(try Selector.first(2, of: [5, 6, 7], part: .test, path: "f") == [5, 6])
    #expect(try Selector.first(nil, of: [5, 6, 7], part: .test, path: "f") == [5, 6, 7])
  }
}
