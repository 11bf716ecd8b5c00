import GSLNumerics
import LinearAlgebra
import Testing

@testable import Renorm
@testable import RenormAction
@testable import RenormKernels

/// Value and gradients of (1/N) [ log det A + y^T A^-1 y ] against loops and central differences.
@Suite struct BankDataTermTests {
  @Test(arguments: UInt32(1)...60) func valueAndGradients(seed: UInt32) throws {
    let generator = RandomGenerator(seed: seed)
    var problem = RandomProblem(
      generator, kind: [.locallyConnected, .convolutional][Int(seed % 2)])
    if problem.naive.kind == .convolutional, seed % 3 == 0 {
      problem.readout =
        [
          try ExponentialReadout(lengthScale: 1.3), try Matern32Readout(lengthScale: 0.8), MeanPooling(),
        ][Int(seed / 3 % 3)]
    }
    let local = try problem.local()
    let readout = try ReadoutFactor(problem.readout, on: local.grid)
    let means = problem.naive.activation == .relu ? local.means(problem.inputs) : nil
    let n = local.positions
    let space = OrderParameterSpace.positions(groups: local.pairs.groups, basis: readout.basis)
    let term = BankDataTerm(
      bank: TiledBank(local, problem.inputs), means: means, targets: problem.targets.column(0),
      space: space,
      parameters: ActionParameters(
        temperature: problem.naive.temperature, width: Double(problem.width),
        kernelScale: 1 / (problem.naive.lambda1 * Double(n))))
    #expect(term.hasMeans == (means != nil))

    let sizes = term.space.blockSizes
    let draw = { BlockDiagonal(sizes.map { Matrix.randomPositiveDefinite($0, generator) }) }
    let (w, r) = (draw(), draw())
    let naive = problem.trainingKernels
    let reference = { (w: BlockDiagonal, r: BlockDiagonal) in
      naive.dataTerm(space.matrix(w.dense), space.matrix(r.dense), targets: problem.targets)
        / Double(problem.width)
    }
    let value = try term.point(at: w).value(mean: r)
    expectClose(value.value, reference(w, r), relative: 1e-10, absolute: 1e-10, "\(problem)")

    let direction = BlockDiagonal(
      sizes.map { size in
        Matrix(rows: size, columns: size) { _, _ in generator.gaussian() }.symmetricPart
      })
    // The data term is smooth on the scale of W: fourth-order error below 1e-9 of its slopes.
    let along = Naive.derivative(step: 1e-4) { reference(w + $0 * direction, r) }
    let size = value.covarianceGradient.norm * direction.norm
    expectClose(
      value.covarianceGradient.innerProduct(direction), along, relative: 1e-7, absolute: 1e-7 * size,
      "\(problem)")
    if means != nil {
      let gradient = try #require(value.meanGradient)
      let along = Naive.derivative(step: 1e-4) { reference(w, r + $0 * direction) }
      let size = gradient.norm * direction.norm
      expectClose(
        gradient.innerProduct(direction), along, relative: 1e-7, absolute: 1e-7 * size + 1e-9, "\(problem)")
    } else {
      #expect(value.meanGradient == nil)
    }
  }
}
