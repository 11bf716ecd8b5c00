import GSLNumerics
import Testing

@testable import Renorm

/// Three extremes at a time, such as one unit, large targets and a narrow prior.
@Suite struct ConeMinimizerExtremesTests {
  private func problem(_ seed: UInt32) -> RandomProblem {
    let generator = RandomGenerator(seed: 10_000 + seed)
    let kinds: [NaiveNetwork.Kind] = [.fullyConnected, .locallyConnected, .convolutional]
    let activations: [NaiveNetwork.Activation] = [.erf, .linear, .sine]
    var problem = RandomProblem(
      generator, kind: kinds[Int(seed % 3)], activation: activations[Int(seed / 3 % 3)],
      outputs: seed % 21 == 0 ? 3 : 1, largestCount: seed % 5 == 0 ? 60 : 8)
    for _ in 0..<3 { problem = Extreme.allCases[generator.integer(below: 10)].applied(to: problem) }
    return problem
  }

  private func expectConvergence(_ seed: UInt32) throws {
    let problem = problem(seed)
    let convergence = try problem.fit().solution.convergence
    #expect(convergence.converged, "gradient \(convergence.gradientNorm): \(problem)")
  }

  /// Some of the first 1500 seeds whose descent ends far from the minimum or runs into the iteration limit.
  static let stalled: [UInt32] = [243, 250, 413, 953, 1030]

  @Test(arguments: UInt32(1)...60) func combinedExtremesConverge(seed: UInt32) throws {
    try withKnownIssue(
      "cold duplicates: the gradient's rounding, eps |A| / T, exceeds the tolerance", isIntermittent: true
    ) {
      try expectConvergence(seed)
    } when: {
      let p = problem(seed)
      return p.naive.temperature < 1e-5
    }
  }

  @Test(arguments: stalled) func stalledDescents(seed: UInt32) throws {
    withKnownIssue("the descent ends short of the minimum") { try expectConvergence(seed) }
  }
}
