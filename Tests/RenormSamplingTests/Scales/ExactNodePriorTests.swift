import Foundation
import GSLNumerics
import LinearAlgebra
import Renorm
import RenormAction
import Testing

@testable import RenormSampling

/// Linear networks with a node prior. f given omega = (1/N) sum_a tau_a zeta_a^2 is a Gaussian process of
/// kernel omega K/lambda1, so that averages are sums over the number of open units, or over the scale of a
/// single unit, of integrals over omega.
@Suite(.slow("many draws")) struct ExactNodePriorTests {
  private let data: Dataset
  private let test: Dataset

  init() {
    let generator = RandomGenerator(seed: 90)
    func dataset(_ count: Int) -> Dataset {
      let inputs = Matrix(rows: 5, columns: count) { _, _ in generator.gaussian() }
      return Dataset(
        shape: ImageShape(channels: 1, height: 1, width: 5), inputs: inputs,
        targets: Matrix(rows: count, columns: 1) { p, _ in
          0.8 * inputs[0, p] - inputs[1, p] + 0.2 * generator.gaussian()
        })
    }
    (data, test) = (dataset(8), dataset(3))
  }

  /// Averages over a law of omega and of a number of the scales, given as points with weights.
  private struct Exact {
    let omega, scales: Double
    let means: [Double]

    init(
      _ network: Network, _ data: Dataset, _ test: Dataset,
      _ points: [(omega: Double, scales: Double, weight: Double)]
    ) throws {
      let precision = network.lambda0 * network.lambda1 * Double(data.shape.count)
      let spectrum = try SymmetricEigen((1 / precision) * (data.inputs.asTranspose * data.inputs))
      let cross = spectrum.vectors.asTranspose * ((1 / precision) * (data.inputs.asTranspose * test.inputs))
      let y = spectrum.vectors.asTranspose * data.targets.column(0)
      var sum = (weight: 0.0, omega: 0.0, scales: 0.0, means: [Double](repeating: 0, count: test.count))
      for point in points {
        let a = spectrum.values.map { network.temperature + point.omega * max($0, 0) }
        let log = zip(a, y).reduce(0) { $0 - 0.5 * (Foundation.log($1.0) + $1.1 * $1.1 / $1.0) }
        let weight = point.weight * exp(log)
        sum.weight += weight
        sum.omega += weight * point.omega
        sum.scales += weight * point.scales
        for p in sum.means.indices {
          sum.means[p] += weight * a.indices.reduce(0) { $0 + point.omega * cross[$1, p] * y[$1] / a[$1] }
        }
      }
      omega = sum.omega / sum.weight
      scales = sum.scales / sum.weight
      means = sum.means.map { $0 / sum.weight }
    }
  }

  /// chi2_k on a grid in its logarithm, where the trapezoidal rule converges exponentially.
  private func chiSquared(_ k: Int) -> [(value: Double, weight: Double)] {
    guard k > 0 else { return [(0, 1)] }
    let half = Double(k) / 2
    let constant = half * log(2) + lgamma(half)
    return (0...1520).map { index in
      let t = -70 + 0.05 * Double(index)
      let log = half * t - exp(t) / 2 - constant
      return (exp(t), 0.05 * exp(log))
    }
  }

  private func expectSampled(_ network: Network, _ exact: Exact, _ sampler: NetworkSampler) throws {
    let sampled = try #require(
      try network.sample(
        data, predicting: test, sampler: sampler,
        options: SamplingOptions(chains: 4, samples: 1500, warmup: 300, seed: 2)))
    let estimates = sampled.estimates
    func expect(_ estimate: Estimate, _ value: Double, _ what: String) {
      #expect(
        abs(estimate.mean - value) <= 4.5 * estimate.standardError,
        "\(what) of \(network.nodePrior.name), \(sampler.name): \(estimate), exact \(value)")
    }
    let scales = try #require(estimates.scales)
    expect(estimates.orderParameter[0][0], exact.omega, "order parameter")
    expect(scales, exact.scales, "scales")
    for (p, mean) in exact.means.enumerated() { expect(estimates.predictions[p].mean[0], mean, "mean \(p)") }
    // The test can tell: errors are small beside what the data change.
    #expect(scales.standardError < 0.1, "\(scales)")
    #expect(sampled.diagnostics.worst?.rHat ?? 2 < 1.02, "\(sampled.warnings)")
  }

  private func network(_ units: Int, _ prior: any NodePrior) throws -> Network {
    try Network(
      architecture: FullyConnected(), activation: Linear(), width: .finite(units), temperature: 0.1,
      lambda0: 0.7,
      lambda1: 0.8, nodePrior: prior)
  }

  /// All 2^N patterns of open units: they differ in the number of open ones only.
  @Test(arguments: [true, false]) func spikeAndSlab(isCollapsed: Bool) throws {
    try expectSpikeAndSlab(3, open: 0.3, isCollapsed)
  }

  @Test(.slow("many draws"), arguments: [(1, 0.4), (6, 0.5)], [true, false])
  func otherSpikes(problem: (Int, Double), isCollapsed: Bool) throws {
    try expectSpikeAndSlab(problem.0, open: problem.1, isCollapsed)
  }

  private func expectSpikeAndSlab(_ units: Int, open: Double, _ isCollapsed: Bool) throws {
    let network = try network(units, BernoulliNodePrior(openFraction: open))
    var points: [(omega: Double, scales: Double, weight: Double)] = []
    for k in 0...units {
      let patterns = exp(lgamma(Double(units + 1)) - lgamma(Double(k + 1)) - lgamma(Double(units - k + 1)))
      let prior = patterns * pow(open, Double(k)) * pow(1 - open, Double(units - k))
      points += chiSquared(k).map {
        ($0.value / (open * Double(units)), Double(k) / Double(units), prior * $0.weight)
      }
    }
    let exact = try Exact(network, data, test, points)
    try expectSampled(network, exact, isCollapsed ? .collapsed() : .full())
  }

  /// One unit with a continuous law.
  @Test(arguments: [true, false]) func horseshoe(isCollapsed: Bool) throws { try expectOneUnit(2, isCollapsed) }

  @Test(.slow("many draws"), arguments: 0..<2, [true, false])
  func otherLaws(index: Int, isCollapsed: Bool) throws { try expectOneUnit(index, isCollapsed) }

  private func expectOneUnit(_ index: Int, _ isCollapsed: Bool) throws {
    let priors: [any NodePrior] = [
      try GammaNodePrior(shape: 0.7), try InverseGammaNodePrior(shape: 2), try HorseshoeNodePrior(scale: 0.5),
    ]
    let network = try network(1, priors[index])
    let law = try #require(priors[index].law)
    let squares = chiSquared(1)
    let points = law.rule.flatMap { node in
      squares.map { (omega: node.tau * $0.value, scales: log(node.tau), weight: node.weight * $0.weight) }
    }
    let exact = try Exact(network, data, test, points)
    try expectSampled(network, exact, isCollapsed ? .collapsed() : .full())
  }
}
