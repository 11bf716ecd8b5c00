import LinearAlgebra
import Renorm
import RenormKernels
import Testing

@testable import RenormNextOrder

/// Closed derivatives against central differences over problems at neighbouring order parameters.
@Suite struct DerivativeTests {
  private static func block(_ problem: NextOrderProblem) throws -> BlockEstimate {
    let plan = try DrawPlan(problem, points: 3, blockSize: 100, seed: 5, threads: 1)
    let points = SmallProblem.points.inputs
    let projections = PointTerms(problem, points: points, spread: .identity(problem.frame.dimension))
      .projections
    let sources = FeatureSources(
      problem.frame, training: Patches(problem.range.inputs, of: problem.frame.local), points: points)
    return CumulantRunner(problem: problem, plan: plan, sources: sources, projections: projections).run(
      .all, 0..<1)[0]
  }

  /// delta of one block of draws, the same at every order parameter.
  @Test(arguments: try SmallProblem.all) func deltaOfTheSameDraws(_ small: SmallProblem) throws {
    let problem = try small.problem()
    let gradient = try Self.block(problem).gradient
    let differences = try (0..<problem.frame.dimension).map { k in
      try small.difference(problem.frame, along: SmallProblem.unit(k, of: problem.frame.dimension)) {
        [try #require(try Self.block($0).value)]
      }[0]
    }
    expectClose(gradient, differences, relative: 1e-6)
  }

  @Test(arguments: try SmallProblem.all) func predictions(_ small: SmallProblem) throws {
    let problem = try small.problem()
    let (frame, dimension) = (problem.frame, problem.frame.dimension)
    let spread = try MixtureExpansion(problem).spread
    let terms = { (problem: NextOrderProblem) in
      PointTerms(problem, points: SmallProblem.points.inputs, spread: spread)
    }
    let here = terms(problem)
    for k in 0..<dimension {
      let unit = SmallProblem.unit(k, of: dimension)
      expectClose(
        here.meanSlopes.column(k), try small.difference(frame, along: unit) { terms($0).mean }, relative: 1e-6,
        absolute: 1e-9)
      expectClose(
        here.varianceSlopes.column(k), try small.difference(frame, along: unit) { terms($0).variance },
        relative: 1e-6, absolute: 1e-9)
    }
    // The average of a second derivative is the sum over the columns of a root of the covariance.
    var (mean, variance) = ([Double](repeating: 0, count: 3), [Double](repeating: 0, count: 3))
    for k in 0..<dimension {
      mean.add(1, try small.secondDifference(frame, along: spread.column(k)) { terms($0).mean })
      variance.add(1, try small.secondDifference(frame, along: spread.column(k)) { terms($0).variance })
    }
    expectClose(here.meanBend, mean, relative: 1e-3, absolute: 1e-8)
    expectClose(here.varianceBend, variance, relative: 1e-3, absolute: 1e-8)
  }

  /// Cov(X) is 2/N over the second differences of the action.
  @Test(arguments: try SmallProblem.all.filter { $0.activation.isOdd }) func curvature(_ small: SmallProblem)
    throws
  {
    let problem = try small.problem()
    let (frame, dimension) = (problem.frame, problem.frame.dimension)
    let family = try KernelFamily(small.network(), SmallProblem.training, options: FitOptions(threads: 1))
    let step = 1e-3
    func action(_ x: [Double]) throws -> Double {
      let moved = frame.matrix(zip(frame.identity, x).map(+)).congruence(by: frame.ownFactor.map(\.transposed))
      return try family.action(at: moved.dense.symmetricPart).value
    }
    let spread = try MixtureExpansion(problem).spread
    // Along the columns of R the second derivative is 2/N, between them 0.
    for k in 0..<dimension {
      let along = spread.column(k)
      let length = dot(along, along).squareRoot()
      let x = along.scaled(by: step / length)
      let second = (try action(x) - 2 * action(x.scaled(by: 0)) + action(x.scaled(by: -1))) / (step * step)
      expectClose(second * length * length, 2 / problem.width, relative: 1e-4)
    }
  }
}
