import Foundation
import GSLNumerics
import LinearAlgebra
import Testing

@testable import Renorm
@testable import RenormAction
@testable import RenormKernels

/// Fits of several outputs at many positions (docs/theory.md, section 5).
@Suite struct OutputPositionsTests {
  private func problem(_ seed: UInt32, activation: NaiveNetwork.Activation? = nil) throws -> RandomProblem {
    let generator = RandomGenerator(seed: seed)
    var problem: RandomProblem
    repeat {
      problem = RandomProblem(
        generator, kind: [.locallyConnected, .convolutional][Int(seed % 2)], activation: activation,
        outputs: 2 + generator.integer(below: 2), largestCount: 7)
    } while problem.trainingKernels.positions == 1
    problem.width = max(problem.width, 3)
    if problem.naive.kind == .convolutional, seed % 3 == 0 {
      problem.readout = try ExponentialReadout(lengthScale: 1.3)
    }
    return problem
  }

  /// At the solution the gradient of the action by loops vanishes; predictions and evidence by loops.
  @Test(arguments: UInt32(1)...40) func agreesWithLoops(seed: UInt32) throws {
    let problem = try problem(seed)
    let posterior = try problem.fit(options: FitOptions(tolerance: 1e-9))
    #expect(posterior.solution.convergence.converged, "\(problem)")
    let outputs = problem.targets.columns
    let n = posterior.grid.positions
    guard n > 1 else { return #expect(posterior.solution.space.index == .output) }
    #expect(posterior.orderParameter.rows == n * outputs)

    let kernels = problem.allKernels
    let expected = kernels.predict(posterior.w, posterior.r, targets: problem.targets)
    let prediction = try posterior.predict(problem.test)
    expectClose(prediction.mean, expected.mean, relative: 1e-7, absolute: 1e-8, "\(problem)")
    expectClose(prediction.variance, expected.variance, relative: 1e-7, absolute: 1e-8, "\(problem)")
    let training = problem.trainingKernels
    let data = training.dataTerm(posterior.w, posterior.r, targets: problem.targets)
    let count = Double(problem.targets.elements.count)
    let q = posterior.solution.weights.covariance.dense
    var bracket = q.trace - Naive.logDeterminant(q) - Double(q.rows)
    if posterior.solution.weights.mean != nil {
      let conjugate = posterior.conjugate
      bracket =
        -Naive.product(conjugate, q).trace + Naive.logDeterminant(.identity(q.rows) + conjugate)
    }
    expectClose(
      try #require(posterior.logEvidence),
      -0.5 * (Double(problem.width) * bracket + data + count * log(2 * .pi)), relative: 1e-8, absolute: 1e-8)

    // The gradient by differences of loops, at a solution of another program's minimum or saddle.
    let generator = RandomGenerator(seed: seed)
    let space = posterior.solution.space
    let direction = BlockDiagonal(space.blockSizes.map { Matrix.randomSymmetric($0, generator) })
    let weights = posterior.solution.weights
    if let mean = weights.mean {
      let x = try mean.mapEigenvalues { 1 / $0 }
      let action = { (w: BlockDiagonal, x: BlockDiagonal) -> Double in
        let inverse = BlockDiagonal(x.blocks.map { Naive.inverse($0) })
        return w.trace - x.innerProduct(w) + Naive.logDeterminant(x.dense)
          + training.dataTerm(
            space.matrix(w.dense), space.matrix(inverse.dense), targets: problem.targets)
          / Double(problem.width)
      }
      let first = Naive.derivative(step: 1e-4) { action(weights.covariance + $0 * direction, x) }
      let second = Naive.derivative(step: 1e-4) { action(weights.covariance, x + $0 * direction) }
      expectClose(first, 0, absolute: 1e-5 * direction.norm, "\(problem)")
      expectClose(second, 0, absolute: 1e-5 * direction.norm, "\(problem)")
    } else {
      let along = Naive.derivative(step: 1e-4) { t in
        let w = weights.covariance + t * direction
        return w.trace - Naive.logDeterminant(w.dense)
          + training.dataTerm(space.matrix(w.dense), space.matrix(w.dense), targets: problem.targets)
          / Double(problem.width)
      }
      expectClose(along, 0, absolute: 1e-6 * direction.norm, "\(problem)")
    }
  }

  /// Training points, matrices and the posterior that a file would give agree with predictions.
  @Test(arguments: UInt32(1)...20) func matrices(seed: UInt32) throws {
    let problem = try problem(seed)
    let posterior = try problem.fit()
    let outputs = problem.targets.columns
    let own = try posterior.predict(problem.inputs)
    expectClose(posterior.trainingMeans, own.mean, relative: 1e-7, absolute: 1e-8, "\(problem)")
    #expect(posterior.renormalizedKernel.rows == problem.inputs.columns * outputs)
    expectClose(
      posterior.trainingVariances, posterior.renormalizedKernel.diagonal, relative: 1e-9, absolute: 1e-12)
    let prediction = try posterior.predict(problem.test)
    for d in 0..<outputs {
      let covariance = try posterior.predictiveCovariance(of: problem.test, output: d)
      expectClose(covariance.diagonal, prediction.variance.column(d), relative: 1e-7, absolute: 1e-9)
    }
    #expect(try posterior.kernelEigenvalues().count == problem.targets.elements.count)
    let again = try Posterior(
      network: posterior.network, training: posterior.training, solution: posterior.solution,
      trainingKernel: posterior.trainingKernel, threads: 1)
    expectClose(try again.predict(problem.test).mean, prediction.mean, relative: 1e-9, absolute: 1e-10)
    let family = try KernelFamily(problem.network(), problem.data)
    let member = try family.member(problem.network(), at: family.heldOut(problem.test))
    expectClose(member.prediction.mean, prediction.mean, relative: 1e-6, absolute: 1e-7, "\(problem)")
    expectClose(member.prediction.variance, prediction.variance, relative: 1e-6, absolute: 1e-7, "\(problem)")
  }

  @Test(arguments: UInt32(1)...10) func infiniteWidth(seed: UInt32) throws {
    let problem = try problem(seed)
    let (wide, infinite) = (try problem.fit(.finite(1_000_000_000)), try problem.fit(.infinite))
    let (a, b) = (try wide.predict(problem.test), try infinite.predict(problem.test))
    // Of order P/N times |u|^2, which T = 0.001 makes large.
    expectClose(a.mean, b.mean, relative: 1e-4, absolute: 1e-4, "\(problem)")
    expectClose(a.variance, b.variance, relative: 1e-4, absolute: 1e-4, "\(problem)")
    expectClose(
      try #require(wide.logEvidence), try #require(infinite.logEvidence), relative: 1e-4, absolute: 1e-4)
  }

  /// Examples that occur twice have kernels of lower rank: the same posterior as with one of half the noise.
  @Test(arguments: UInt32(1)...10) func repeatedExamples(seed: UInt32) throws {
    var problem = try problem(seed, activation: [.erf, .linear, .sine][Int(seed % 3)])
    let count = problem.inputs.columns
    problem.inputs = problem.inputs.selectingColumns(Array(0..<count) + [0, count - 1])
    problem.targets = Matrix(
      rows: count + 2, columns: problem.targets.columns,
      elements: (0..<problem.targets.columns).flatMap {
        let column = problem.targets.column($0)
        return column + [column[0] + 0.3, column[count - 1] - 0.2]
      })
    let posterior = try problem.fit(options: FitOptions(tolerance: 1e-9))
    let expected = problem.allKernels.predict(posterior.w, posterior.w, targets: problem.targets)
    let prediction = try posterior.predict(problem.test)
    expectClose(prediction.mean, expected.mean, relative: 1e-6, absolute: 1e-7, "\(problem)")
    expectClose(prediction.variance, expected.variance, relative: 1e-6, absolute: 1e-7, "\(problem)")
    let data = problem.trainingKernels.dataTerm(posterior.w, posterior.w, targets: problem.targets)
    let q = posterior.solution.weights.covariance.dense
    let bracket = q.trace - Naive.logDeterminant(q) - Double(q.rows)
    expectClose(
      try #require(posterior.logEvidence),
      -0.5
        * (Double(problem.width) * bracket + data + Double(problem.targets.elements.count) * log(2 * .pi)),
      relative: 1e-8, absolute: 1e-8)
    #expect(posterior.renormalizedKernel.rows == (posterior.trainingKernel.order))
    let packed = posterior.trainingKernel
    expectClose(
      posterior.trainingVariances, (0..<packed.order).map { packed[$0, $0] }, relative: 1e-9, absolute: 1e-12)
  }
}
