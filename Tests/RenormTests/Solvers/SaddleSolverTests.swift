import GSLNumerics
import LinearAlgebra
import RenormFiles
import Testing

@testable import Renorm
@testable import RenormAction
@testable import RenormKernels

/// Saddle points of section 4 against an action S(Q, Qbar) coded by loops.
@Suite struct SaddleSolverTests {
  /// Both stationarity equations by finite differences, relative to the metric of R^-1 = I + Q and of Qbar.
  static func residual(_ problem: RandomProblem, _ posterior: Posterior) -> Double {
    let kernels = problem.trainingKernels
    let width = Double(problem.width)
    let (q, qbar) = (posterior.conjugate, posterior.w)
    let isLocal = problem.naive.kind == .locallyConnected
    let mask = { (i: Int, j: Int) in !isLocal || i == j }
    let identity = Matrix.identity(q.rows)
    let first = Naive.riemannianGradient(at: qbar, mask: mask) {
      kernels.action(q, $0, targets: problem.targets, width: width)
    }
    let second = Naive.riemannianGradient(at: identity + q, mask: mask) {
      kernels.action($0 - identity, qbar, targets: problem.targets, width: width)
    }
    return max(first.frobenius, second.frobenius)
  }

  /// Whether a fit finds no saddle, and says so: by an error, or by a warning.
  private func refuses(_ problem: RandomProblem) throws -> Bool {
    do {
      let posterior = try problem.fit()
      if posterior.solution.convergence.converged { return false }
      #expect(!posterior.warnings.isEmpty, "\(problem)")
    } catch let error as RenormError {
      guard case .numericalFailure = error else { throw error }
    }
    return true
  }

  @Test(arguments: UInt32(1)...100) func bothEquationsHold(seed: UInt32) throws {
    let generator = RandomGenerator(seed: seed)
    let kinds: [NaiveNetwork.Kind] = [.fullyConnected, .locallyConnected, .convolutional]
    let drawn = RandomProblem(
      generator, kind: kinds[Int(seed % 3)], activation: .relu, outputs: seed % 12 == 0 ? 2 : 1,
      largestCount: 7)
    var problem = Extreme.allCases[Int(seed) % Extreme.allCases.count].applied(to: drawn)
    if seed % 4 == 1 {  // Unbalanced targets: the means carry them.
      problem.targets = Matrix(rows: problem.targets.rows, columns: problem.targets.columns) { i, _ in
        i == 0 ? -1 : 1
      }
    }
    // One unit need not have an admissible solution; then the fit must not claim one.
    if problem.width == 1, try refuses(problem) { return }
    let posterior = try problem.fit()
    let convergence = posterior.solution.convergence
    #expect(posterior.solution.formulation == .saddle)
    #expect(convergence.converged, "residual \(convergence.gradientNorm): \(problem)")
    #expect(Naive.cholesky(posterior.w) != nil && Naive.cholesky(posterior.r) != nil, "\(problem)")
    let residual = Self.residual(problem, posterior)
    #expect(residual <= 1e-6 * (1 + posterior.conjugate.largest), "residual \(residual): \(problem)")
  }

  /// sin is odd; sent through the saddle equations with m = 0 it must give section 3.
  @Test(arguments: UInt32(1)...15) func withoutMeansItIsTheMinimum(seed: UInt32) throws {
    let generator = RandomGenerator(seed: seed)
    let problem = RandomProblem(generator, activation: .sine)
    let minimum = try problem.fit()
    let saddle = try Network(
      architecture: problem.architecture, activation: Sine(claimsOdd: false), width: .finite(problem.width),
      temperature: problem.naive.temperature, lambda0: problem.naive.lambda0, lambda1: problem.naive.lambda1
    ).fit(problem.data)
    #expect(minimum.solution.formulation == .minimum && saddle.solution.formulation == .saddle)
    #expect(saddle.solution.convergence.converged, "\(problem)")
    // Errors of order parameters are of the order of the tolerance times the condition of the Hessian.
    expectClose(saddle.orderParameter, minimum.orderParameter, relative: 1e-6, "\(problem)")
    expectClose(saddle.r, minimum.orderParameter, relative: 1e-6, "\(problem)")
    let (a, b) = (try saddle.predict(problem.test), try minimum.predict(problem.test))
    expectClose(a.mean, b.mean, relative: 1e-6, absolute: 1e-7, "\(problem)")
    expectClose(a.variance, b.variance, relative: 1e-6, absolute: 1e-7, "\(problem)")
  }

  /// A correlated readout: stationarity in coordinates Q' with S = C C^T, C by Cholesky.
  @Test(arguments: UInt32(1)...8) func correlatedReadouts(seed: UInt32) throws {
    let generator = RandomGenerator(seed: seed)
    var problem = RandomProblem(generator, kind: .convolutional, activation: .relu)
    problem.readout = try ExponentialReadout(lengthScale: 1.5)
    let posterior = try problem.fit()
    #expect(posterior.solution.convergence.converged, "\(problem)")
    let s = try #require(problem.readout.covariance(on: posterior.grid))
    let c = try #require(Naive.cholesky(s))
    let cInverse = Naive.product(c.transposed, Naive.inverse(s))
    let toCoordinates = { Naive.product(Naive.product(cInverse, $0), cInverse.transposed) }
    let toPositions = { Naive.product(Naive.product(c, $0), c.transposed) }
    let identity = Matrix.identity(s.rows)
    let qbar = toCoordinates(posterior.w)
    let shifted = Naive.inverse(toCoordinates(posterior.r))
    let kernels = problem.trainingKernels
    let action = { (shifted: Matrix, qbar: Matrix) in
      -Naive.product(shifted - identity, qbar).trace + Naive.logDeterminant(shifted)
        + kernels.dataTerm(toPositions(qbar), toPositions(Naive.inverse(shifted)), targets: problem.targets)
        / Double(problem.width)
    }
    #expect(Naive.riemannianGradient(at: qbar) { action(shifted, $0) }.frobenius <= 1e-6, "\(problem)")
    #expect(Naive.riemannianGradient(at: shifted) { action($0, qbar) }.frobenius <= 1e-6, "\(problem)")
  }
}
