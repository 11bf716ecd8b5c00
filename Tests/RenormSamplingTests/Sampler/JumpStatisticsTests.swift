import Foundation
import GSLNumerics
import Testing

@testable import RenormSampling

@Suite struct JumpStatisticsTests {
  /// Two numbers that turn as cos(t) and cos(2 t) with the time of a trajectory, as coordinates of deviation 1
  /// and 1/2 do.
  private func observed(perStep: Double, scale: Double = 1) -> JumpStatistics {
    let generator = RandomGenerator(seed: 1)
    var jumps = JumpStatistics(size: 2)
    for _ in 0..<20_000 {
      let time = scale * 0.4 * pow(16, generator.uniform())
      let before = [generator.gaussian(), generator.gaussian()]
      let after = zip(before, [1.0, 2.0]).map { x, frequency in
        cos(frequency * time / scale) * x + sin(frequency * time / scale) * generator.gaussian()
      }
      jumps.add(from: before, to: after, time: time, steps: max(1, Int((time / scale / perStep).rounded())))
    }
    return jumps
  }

  /// Lengths about pi/2 decorrelate the slow number, whatever the unit of time; much longer ones only cost.
  @Test(arguments: [0.01, 1, 30]) func findsAQuarterTurn(scale: Double) throws {
    let length = try #require(observed(perStep: 0.05, scale: scale).bestLength())
    #expect(length / scale > 1.1 && length / scale < 2.2, "\(length / scale)")
  }

  /// Draws for a gradient, with rho = mean of cos over L (1 +- spread) and n steps: (1 - rho)/(1 + rho)/(n +
  /// cost of a draw).
  @Test func efficiencyOfASingleNumber() throws {
    let jumps = observed(perStep: 0.1)
    let length = 1.0
    let (low, high) = (length * (1 - JumpStatistics.spread), length * (1 + JumpStatistics.spread))
    let rho = (sin(high) - sin(low)) / (high - low)
    let expected = (1 - rho) / (1 + rho) / (10 + JumpStatistics.drawCost)
    // Noise of about 3000 squared jumps, and lengths that are uniform in the logarithm within a half octave.
    #expect(abs(try #require(jumps.efficiency(length)) / expected - 1) < 0.15)
  }

  @Test func nothingBeforeEnoughWasSeen() {
    var jumps = JumpStatistics(size: 1)
    #expect(jumps.bestLength() == nil)
    for _ in 0..<7 { jumps.add(from: [0], to: [1], time: 1, steps: 1) }
    #expect(jumps.bestLength() == nil)
    // Times beyond the bins are left out.
    jumps.add(from: [0], to: [1], time: 1e300, steps: 1)
    jumps.add(from: [0], to: [1], time: 1e-300, steps: 1)
    #expect(jumps.bestLength() == nil)
  }

  /// A number that no length moves does not make the longest one the best.
  @Test func stuckNumbers() {
    let generator = RandomGenerator(seed: 4)
    var jumps = JumpStatistics(size: 2)
    for k in 0..<2000 {
      let stuck = Double(k % 2)
      jumps.add(
        from: [generator.gaussian(), stuck], to: [generator.gaussian(), stuck],
        time: 0.4 * pow(16, generator.uniform()), steps: 10)
    }
    #expect(jumps.bestLength() == nil)
  }

  /// Halves merged are the whole.
  @Test func merges() throws {
    let generator = RandomGenerator(seed: 2)
    var (all, first, second) = (JumpStatistics(size: 3), JumpStatistics(size: 3), JumpStatistics(size: 3))
    for k in 0..<200 {
      let (before, after) = (
        (0..<3).map { _ in generator.gaussian() }, (0..<3).map { _ in generator.gaussian() }
      )
      let time = 0.1 + generator.uniform()
      all.add(from: before, to: after, time: time, steps: k)
      if k < 80 {
        first.add(from: before, to: after, time: time, steps: k)
      } else {
        second.add(from: before, to: after, time: time, steps: k)
      }
    }
    first.merge(second)
    #expect(first.bins.map(\.transitions) == all.bins.map(\.transitions))
    #expect(first.bins.map(\.steps) == all.bins.map(\.steps))
    #expect(all.bins.reduce(0) { $0 + $1.transitions } == 200)
    expectClose(first.bins.flatMap(\.squaredJumps), all.bins.flatMap(\.squaredJumps))
    expectClose(first.moments.means, all.moments.means)
    expectClose(first.moments.squares, all.moments.squares)
  }
}
