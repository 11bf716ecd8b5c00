import GSLNumerics
import LinearAlgebra
import Testing

@testable import Renorm
@testable import RenormAction
@testable import RenormKernels

/// One kernel and D outputs, against the dense PD x PD covariance and central differences.
@Suite struct SingleKernelDataTermTests {
  @Test(arguments: UInt32(1)...60) func valueAndGradients(seed: UInt32) throws {
    let generator = RandomGenerator(seed: seed)
    let outputs = Int(seed % 3) + 1
    let problem = RandomProblem(
      generator, kind: .fullyConnected, activation: seed % 2 == 0 ? .relu : nil, outputs: outputs,
      largestCount: 6)
    let naive = problem.trainingKernels
    let hasMeans = problem.naive.activation == .relu
    let p = problem.inputs.columns
    let m = naive.m[0]
    let term = try SingleKernelDataTerm(
      kernel: ReducedKernel(
        centredKernel: Matrix(rows: p, columns: p) { naive.k[0][0][$0, $1] - m[$0] * m[$1] },
        means: hasMeans ? m : nil, targets: problem.targets),
      space: .outputs(outputs),
      parameters: ActionParameters(
        temperature: problem.naive.temperature, width: Double(problem.width),
        kernelScale: 1 / problem.naive.lambda1))
    #expect(term.space.blockSizes == [outputs])
    let w = BlockDiagonal([Matrix.randomPositiveDefinite(outputs, generator)])
    let r = BlockDiagonal([Matrix.randomPositiveDefinite(outputs, generator)])
    let reference = { (w: BlockDiagonal, r: BlockDiagonal) in
      naive.dataTerm(w.dense, r.dense, targets: problem.targets) / Double(problem.width)
    }
    let value = try term.point(at: w).value(mean: r)
    expectClose(value.value, reference(w, r), relative: 1e-10, absolute: 1e-10, "\(problem)")
    let direction = BlockDiagonal([
      Matrix(rows: outputs, columns: outputs) { _, _ in generator.gaussian() }.symmetricPart
    ])
    let along = Naive.derivative(step: 1e-4) { reference(w + $0 * direction, r) }
    let size = value.covarianceGradient.norm * direction.norm
    expectClose(
      value.covarianceGradient.innerProduct(direction), along, relative: 1e-7, absolute: 1e-7 * size,
      "\(problem)")
    if hasMeans {
      let gradient = try #require(value.meanGradient)
      let along = Naive.derivative(step: 1e-4) { reference(w, r + $0 * direction) }
      let size = gradient.norm * direction.norm
      expectClose(
        gradient.innerProduct(direction), along, relative: 1e-7, absolute: 1e-7 * size + 1e-9, "\(problem)")
    }
  }
}
