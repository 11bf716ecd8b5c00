import Foundation
import GSLNumerics
import LinearAlgebra
import Renorm
import RenormNextOrder
import Testing

@testable import RenormSampling

/// Deep linear networks: f given q_1..q_L is a Gaussian process of kernel (q_1 .. q_L) K, the q_l independent
/// and Gamma(N_l/2, rate N_l/2) under the prior, so that averages are integrals at every width.
@Suite struct DeepLinearTests {
  private static func dataset(_ count: Int, _ generator: RandomGenerator, _ teacher: [Double]) -> Dataset {
    let inputs = Matrix.random(12, count, generator)
    return Dataset(
      shape: ImageShape(channels: 1, height: 1, width: 12), inputs: inputs,
      targets: Matrix(rows: count, columns: 1) { p, _ in
        zip(teacher, inputs.column(p)).reduce(0) { $0 + $1.0 * $1.1 } / 3 + 0.3 * generator.gaussian()
      })
  }

  private struct Exact {
    let q: [Double]
    let paths: [Double]
    let logEvidence: Double
    /// <w> and the averages of any function of w = q_1 .. q_L.
    let average: ((Double) -> Double) -> Double
  }

  /// Averages of q_1..q_L and of the paths over the posterior, by a grid in the logarithms of q.
  private static func mixture(_ network: Network, _ data: Dataset) throws -> Exact {
    let widths = network.widths.compactMap(\.units).map(Double.init)
    let product = network.lambdas.reduce(network.lambda0 * 12, *)
    let spectrum = try SymmetricEigen((1 / product) * (data.inputs.asTranspose * data.inputs))
    let y = spectrum.vectors.asTranspose * data.targets.column(0)
    func logLikelihood(_ q: Double) -> Double {
      zip(spectrum.values, y).reduce(0) { sum, mode in
        let a = network.temperature + q * max(mode.0, 0)
        return sum - 0.5 * (log(a) + mode.1 * mode.1 / a)
      }
    }
    // The trapezoidal rule converges exponentially for integrands that decay at both ends.
    let step = widths.count > 2 ? 0.15 : 0.1
    let grid = stride(from: widths.count > 2 ? -5.0 : -9.0, through: 2.4, by: step).map { $0 }
    var points: [[Double]] = [[]]
    for _ in widths { points = points.flatMap { point in grid.map { point + [$0] } } }
    let logs = points.map { x in
      var sum = logLikelihood(exp(x.reduce(0, +)))
      for (n, x) in zip(widths, x) { sum += n / 2 * (x - exp(x)) + n / 2 * log(n / 2) - lgamma(n / 2) }
      return sum
    }
    let largest = logs.max() ?? 0
    let weights = logs.map { exp($0 - largest) }
    let total = weights.reduce(0, +)
    func average(_ value: ([Double]) -> Double) -> Double {
      zip(points, weights).reduce(0) { $0 + $1.1 * value($1.0) } / total
    }
    return Exact(
      q: widths.indices.map { l in average { exp($0[l]) } },
      paths: widths.indices.map { l in average { exp($0[l...].reduce(0, +)) } },
      logEvidence: largest + log(total) + Double(widths.count) * log(step)
        - Double(data.count) / 2 * log(2 * .pi),
      average: { value in average { value(exp($0.reduce(0, +))) } })
  }

  /// Twenty examples and some more of a linear teacher.
  private static func problem(seed: Int, tests: Int) -> (data: Dataset, test: Dataset) {
    let generator = RandomGenerator(seed: UInt32(seed))
    let teacher = (0..<12).map { _ in generator.gaussian() }
    return (dataset(20, generator, teacher), dataset(tests, generator, teacher))
  }

  private static func network(_ widths: [Int]) throws -> Network {
    try Network(
      widths: widths.map { .finite($0) }, activation: Linear(), temperature: 0.05, lambda0: 0.8,
      lambdas: widths.map { _ in 0.6 })
  }

