import Foundation
import GSLNumerics
import LinearAlgebra
import RenormFiles
import Testing

@testable import Renorm
@testable import RenormAction
@testable import RenormKernels

/// Minima of section 3 against an action coded by loops.
@Suite struct ConeMinimizerTests {
  /// L^T (dS/dQ) L by finite differences of the naive S; with a correlated readout S = C C^T, Q = C Q' C^T.
  static func gradient(_ problem: RandomProblem, at q: Matrix) throws -> Matrix {
    let kernels = problem.trainingKernels
    let isLocal = problem.naive.kind == .locallyConnected
    let grid = try problem.local().grid
    var logDeterminantOfS = 0.0
    var inverse = Matrix.identity(q.rows)
    if let s = problem.readout.covariance(on: grid) {
      logDeterminantOfS = Naive.logDeterminant(s)
      inverse = Naive.inverse(s)
    }
    return Naive.riemannianGradient(at: q, mask: { i, j in !isLocal || i == j }) { q in
      Naive.product(inverse, q).trace - Naive.logDeterminant(q) + logDeterminantOfS
        + kernels.dataTerm(q, q, targets: problem.targets) / Double(problem.width)
    }
  }

  static func expectMinimum(_ problem: RandomProblem, _ posterior: Posterior, tolerance: Double = 1e-6) throws {
    let convergence = posterior.solution.convergence
    #expect(convergence.converged, "gradient \(convergence.gradientNorm): \(problem)")
    #expect(convergence.reachedTolerance || convergence.rounding > 1e-10, "\(convergence): \(problem)")
    let q = posterior.orderParameter
    #expect(Naive.cholesky(q) != nil, "order parameter not positive definite: \(problem)")
    expectClose(q, q.transposed, relative: 1e-12, "\(problem)")
    let gradient = try gradient(problem, at: q)
    #expect(gradient.frobenius <= tolerance, "gradient \(gradient.frobenius): \(problem)")
  }

  @Test(arguments: UInt32(1)...200) func smallProblems(seed: UInt32) throws {
    let generator = RandomGenerator(seed: seed)
    let kinds: [NaiveNetwork.Kind] = [.fullyConnected, .locallyConnected, .convolutional]
    let activations: [NaiveNetwork.Activation] = [.erf, .linear, .sine]
    let drawn = RandomProblem(
      generator, kind: kinds[Int(seed % 3)], activation: activations[Int(seed / 3 % 3)],
      outputs: seed % 21 == 0 ? 3 : 1, largestCount: 7)
    let problem = Extreme.allCases[Int(seed) % Extreme.allCases.count].applied(to: drawn)
    try Self.expectMinimum(problem, try problem.fit())
  }

  @Test(arguments: UInt32(1)...12) func correlatedReadouts(seed: UInt32) throws {
    let generator = RandomGenerator(seed: seed)
    var problem = RandomProblem(generator, kind: .convolutional, activation: .erf)
    let length = [0.3, 1, 4][Int(seed % 3)]
    problem.readout =
      seed % 2 == 0 ? try ExponentialReadout(lengthScale: length) : try Matern32Readout(lengthScale: length)
    try Self.expectMinimum(problem, try problem.fit())
  }

  /// Far from a solution the reported norm must be that of the Riemannian gradient, and the action S itself.
  @Test(arguments: UInt32(1)...15) func reportedNormAndAction(seed: UInt32) throws {
    let generator = RandomGenerator(seed: seed)
    let kinds: [NaiveNetwork.Kind] = [.fullyConnected, .locallyConnected, .convolutional]
    let problem = RandomProblem(generator, kind: kinds[Int(seed % 3)], activation: .erf)
    let posterior = try problem.fit(options: FitOptions(tolerance: 1e-12, maximumIterations: 1))
    let q = posterior.orderParameter
    let gradient = try Self.gradient(problem, at: q).frobenius
    expectClose(
      posterior.solution.convergence.gradientNorm, gradient, relative: 1e-6, absolute: 1e-8, "\(problem)")
    expectClose(
      try #require(posterior.solution.action),
      problem.trainingKernels.action(q, targets: problem.targets, width: Double(problem.width)),
      relative: 1e-10, absolute: 1e-10, "\(problem)")
  }

  /// FC: one number, found by golden-section search over log q on the naive action.
  @Test(arguments: UInt32(1)...20) func fullyConnectedAgainstAOneDimensionalSearch(seed: UInt32) throws {
    let generator = RandomGenerator(seed: seed)
    let problem = RandomProblem(generator, kind: .fullyConnected, activation: .erf)
    let kernels = problem.trainingKernels
    let action = { (x: Double) in
      kernels.action(
        Matrix(rows: 1, columns: 1, repeating: exp(x)), targets: problem.targets, width: Double(problem.width)
      )
    }
    // The grid finds the valley, the golden section its bottom.
    let start = stride(from: -12.0, through: 12, by: 0.25).min { action($0) < action($1) } ?? 0
    var (low, high) = (start - 0.25, start + 0.25)
    let golden = (5.0.squareRoot() - 1) / 2
    while high - low > 1e-8 {
      let (a, b) = (high - golden * (high - low), low + golden * (high - low))
      if action(a) < action(b) { high = b } else { low = a }
    }
    // A minimum is located to the square root of the action's rounding.
    expectClose(try problem.fit().orderParameter[0, 0], exp((low + high) / 2), relative: 1e-5, "\(problem)")
  }

  /// T -> 0, n = 1: q = 1 - alpha + y^T K^-1 y lambda1/(N q).
  @Test(arguments: UInt32(1)...10) func zeroTemperatureEquation(seed: UInt32) throws {
    let generator = RandomGenerator(seed: seed)
    var problem = RandomProblem(generator, kind: .fullyConnected, activation: .erf, largestCount: 5)
    problem.naive.temperature = 1e-10
    let q = try problem.fit().orderParameter[0, 0]
    let k = problem.trainingKernels.k[0][0]
    let form = Naive.product(problem.targets.transposed, Naive.solve(k, problem.targets))[0, 0]
    let n = Double(problem.width)
    // T over the smallest eigenvalue of K is what the limit leaves out.
    expectClose(
      q, 1 - Double(problem.inputs.columns) / n + form * problem.naive.lambda1 / (n * q), relative: 1e-6,
      "\(problem)")
  }

  @Test func unreachableTolerancesEndAtTheIterationLimit() throws {
    let problem = RandomProblem(RandomGenerator(seed: 2), kind: .convolutional, activation: .erf)
    let solution = try problem.fit(options: FitOptions(tolerance: 1e-300, maximumIterations: 3)).solution
    #expect(!solution.convergence.converged && solution.convergence.iterations <= 3)
    #expect(solution.convergence.evaluations >= solution.convergence.iterations)
    #expect(solution.convergence.tolerance == 1e-300)
  }
}
