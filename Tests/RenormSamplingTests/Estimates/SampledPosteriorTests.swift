import Foundation
import GSLNumerics
import LinearAlgebra
import Renorm
import Testing

@testable import RenormSampling

/// One hidden unit, one or two inputs: small enough for quadrature over all weights.
@Suite struct SampledPosteriorTests {
  /// Counts by hand: the largest of three draws, and the two others of each.
  @Test func histogramOfReadouts() throws {
    let draws = [[3.0, 0.35, 0.15], [2.95, 0.55, 0.0], [2.85, 0.45, 0.05]]
    let histogram = try #require(ReadoutHistogram(draws.map { $0[...] }))
    #expect(histogram.width == 0.1 && histogram.others.count == 30 && histogram.largest.count == 30)
    let bins = histogram.others.indices.filter { histogram.others[$0] > 0 }
    #expect(bins == [0, 1, 3, 4, 5])
    expectClose(histogram.others[0], 2 / (6 * 0.1), relative: 1e-12)
    // The largest of all lies in the last bin.
    expectClose(Array(histogram.largest.suffix(2)), [1 / (3 * 0.1), 2 / (3 * 0.1)], 1e-12)
    #expect(ReadoutHistogram([[0.0, 0][...]]) == nil)
    #expect(ReadoutHistogram([[2.0][...]])?.others == [])
  }

  /// One size far out takes no bin from the others.
  @Test func histogramOfHeavyTails() throws {
    let draws = (0..<1000).map { [$0 == 500 ? 1e300 : 1 + 0.001 * Double($0), 0.5] }
    let histogram = try #require(ReadoutHistogram(draws.map { $0[...] }))
    #expect(histogram.width < 0.07)
    expectClose(histogram.others.reduce(0, +) * histogram.width, 1, relative: 1e-12)
    expectClose(histogram.largest.reduce(0, +) * histogram.width, 0.995, relative: 0, absolute: 0.003)
  }

  static let cases: [(inputs: Int, activation: any DifferentiableActivation)] = [
    (1, Erf()), (1, ReLU()), (2, Erf()),
  ]

  private struct Problem {
    let network: Network
    let data: Dataset
    let test: Matrix
    let testTargets: Matrix

    init(_ inputs: Int, _ activation: any DifferentiableActivation) throws {
      let generator = RandomGenerator(seed: UInt32(50 + inputs))
      network = try Network(
        architecture: FullyConnected(), activation: activation, width: .finite(1), temperature: 0.3,
        lambda0: 0.7, lambda1: 0.5)
      data = Dataset(
        shape: ImageShape(channels: 1, height: 1, width: inputs),
        inputs: Matrix(rows: inputs, columns: 3) { _, _ in generator.gaussian() },
        targets: Matrix(rows: 3, columns: 1) { _, _ in generator.gaussian() })
      test = Matrix(rows: inputs, columns: 4) { _, _ in generator.gaussian() }
      testTargets = Matrix(rows: 4, columns: 1) { _, _ in generator.gaussian() }
    }

    var density: CollapsedDensity {
      get throws { try CollapsedDensity(network, data, observing: ObservedPoints(test: test)) }
    }

    /// Trapezoidal nodes of the hidden weights z; the rule converges exponentially, but for relu's kink.
    var nodes: [[Double]] {
      let step = data.shape.count == 1 ? 0.02 : 0.15
      let line = (-Int(7 / step)...Int(7 / step)).map { (Double($0) + 0.5) * step }
      return data.shape.count == 1 ? line.map { [$0] } : line.flatMap { x in line.map { [x, $0] } }
    }

    /// Posterior moments by quadrature over all weights, from the definition of the network alone.
    func quadrature() -> (mean: [Double], variance: [Double], order: Double) {
      let (l0, l1, t) = (network.lambda0, network.lambda1, network.temperature)
      let size = Double(data.shape.count)
      let f = { (z: [Double], x: [Double]) in
        network.activation(zip(z, x).reduce(0) { $0 + $1.0 * $1.1 } / (l0 * size).squareRoot())
      }
      var (total, order) = (0.0, 0.0)
      var first = [Double](repeating: 0, count: 4)
      var second = first
      let xs = (0..<3).map { data.inputs.column($0) }
      let tests = (0..<4).map { test.column($0) }
      for z in nodes {
        let features = xs.map { f(z, $0) }
        let testFeatures = tests.map { f(z, $0) }
        let prior = z.reduce(0) { $0 + $1 * $1 } / 2
        for k in -275...275 {
          let v = Double(k) * 0.04
          var energy = prior + l1 * v * v / 2
          for mu in 0..<3 {
            let residual = data.targets[mu, 0] - v * features[mu]
            energy += residual * residual / (2 * t)
          }
          let weight = exp(-energy)
          total += weight
          order += weight * l1 * v * v
          for p in 0..<4 {
            first[p] += weight * v * testFeatures[p]
            second[p] += weight * v * v * testFeatures[p] * testFeatures[p]
          }
        }
      }
      let mean = first.map { $0 / total }
      return (mean, zip(second, mean).map { $0 / total - $1 * $1 }, order / total)
    }
  }

  /// Conditional moments averaged over w, and the variance of means added, are those of the whole posterior.
  @Test(arguments: cases.indices) func conditionalMomentsAverageToThePosterior(index: Int) throws {
    let problem = try Problem(Self.cases[index].inputs, Self.cases[index].activation)
    let density = try problem.density
    let layout = density.layout
    var (total, order) = (0.0, 0.0)
    var (mean, second) = ([Double](repeating: 0, count: 4), [Double](repeating: 0, count: 4))
    for node in problem.nodes {
      let weight = exp(density.value(node))
      let record = density.record(node)
      total += weight
      order += weight * record[layout.orderParameter.lowerBound]
      for p in 0..<4 {
        let m = record[layout.means.lowerBound + p]
        mean[p] += weight * m
        second[p] += weight * (m * m + record[layout.variances.lowerBound + p])
      }
    }
    mean = mean.map { $0 / total }
    let exact = problem.quadrature()
    expectClose(mean, exact.mean, 1e-8)
    expectClose(zip(second, mean).map { $0 / total - $1 * $1 }, exact.variance, 1e-8)
    expectClose(order / total, exact.order, 1e-8)
  }

