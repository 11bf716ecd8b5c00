import Foundation
import GSLNumerics
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
    #expect(plan.covarianceStep(hasValues: true) > 0)
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
    let (moments, covariances) = (
      runner.run(.all, 0..<400), runner.run(.covariances(hasValues: true), 1000..<1100)
    )
    func delta(_ blocks: [BlockEstimate]) -> CumulantEstimate.Estimate {
      CumulantEstimate.Estimate(blocks.map { [$0.value ?? .nan] })
    }
    let (plain, own) = (delta(moments), delta(covariances))
    let wick = WickParts(problem.frame, problem.kernels, scale: problem.scale)
    let difference = plain.values[0] - c * wick.value - own.values[0]
    #expect(
      abs(difference) < 4 * (plain.variances[0] + own.variances[0]).squareRoot(), "delta \(plain) \(own)")
    for p in 0..<3 {
      let (a, b) = (summary(moments, p), summary(covariances, p))
      let difference = a.mean + 4 * c * points.wickMean[p] - b.mean
      #expect(abs(difference) < 4 * (a.variance + b.variance).squareRoot(), "\(p): \(a) \(b)")
      // Less noise from a quarter of the draws; with smaller patches the probes add more than they take.
      if small.architecture is FullyConnected { #expect(b.variance < a.variance, "\(p): \(a) \(b)") }
    }
  }

  /// H is a quarter of the second derivatives of F; forms of probes by two ways.
  @Test func curvature() throws {
    let (m, r) = (3, 2)
    let size = (m + 1) * r
    let generator = RandomGenerator(seed: 8)
    func quartic(_ a: [Double]) -> Double {
      func form(_ k: Int, _ l: Int) -> Double { (0..<r).reduce(0) { $0 + a[k + 4 * $1] * a[l + 4 * $1] } }
      func pairing(_ k: Int, _ l: Int) -> Double { form(k, k) * form(l, l) + 2 * form(k, l) * form(k, l) }
      var sum = pairing(m, m) / 3
      for k in 0..<m {
        sum -= 2 * pairing(k, m)
        for l in 0..<m where l != k { sum += 1.5 * pairing(k, l) }
      }
      return sum
    }
    let a = (0..<size).map { _ in generator.gaussian() }
    func curvature(_ products: Matrix) -> Matrix {
      let (from, to) = (WorkArray(size * size), WorkArray(size * size))
      for (i, value) in products.elements.enumerated() { from.pointer[i] = value }
      QuarticCurvature(vectors: m + 1, columns: r).compute(from.matrix(size, size), into: to.matrix(size, size))
      return withExtendedLifetime((from, to)) { Matrix(rows: size, columns: size, elements: to.values) }
    }
    let h = curvature(Matrix(rows: size, columns: size) { a[$0] * a[$1] })
    let step = 1e-3
    for i in 0..<size {
      for j in 0..<size {
        func at(_ x: Double, _ y: Double) -> Double {
          var moved = a
          moved[i] += x
          moved[j] += y
          return quartic(moved)
        }
        let second =
          (at(step, step) - at(step, -step) - at(-step, step) + at(-step, -step)) / (4 * step * step)
        expectClose(4 * h[i, j], second, relative: 1e-5, absolute: 1e-4)
      }
    }

    let problem = try SmallProblem(architecture: Convolutional(mask: SmallProblem.mask)).problem()
    let frame = problem.frame
    let z = Matrix.random(problem.kernels.count, m, generator)
    let forms = ProbeForms(problem.kernels, z)
    let (products, traces) = (forms.covariances(frame.units[0]), forms.values)
    #expect(traces.count == m + 1)
    // Forms by another way: C^-T z and kernels of pairs.
    let vectors = problem.kernels.factor.solveLowerTransposed(z)
    let whole = frame.kernels(
      Patches(problem.range.inputs, of: frame.local), Patches(problem.range.inputs, of: frame.local))
    let first = Matrix(rows: z.rows, columns: z.rows, elements: whole.column(0))
    expectClose(traces[1][0, 0], dot(vectors.column(0), first * vectors.column(1)), relative: 1e-9)
    expectClose(products[0, 1], products[1, 0], relative: 1e-9)
    expectClose(products[1, 0], traces[0][1, 0], relative: 1e-9)
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
      return (plan.covarianceStep(hasValues: false), runner.run(.covariances(hasValues: false), 0..<1)[0].mean)
    }
    #expect(steps[1].0 > 0 && steps[1].0 < steps[0].0)
    expectClose(steps[0].1, steps[1].1, relative: 1e-9)
  }
}