  /// The mixture of `--order mixture` agrees with the grid: paths, q, evidence, means and variances.
  @Test(arguments: [[5, 5], [6, 4, 5], [1, 30], [200, 3]]) func mixtureByConvolutions(widths: [Int]) throws {
    let (data, test) = Self.problem(seed: 40 + widths.count, tests: 3)
    let network = try Self.network(widths)
    let exact = try Self.mixture(network, data)
    let posterior = try network.fit(data)
    let next = try NextOrder(posterior, points: test.inputs, options: NextOrderOptions(order: .mixture))
    let result = next.corrected
    // The grid of the reference is cut, and coarse for three layers.
    let tolerance = widths.contains(1) ? 1e-3 : widths.contains(200) ? 1e-4 : 1e-6
    expectClose(result.orderParameter.diagonal, exact.q, relative: tolerance)
    expectClose(try #require(result.paths), exact.paths, relative: tolerance)
    expectClose(result.logEvidence, exact.logEvidence, relative: 0, absolute: 10 * tolerance)
    let scale = 1 / network.lambdas.reduce(network.lambda0 * 12, *)
    let kernel = scale * (data.inputs.asTranspose * data.inputs)
    for p in 0..<test.count {
      let x = test.inputs.column(p)
      let cross = (scale * (data.inputs.asTranspose * Matrix(columns: [x])))
      let moments = { (w: Double) -> (mean: Double, variance: Double) in
        var a = w * kernel
        for i in 0..<a.rows { a[i, i] += 0.05 }
        guard let factor = try? Cholesky(a) else { return (.nan, .nan) }
        let solved = factor.solve(w * cross)
        return (
          dot(solved.column(0), data.targets.column(0)),
          w * scale * dot(x, x) - dot(solved.column(0), (w * cross).column(0))
        )
      }
      // A grid over w alone suffices for these.
      let mean = exact.average { moments($0).mean }
      expectClose(result.prediction.mean[p, 0], mean, relative: 1e-3, absolute: tolerance)
      let square = exact.average { w in
        let m = moments(w)
        return m.variance + m.mean * m.mean
      }
      expectClose(result.prediction.variance[p, 0], square - mean * mean, relative: 1e-3, absolute: tolerance)
      if widths.count > 2 { break }
    }
    #expect(next.trust != nil && next.delta == 0 && next.draws == 0)
    // Wide layers: leading order.
    let wide = try Self.network(widths.map { 100_000 * $0 })
    let fit = try wide.fit(data)
    let corrected = try NextOrder(fit, points: test.inputs, options: NextOrderOptions(order: .mixture))
      .corrected
    expectClose(corrected.logEvidence, try #require(fit.logEvidence), relative: 1e-3)
    expectClose(corrected.prediction.mean, try fit.predict(test.inputs).mean, relative: 1e-3)
  }

  /// Paths and virials, which are q_l here, within 4.5 standard errors at N = 5.
  @Test(arguments: [[5], [5, 5], [6, 4, 5]]) func sampled(widths: [Int]) throws {
    let (data, test) = Self.problem(seed: 30 + widths.count, tests: 10)
    let network = try Self.network(widths)
    let exact = try Self.mixture(network, data)
    let sampled = try #require(
      try network.sample(
        data, predicting: test, options: SamplingOptions(chains: 4, samples: 1500, warmup: 500, seed: 3)))
    #expect(sampled.diagnostics.isConverged, "\(sampled.warnings)")
    func expectSampled(_ estimate: Estimate, _ value: Double, _ what: String) {
      let z = (estimate.mean - value) / estimate.standardError
      #expect(abs(z) < 4.5, "\(what): \(estimate), exact \(value)")
    }
    let last = widths.count - 1
    expectSampled(sampled.estimates.orderParameter[0][0], exact.paths[last], "q_L")
    guard widths.count > 1 else { return }
    let layers = try #require(sampled.estimates.layers)
    #expect(layers.paths.count == widths.count && layers.virials.count == last)
    for (l, path) in layers.paths.enumerated() { expectSampled(path, exact.paths[l], "p_\(l + 1)") }
    for (l, virial) in layers.virials.enumerated() { expectSampled(virial, exact.q[l], "omega_\(l + 1)") }
    let mixture = try NextOrder(
      network.fit(data), points: test.inputs, targets: test.targets.column(0),
      options: NextOrderOptions(order: .mixture)
    ).corrected.prediction.scores(targets: test.targets, isClassification: false)
    let scores = try #require(sampled.estimates.scores)
    expectSampled(try #require(scores.bias), try #require(mixture.bias), "bias")
    expectSampled(scores.variance, mixture.variance, "variance")
  }
}
