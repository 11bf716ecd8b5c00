import Foundation
import GSLNumerics
import LinearAlgebra
import Renorm
import Testing

@testable import RenormSampling

/// Linear networks: f given the readout is a Gaussian process of kernel q K / lambda1 with q = lambda1
/// |v|^2 / N, and q ~ Gamma(N/2, rate N/2) under the prior, so that everything is a one-dimensional integral at
/// every width.
@Suite struct FiniteWidthMixtureTests {
  private struct Mixture {
    var order = 0.0
    var bias = 0.0
    var variance = 0.0

    init(_ network: Network, _ width: Int, _ data: Dataset, _ test: Dataset) throws {
      let scale = 1 / (network.lambda0 * Double(data.shape.count) * network.lambda1)
      let kernel = scale * (data.inputs.asTranspose * data.inputs)
      let cross = scale * (data.inputs.asTranspose * test.inputs)
      let y = data.targets.column(0)
      let shape = Double(width) / 2
      var weights: [Double] = []
      var points: [(q: Double, mean: [Double], variance: [Double])] = []
      // Trapezoidal rule on log q, which decays at both ends.
      for x in stride(from: -5.0, through: 2.5, by: 0.02) {
        let q = exp(x)
        var a = q * kernel
        for i in 0..<a.rows { a[i, i] += network.temperature }
        let factor = try Cholesky(a)
        let u = factor.solve(y)
        weights.append(
          shape * x - shape * q - 0.5 * factor.logDeterminant - 0.5 * zip(y, u).reduce(0) { $0 + $1.0 * $1.1 })
        let solved = factor.solve(cross)
        let columns = 0..<test.count
        points.append(
          (
            q, columns.map { c in q * zip(cross.column(c), u).reduce(0) { $0 + $1.0 * $1.1 } },
            columns.map { c in
              let own = test.inputs.column(c).reduce(0) { $0 + $1 * $1 } * scale
              return q * own - q * q * zip(cross.column(c), solved.column(c)).reduce(0) { $0 + $1.0 * $1.1 }
            }
          ))
      }
      let largest = weights.max() ?? 0
      weights = weights.map { exp($0 - largest) }
      let total = weights.reduce(0, +)
      let average = { (value: (Int) -> Double) in
        weights.indices.reduce(0) { $0 + weights[$1] * value($1) } / total
      }
      order = average { points[$0].q }
      for c in 0..<test.count {
        let mean = average { points[$0].mean[c] }
        let square = average { points[$0].variance[c] + points[$0].mean[c] * points[$0].mean[c] }
        bias += (test.targets[c, 0] - mean) * (test.targets[c, 0] - mean) / Double(test.count)
        variance += (square - mean * mean) / Double(test.count)
      }
    }
  }

  /// Within 4.5 standard errors; the leading order is farther away at N = 5.
  @Test(arguments: [5, 30]) func sampledLinearNetworks(width: Int) throws {
    let generator = RandomGenerator(seed: UInt32(90 + width))
    let teacher = (0..<12).map { _ in generator.gaussian() }
    func dataset(_ count: Int) -> Dataset {
      let inputs = Matrix(rows: 12, columns: count) { _, _ in generator.gaussian() }
      return Dataset(
        shape: ImageShape(channels: 1, height: 1, width: 12), inputs: inputs,
        targets: Matrix(rows: count, columns: 1) { p, _ in
          zip(teacher, inputs.column(p)).reduce(0) { $0 + $1.0 * $1.1 } / 3 + 0.3 * generator.gaussian()
        })
    }
    let (data, test) = (dataset(20), dataset(15))
    let network = try Network(
      architecture: FullyConnected(), activation: Linear(), width: .finite(width), temperature: 0.05,
      lambda0: 0.8,
      lambda1: 0.6)
    let exact = try Mixture(network, width, data, test)
    let sampled = try #require(
      try network.sample(data, predicting: test, options: SamplingOptions(samples: 2000, seed: 3)))
    let estimates = sampled.estimates
    let scores = try #require(estimates.scores)
    for (name, estimate, value) in [
      ("order parameter", estimates.orderParameter[0][0], exact.order),
      ("bias", try #require(scores.bias), exact.bias),
      ("variance", scores.variance, exact.variance),
    ] {
      #expect(
        abs(estimate.mean - value) < 4.5 * estimate.standardError,
        "\(name): \(estimate.mean) +- \(estimate.standardError), exactly \(value)")
      #expect(estimate.standardError < 0.1 * value, "\(name): too few draws to tell anything")
    }
    if width == 5 {
      let leading = try network.fit(data).orderParameter[0, 0]
      #expect(abs(leading - exact.order) > 4.5 * estimates.orderParameter[0][0].standardError)
    }
  }
}
