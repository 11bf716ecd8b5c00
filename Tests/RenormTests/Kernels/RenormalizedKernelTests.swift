import GSLNumerics
import LinearAlgebra
import Testing

@testable import Renorm

@Suite struct RenormalizedKernelTests {
  @Test(arguments: UInt32(1)...20) func kernelWithMeansAgreesWithLoops(seed: UInt32) throws {
    let generator = RandomGenerator(seed: seed)
    let problem = RandomProblem(generator, activation: .relu)
    let local = try problem.local()
    let isLocal = problem.naive.kind == .locallyConnected
    let draw = {
      let w = Matrix.randomPositiveDefinite(local.positions, generator)
      return isLocal ? Matrix.diagonal(w.diagonal) : w
    }
    let (w, r) = (draw(), draw())
    let scale = 1 / (problem.naive.lambda1 * Double(local.positions))
    let kernel = RenormalizedKernel(local: local, weights: scale * w, meanWeights: scale * (r - w))
    let expected = problem.allKernels.renormalized(w, r)
    let p = problem.inputs.columns
    expectClose(
      kernel.cross(problem.inputs, problem.test), Matrix(rows: p, columns: 3) { expected[$0, p + $1] },
      absolute: 1e-14, "\(problem)")
    expectClose(kernel.diagonal(problem.test), Array(expected.diagonal.suffix(3)), absolute: 1e-14)
  }
}
