import Foundation
import LinearAlgebra
import Renorm
import RenormKernels
import Testing

@testable import RenormNextOrder

/// dm of erf as a covariance of derivatives.
@Suite struct CovarianceTests {
  /// v g' - h g = -s, by differences of g.
  @Test(arguments: [0.05, 0.7, 2.5, 8, 60]) func stein(variance: Double) throws {
    let pixels = [variance.squareRoot(), 0, 0]
    let local = try LocalKernels(
      architecture: FullyConnected(), activation: Erf(), lambda0: 1.0 / 3,
      image: ImageShape(channels: 1, height: 1, width: 3), threads: 1)
    let patches = Patches(Matrix(columns: [pixels]), of: local)
    expectClose(patches.variance(0, 0), variance, relative: 1e-12)
    let slopes = AveragedSlopes(patches, positions: 1)
    func g(_ h: Double) -> Double {
      let values = WorkArray(1)
      values.pointer[0] = h
      withExtendedLifetime(values) { slopes.apply(0, values.matrix(1, 1)) }
      return values.values[0]
    }
    // g(0) = (2/pi)^(1/2) v^(-1/2) atan (2 v)^(1/2): all weights.
    expectClose(g(0), (2 / (.pi * variance)).squareRoot() * atan((2 * variance).squareRoot()), relative: 1e-12)
    let root = variance.squareRoot()
    for z in [-1.5, -0.4, 0.3, 1, 2] {
      let (h, step) = (z * root, 1e-4 * root)
      let slope = (g(h + step) - g(h - step)) / (2 * step)
      // Nodes: 4e-4 in the mean over h, more where |h| is large.
      #expect(abs(variance * slope - h * g(h) + erf(h)) < 8e-3, "\(variance) \(z)")
    }
  }

  /// Both estimates of dm agree within the error of the noisier one, for all architectures and readouts.
  @Test(arguments: try SmallProblem.all.filter { $0.activation is Erf })
  func agreesWithMoments(_ small: SmallProblem) throws {
    let problem = try small.problem()
    let inputs = SmallProblem.points.inputs
    let points = PointTerms(problem, points: inputs, spread: .identity(problem.frame.dimension))
    let plan = try DrawPlan(problem, points: 3, blockSize: 500, seed: 5, threads: 2)
    #expect(plan.covarianceStep > 0)
    let sources = FeatureSources(
        problem.frame, training: Patches(problem.range.inputs, of: problem.frame.local), points: inputs)
    let runner = CumulantRunner(problem: problem, plan: plan, sources: sources, projections: points.projections)
    let c = problem.cumulantScale
    func summary(_ blocks: [BlockEstimate], _ p: Int) -> (mean: Double, variance: Double) {
      let values = blocks.map { $0.mean[p] }
      let count = Double(values.count)
      let mean = values.reduce(0, +) / count
      return (mean, values.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / (count * (count - 1)))
    }
    let (moments, covariances) = (runner.run(.all, 0..<400), runner.run(.covariances, 1000..<1100))
    for p in 0..<3 {
      let (a, b) = (summary(moments, p), summary(covariances, p))
      let difference = a.mean + 4 * c * points.wickMean[p] - b.mean
      #expect(abs(difference) < 4 * (a.variance + b.variance).squareRoot(), "\(p): \(a) \(b)")
      // Less noise from a quarter of the draws; with smaller patches the probes add more than they take.
      if small.architecture is FullyConnected { #expect(b.variance < a.variance, "\(p): \(a) \(b)") }
    }
  }

  /// The number of draws that are held at once is one of storage only.
  @Test func littleMemory() throws {
    let small = SmallProblem(architecture: Convolutional(mask: SmallProblem.mask))
    let posterior = try small.posterior()
    let inputs = SmallProblem.points.inputs
    let steps = try [1 << 30, 700_000].map { limit in
      let problem = try NextOrderProblem(posterior, threads: 1, memoryLimit: limit)
      let plan = try DrawPlan(problem, points: 3, blockSize: 500, seed: 5, threads: 1)
      let points = PointTerms(problem, points: inputs, spread: .identity(problem.frame.dimension))
      let sources = FeatureSources(
        problem.frame, training: Patches(problem.range.inputs, of: problem.frame.local), points: inputs)
      let runner = CumulantRunner(
        problem: problem, plan: plan, sources: sources, projections: points.projections)
      return (plan.covarianceStep, runner.run(.covariances, 0..<1)[0].mean)
    }
    #expect(steps[1].0 > 0 && steps[1].0 < steps[0].0)
    expectClose(steps[0].1, steps[1].1, relative: 1e-9)
  }
}
