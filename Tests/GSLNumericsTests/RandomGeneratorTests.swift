import GSLNumerics
import Testing

@Suite struct RandomGeneratorTests {
  @Test func mersenneTwisterStream() {
    // First output of MT19937 for seed 4357, published with GSL's manual: 4293858116; 2^32 scales it.
    #expect(RandomGenerator(seed: 4357).uniform() == 4293858116.0 / 4_294_967_296)
    #expect(RandomGenerator(seed: 0).uniform() == RandomGenerator(seed: 4357).uniform())
  }

  @Test(arguments: UInt32(1)...5) func equalSeedsGiveEqualStreams(seed: UInt32) {
    let (a, b) = (RandomGenerator(seed: seed), RandomGenerator(seed: seed))
    let other = RandomGenerator(seed: seed + 1)
    var differs = false
    for _ in 0..<100 {
      let x = a.gaussian()
      #expect(x == b.gaussian())
      differs = differs || x != other.gaussian()
    }
    #expect(differs)
  }

  @Test func momentsOfUniformAndGaussian() {
    let generator = RandomGenerator(seed: 11)
    let count = 100_000
    let uniform = (0..<count).map { _ in generator.uniform() }
    #expect(uniform.allSatisfy { $0 >= 0 && $0 < 1 })
    let gaussian = (0..<count).map { _ in generator.gaussian() }
    func mean(_ x: [Double], _ power: Int) -> Double {
      x.reduce(0) { sum, value in sum + (0..<power).reduce(1.0) { p, _ in p * value } } / Double(x.count)
    }
    // Five standard errors each: sqrt(1/12), sqrt(4/45), 1, sqrt 2, sqrt 96 over sqrt(count).
    let error = 5 / Double(count).squareRoot()
    #expect(abs(mean(uniform, 1) - 0.5) < 0.289 * error)
    #expect(abs(mean(uniform, 2) - 1.0 / 3) < 0.299 * error)
    #expect(abs(mean(gaussian, 1)) < error)
    #expect(abs(mean(gaussian, 2) - 1) < 1.42 * error)
    #expect(abs(mean(gaussian, 4) - 3) < 9.8 * error)
  }

  @Test func integersCoverTheirRange() {
    let generator = RandomGenerator(seed: 3)
    var counts = [Int](repeating: 0, count: 6)
    for _ in 0..<6000 { counts[generator.integer(below: 6)] += 1 }
    // Each count is 1000 with standard deviation 29.
    #expect(counts.allSatisfy { abs($0 - 1000) < 150 })
    #expect(generator.integer(below: 1) == 0)
    #expect(generator.integer(below: 1 << 32) < 1 << 32)
  }

  @Test(arguments: [0, 1, 2, 10, 100]) func permutationsContainEveryIndex(count: Int) {
    let permutation = RandomGenerator(seed: 7).permutation(of: count)
    #expect(permutation.sorted() == Array(0..<count))
  }

  @Test func permutationsAreUniform() {
    let generator = RandomGenerator(seed: 9)
    var counts: [[Int]: Int] = [:]
    for _ in 0..<6000 { counts[generator.permutation(of: 3), default: 0] += 1 }
    #expect(counts.count == 6)
    #expect(counts.values.allSatisfy { abs($0 - 1000) < 150 })
  }
}

@Suite struct RandomStreamTests {
  /// Wherever in the 624 words the generator stands.
  @Test(arguments: [0, 1, 623, 624, 625, 2000]) func continuesFromASnapshot(drawn: Int) {
    let generator = RandomGenerator(seed: 5)
    for _ in 0..<drawn { _ = generator.uniform() }
    let snapshot = generator.snapshot
    let ahead = (0..<1500).map { _ in generator.gaussian() }
    let copy = RandomGenerator(snapshot)
    #expect(copy.snapshot == snapshot)
    #expect((0..<1500).map { _ in copy.gaussian() } == ahead)
    #expect(copy.snapshot == generator.snapshot)
  }

  @Test func filledAsDrawn() {
    var values = [Double](repeating: 0, count: 10)
    RandomGenerator(seed: 6).fillGaussian(&values)
    let generator = RandomGenerator(seed: 6)
    #expect(values == (0..<10).map { _ in generator.gaussian() })
  }

  @Test func refusesWordsThatAreNoState() {
    let words = RandomGenerator(seed: 1).snapshot.words
    #expect(RandomGenerator.Snapshot(words: words) != nil)
    #expect(RandomGenerator.Snapshot(words: Array(words.dropLast())) == nil)
    #expect(RandomGenerator.Snapshot(words: words.dropLast() + [625]) == nil)
  }

  /// Neighbouring seeds and streams, and their exchange, give different numbers.
  @Test func streamsDiffer() {
    var firsts: Set<Double> = []
    for seed in UInt32(0)..<40 {
      for stream in 0..<40 { firsts.insert(RandomGenerator(seed: seed, stream: stream).uniform()) }
    }
    #expect(firsts.count == 1600)
    #expect(
      RandomGenerator(seed: 3, stream: 2).snapshot == RandomGenerator(seed: 3, stream: 2).snapshot)
  }

  /// Correlation of neighbouring streams: 5 standard errors of 1/sqrt(10000).
  @Test func streamsAreUncorrelated() {
    let streams = (0..<5).map { RandomGenerator(seed: 1, stream: $0) }
    let numbers = streams.map { stream in (0..<10_000).map { _ in stream.gaussian() } }
    for k in 1..<5 {
      let correlation = zip(numbers[k - 1], numbers[k]).reduce(0) { $0 + $1.0 * $1.1 } / 10_000
      #expect(abs(correlation) < 0.05)
    }
  }
}
