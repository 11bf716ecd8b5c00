import Foundation
import GSLNumerics
import LinearAlgebra
import Renorm
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

  /// Averages of q_1..q_L and of the paths over the posterior, by a grid in the logarithms of q.
  private static func mixture(_ network: Network, _ data: Dataset) throws -> (q: [Double], paths: [Double]) {
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
    let grid = stride(from: -4.0, through: 2.0, by: 0.15).map { $0 }
    var points: [[Double]] = [[]]
    for _ in widths { points = points.flatMap { point in grid.map { point + [$0] } } }
    let logs = points.map { x in
      var sum = logLikelihood(exp(x.reduce(0, +)))
      for (n, x) in zip(widths, x) { sum += n / 2 * (x - exp(x)) }
      return sum
    }
    let largest = logs.max() ?? 0
    let weights = logs.map { exp($0 - largest) }
    let total = weights.reduce(0, +)
    func average(_ value: ([Double]) -> Double) -> Double {
      zip(points, weights).reduce(0) { $0 + $1.1 * value($1.0) } / total
    }
    return (
      widths.indices.map { l in average { exp($0[l]) } },
      widths.indices.map { l in average { exp($0[l...].reduce(0, +)) } }
    )
  }

  /// Paths and virials, which are q_l here, within 4.5 standard errors at N = 5.
  @Test(arguments: [[5], [5, 5], [6, 4, 5]]) func sampled(widths: [Int]) throws {
    let generator = RandomGenerator(seed: UInt32(30 + widths.count))
    let teacher = (0..<12).map { _ in generator.gaussian() }
    let (data, test) = (Self.dataset(20, generator, teacher), Self.dataset(10, generator, teacher))
    let network = try Network(
      widths: widths.map { .finite($0) }, activation: Linear(), temperature: 0.05, lambda0: 0.8,
      lambdas: widths.map { _ in 0.6 })
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
  }
}