  /// Independent draws from the posterior on the quadrature's nodes: every estimate within 4.5 of its errors of
  /// the exact number, and the errors themselves of the right size.
  @Test(arguments: cases.indices) func estimatesOfIndependentDraws(index: Int) throws {
    let problem = try Problem(Self.cases[index].inputs, Self.cases[index].activation)
    let density = try problem.density
    let nodes = problem.nodes
    var cumulative: [Double] = []
    for node in nodes { cumulative.append((cumulative.last ?? 0) + exp(density.value(node))) }
    let generator = RandomGenerator(seed: 60)
    let draws = (0..<4).map { _ in
      (0..<500).map { _ in
        let u = generator.uniform() * (cumulative.last ?? 0)
        var (low, high) = (0, nodes.count - 1)
        while low < high {
          let middle = (low + high) / 2
          if cumulative[middle] > u { high = middle } else { low = middle + 1 }
        }
        return density.record(nodes[low])
      }
    }
    let sampled = try SampledPosterior(
      draws: draws, layout: density.layout, targets: problem.testTargets, isClassification: true)
    let exact = problem.quadrature()
    let check = { (estimate: Estimate, value: Double, name: String) in
      #expect(abs(estimate.mean - value) <= 4.5 * estimate.standardError, "\(name): \(estimate), \(value)")
      #expect(estimate.standardError > 0 && estimate.standardError < 0.1, "\(name): \(estimate)")
    }
    #expect(sampled.draws == 2000 && sampled.chains == 4)
    check(sampled.orderParameter[0][0], exact.order, "order parameter")
    for p in 0..<4 {
      check(sampled.predictions[p].mean[0], exact.mean[p], "mean \(p)")
      check(sampled.predictions[p].variance[0], exact.variance[p], "variance \(p)")
    }
    let scores = try #require(sampled.scores)
    let bias = (0..<4).reduce(0.0) { $0 + pow(problem.testTargets[$1, 0] - exact.mean[$1], 2) } / 4
    let variance = exact.variance.reduce(0, +) / 4
    let own = try #require(scores.bias)
    let error = try #require(scores.generalizationError)
    check(own, bias, "bias")
    check(scores.variance, variance, "variance")
    check(error, bias + variance, "generalization error")
    expectClose(own.mean + scores.variance.mean, error.mean, 1e-12)
    let hits = (0..<4).count { (exact.mean[$0] > 0) == (problem.testTargets[$0, 0] > 0) }
    let accuracy = try #require(scores.accuracy)
    #expect(abs(accuracy.mean - Double(hits) / 4) <= 4.5 * accuracy.standardError + 1e-12)
    let restored = try JSONDecoder().decode(SampledPosterior.self, from: JSONEncoder().encode(sampled))
    #expect(restored == sampled)
  }

  /// Several outputs, several positions and similarity matrices find their places.
  @Test func places() throws {
    let generator = RandomGenerator(seed: 61)
    for outputs in [1, 3] {
      let problem = SampledProblem(generator, kind: .cnn, outputs: outputs)
      let density = try problem.collapsed(
        ObservedPoints(test: problem.test, similarity: SimilarityPoints(problem.test)))
      let draws = (0..<2).map { _ in (0..<3).map { _ in density.record(density.randomPosition(generator)) } }
      let layout = density.layout
      let targets = problem.test.transposed.selecting(outputs)
      let sampled = try SampledPosterior(draws: draws, layout: layout, targets: targets)
      let average = { (place: Int) in draws.joined().reduce(0) { $0 + $1[place] } / 6 }
      for (pair, place) in zip(layout.orderParameterPairs, layout.orderParameter) {
        expectClose(sampled.orderParameter[pair.row][pair.column].mean, average(place), 1e-12)
        expectClose(sampled.orderParameter[pair.column][pair.row].mean, average(place), 1e-12)
      }
      let names = layout.names
      for (point, output) in [(0, 0), (2, outputs - 1)] {
        let name = outputs == 1 ? "mean[\(point)]" : "mean[\(point),\(output)]"
        let place = try #require(names.firstIndex(of: name))
        expectClose(sampled.predictions[point].mean[output].mean, average(place), 1e-12)
      }
      for matrix in sampled.similarity {
        let (i, j) = (matrix.positions.row, matrix.positions.column)
        let place = try #require(names.firstIndex(of: "similarity[\(i),\(j)][2,1]"))
        expectClose(matrix.matrix[2][1].mean, average(place), 1e-12)
        if i == j { #expect(matrix.matrix[1][2] == matrix.matrix[2][1]) }
      }
      #expect(sampled.scores?.accuracy == nil)
    }
  }

  @Test func whatIsRefused() throws {
    let density = try SampledProblem(RandomGenerator(seed: 62), kind: .fc).collapsed()
    #expect(throws: RenormError.self) { try SampledPosterior(draws: [[]], layout: density.layout) }
    let bad = [Double](repeating: .nan, count: density.layout.count)
    #expect(throws: RenormError.self) { try SampledPosterior(draws: [[bad, bad]], layout: density.layout) }
  }
}

extension Matrix {
  /// The first columns.
  fileprivate func selecting(_ count: Int) -> Matrix { selectingColumns(Array(0..<count)) }
}
