import LinearAlgebra
import Renorm
import RenormKernels
import Testing

@testable import RenormNextOrder

@Suite struct ProbesTests {
  /// dm by probes of A^-1 is, with the same draws, dm with A^-1 itself up to the noise of the probes, of which
  /// differences over blocks tell.
  @Test(arguments: try SmallProblem.all) func sameDraws(_ small: SmallProblem) throws {
    let problem = try small.problem()
    let inputs = SmallProblem.points.inputs
    let points = PointTerms(problem, points: inputs, spread: .identity(problem.frame.dimension))
    let plan = try DrawPlan(problem, points: 3, blockSize: 1000, seed: 5, threads: 2)
    let sources = FeatureSources(
      problem.frame, training: Patches(problem.range.inputs, of: problem.frame.local), points: inputs)
    let runner = CumulantRunner(problem: problem, plan: plan, sources: sources, projections: points.projections)
    let blocks = 0..<24
    let (all, probed) = (runner.run(.all, blocks), runner.run(.means, blocks))
    let c = problem.cumulantScale
    let differences = blocks.map { block in
      let wick = PointTerms.wickMean(
        problem, points: inputs, inverse: plan.probeAverage(block..<block + 1, order: problem.kernels.count))
      return (0..<3).map { p in
        probed[block].mean[p] + 4 * c * wick[p] - all[block].mean[p] - 4 * c * points.wickMean[p]
      }
    }
    let count = Double(blocks.count)
    for p in 0..<3 {
      let mean = differences.reduce(0) { $0 + $1[p] } / count
      let squares = differences.reduce(0) { $0 + ($1[p] - mean) * ($1[p] - mean) }
      #expect(abs(mean) < 4 * (squares / (count * (count - 1))).squareRoot(), "\(mean)")
      // The probes matter, or this test shows nothing.
      #expect(squares > 0)
    }
  }
}
