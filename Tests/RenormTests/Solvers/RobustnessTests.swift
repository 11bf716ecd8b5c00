import Foundation
import GSLNumerics
import LinearAlgebra
import Testing

@testable import Renorm
@testable import RenormAction
@testable import RenormKernels

/// Random problems over the whole domain of parameters, ill-conditioned data included.
@Suite(.slow("a thousand fits"))
struct RobustnessTests {
  /// T in 1e-6...1e3, lambda1 in 1e-3...1e3, N in 1...1e6, log-uniform, and three changes of the data or
  /// targets.
  static func problem(_ seed: UInt32, _ activation: NaiveNetwork.Activation? = nil) -> RandomProblem {
    let generator = RandomGenerator(seed: 70_000 + seed)
    let kinds: [NaiveNetwork.Kind] = [.fullyConnected, .locallyConnected, .convolutional, .convolutional]
    let activations: [NaiveNetwork.Activation] = [.erf, .linear]
    var problem = RandomProblem(
      generator, kind: kinds[generator.integer(below: 4)],
      activation: activation ?? activations[generator.integer(below: 2)], largestCount: 40)
    let logUniform = { (low: Double, high: Double) in low * pow(high / low, generator.uniform()) }
    problem.naive.temperature = logUniform(1e-6, 1e3)
    problem.naive.lambda1 = logUniform(1e-3, 1e3)
    problem.width = Int(logUniform(1, 1e6))
    switch generator.integer(below: 8) {
    case 0: problem = Extreme.duplicates.applied(to: problem)
    case 1: problem = Extreme.noSignal.applied(to: problem)
    case 2: problem = Extreme.oneExample.applied(to: problem)
    case 3: problem.targets = logUniform(1, 1e3) * problem.targets
    case 4:  // Constant pixels.
      problem.inputs = Matrix(rows: problem.inputs.rows, columns: problem.inputs.columns) { i, j in
        i % 2 == 0 ? 0.5 : problem.inputs[i, j]
      }
    case 5: problem.inputs = logUniform(1e-3, 1e3) * problem.inputs
    default: break
    }
    return problem
  }

  /// Every fit reaches the tolerance, or what rounding leaves of the gradient.
  @Test func minima() throws {
    var failures: [String] = []
    for seed in UInt32(1)...1000 {
      let problem = Self.problem(seed)
      let convergence = try problem.fit().solution.convergence
      let isAtRounding = convergence.gradientNorm <= 1000 * convergence.rounding
      if !convergence.reachedTolerance, !isAtRounding { failures.append("\(seed): \(convergence) \(problem)") }
    }
    #expect(failures.isEmpty, "\(failures.count) of 1000 failed\n\(failures.joined(separator: "\n"))")
  }

  /// Saddles; a single unit need not have an admissible one.
  @Test func saddles() throws {
    var failures: [String] = []
    for seed in UInt32(1)...1000 {
      var problem = Self.problem(seed, .relu)
      problem.width = max(problem.width, 2)
      do {
        let convergence = try problem.fit().solution.convergence
        let isAtRounding = convergence.gradientNorm <= 1000 * convergence.rounding
        if !convergence.reachedTolerance, !isAtRounding {
          failures.append("\(seed): \(convergence) \(problem)")
        }
      } catch {
        failures.append("\(seed): \(error) \(problem)")
      }
    }
    #expect(failures.isEmpty, "\(failures.count) of 1000 failed\n\(failures.joined(separator: "\n"))")
  }
}
