import GSLNumerics
import LinearAlgebra
import Testing

@testable import Renorm
@testable import RenormAction
@testable import RenormKernels

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

  /// The gradient reaches the tolerance or what rounding leaves of it. Where that is above the limit of a
  /// converged result, which it is by a factor of three for seed 10, the last bits of BLAS decide.
  private func expectConvergence(_ seed: UInt32) throws {
    let problem = problem(seed)
    let convergence = try problem.fit().solution.convergence
    let isLost = convergence.rounding > 1e-4 && convergence.gradientNorm <= convergence.rounding
    #expect(convergence.converged || isLost, "\(convergence): \(problem)")
  }

  @Test(arguments: UInt32(1)...60) func combinedExtremesConverge(seed: UInt32) throws {
    try expectConvergence(seed)
  }

  /// Descents that a first-order method does not finish in 500 steps.
  @Test(arguments: [UInt32(243), 250, 413, 953]) func hardDescents(seed: UInt32) throws {
    try expectConvergence(seed)
  }

  /// A linear kernel of exact low rank at a temperature below its rounding, with the stationary point from
  /// 96-digit arithmetic.
  @Test func lowRankBelowRounding() throws {
    let fit = try problem(1030).fit()
    expectClose(fit.orderParameter.diagonal, [21.739266365186687, 23.176433957505335], relative: 1e-10)
    #expect(fit.solution.convergence.converged && fit.solution.convergence.roundingError < 1e-10)
  }

  /// Where rounding alone leaves a gradient of 0.1, a fit must not call itself converged.
  @Test func lossOfAllDigitsIsReported() throws {
    var problem = RandomProblem(RandomGenerator(seed: 3), kind: .locallyConnected, activation: .erf)
    // Nearly equal examples with different targets, at a temperature below the rounding of their kernel.
    let base = problem.inputs.column(0)
    problem.inputs = Matrix(rows: base.count, columns: 6) { i, p in base[i] * (1 + 1e-8 * Double(p)) }
    problem.targets = Matrix(rows: 6, columns: 1) { p, _ in p % 2 == 0 ? 1 : -0.5 }
    problem.naive.temperature = 1e-11
    let convergence = try problem.fit().solution.convergence
    #expect(convergence.rounding > 1e-3 && !convergence.converged, "\(convergence)")
  }
}
