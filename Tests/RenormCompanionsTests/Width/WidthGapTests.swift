import GSLNumerics
import LinearAlgebra
import Testing

@testable import RenormCompanions

@Suite struct WidthGapTests {
  /// Networks at initialisation have kernels whose means are those of infinite width.
  @Test(arguments: WidthGap.Head.allCases) func kernels(head: WidthGap.Head) {
    let problem = GapProblem(head, relativeRate: 0.5)
    let values = SeededDraws.map(400, seed: 1) { random in
      let network = GapNetwork(problem, width: 20, random)
      let (tangent, outputs) = (network.tangent, network.outputs)
      return [tangent[0, 0], tangent[5, 2], outputs[1] * outputs[1], outputs[0] * outputs[6]]
    }
    let expected = [
      problem.tangent[0, 0], problem.tangent[5, 2], problem.covariance[1, 1], problem.covariance[0, 6],
    ]
    for (k, value) in expected.enumerated() {
      let mean = SampleMoments(values.map { $0[k] }).mean
      expectNear(mean.mean, value, 4 * mean.standardError)
    }
  }

  /// The tangent kernel is that of the outputs' change in a small step of gradient descent.
  @Test(arguments: WidthGap.Head.allCases) func step(head: WidthGap.Head) {
    let problem = GapProblem(head, relativeRate: 1e-7)
    var network = GapNetwork(problem, width: 8, RandomGenerator(seed: 3))
    let (start, tangent) = (network.outputs, network.tangent)
    network.step()
    for i in 0..<problem.count {
      let change = (0..<problem.trainCount).reduce(0.0) {
        $0 - problem.rate * tangent[i, $1] * (start[$1] - problem.trainTargets[$1])
      }
      expectNear((network.outputs[i] - start[i]) / change, 1, 1e-4)
    }
    #expect(
      zip(GapNetwork(problem, width: 8, RandomGenerator(seed: 3)).mirrored.outputs, start).allSatisfy {
        $0 == -$1
      })
  }

  /// With a step size below the limit of stability the linear recursion reaches the training targets.
  @Test func linearRecursion() {
    let problem = GapProblem(.gap, relativeRate: 1)
    let outputs = problem.linear([Double](repeating: 0, count: problem.count), steps: 20_000)
    for (f, y) in zip(outputs, problem.trainTargets) { expectNear(f, y, 1e-3) }
  }

  @Test(.enabled(if: SlowTests.areOn, SlowTests.comment)) func slopes() throws {
    let gap = try WidthGap(.gap, widths: [32, 64, 128], nets: 1000, seed: 1)
    let difference = try gap.differenceFit.get().slope
    let deviation = try gap.deviationFit.get().slope
    expectNear(difference.mean, -1, 3 * difference.standardError + 0.15)
    expectNear(deviation.mean, -0.5, 3 * deviation.standardError + 0.1)
  }
}
