import LinearAlgebra
import Renorm
import RenormKernels
import Testing

@testable import RenormNextOrder

@Suite struct NextOrderSimilarityTests {
  /// Features of a linear activation are Gaussian, so the closed form of the leading theory is complete; pooled
  /// over elements the deviation is that of the noise.
  @Test(arguments: [
    (FullyConnected() as any Architecture, 0, 0), (Convolutional(mask: Extent(2)), 0, 2),
    (Convolutional(mask: Extent(2)), 1, 1), (LocallyConnected(mask: Extent(2)), 3, 3),
  ]) func linear(architecture: any Architecture, i: Int, j: Int) throws {
    let posterior = try SmallProblem(architecture: architecture, activation: Linear()).posterior()
    let inputs = SmallProblem.points.inputs
    let closed = try posterior.similarity(of: inputs, positions: i, j)
    let drawn = try posterior.nextOrderSimilarity(
      of: inputs, positions: i, j, options: NextOrderOptions(draws: 100_000, threads: 2))
    expectClose(drawn.before, closed.before, relative: 1e-12)
    let difference = (drawn.after - closed.after).frobenius / 3
    #expect(difference < 2 * drawn.standardError, "\(difference) +- \(drawn.standardError)")
    #expect(closed.change.frobenius / 3 > 10 * drawn.standardError)
  }

  @Test func separateFilters() throws {
    let posterior = try SmallProblem(architecture: LocallyConnected(mask: Extent(2))).posterior()
    let similarity = try posterior.nextOrderSimilarity(of: SmallProblem.points.inputs, positions: 0, 1)
    #expect(similarity.after.largest == 0 && similarity.before.largest == 0)
    #expect(throws: RenormError.self) {
      try posterior.nextOrderSimilarity(of: SmallProblem.points.inputs, positions: 0, 4)
    }
  }
}
