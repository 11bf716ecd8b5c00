import Foundation
import GSLNumerics
import LinearAlgebra
import Renorm
import RenormAction
import Testing

@testable import RenormSampling

@Suite struct PruningTests {
  /// Shares against draws of units, and in closed form for Gaussian weights: c = erfc(x/sqrt 2).
  @Test func shares() throws {
    let gaussian = try #require(NodeWeights(nil, orderParameter: 0.7))
    for x in [0.5, 1.0, 2] {
      let tail = erfc(x / 2.0.squareRoot())
      expectClose(
        gaussian.share(kept: tail), tail + x * (2 / Double.pi).squareRoot() * exp(-x * x / 2), relative: 1e-10)
    }
    #expect(gaussian.share(kept: 0) == 0 && gaussian.share(kept: 1) == 1)
    // Closed units first: a spike and slab keeps all with its open units.
    let law = try #require(try BernoulliNodePrior(openFraction: 0.3).law)
    let spike = try #require(NodeWeights(law, orderParameter: 1))
    expectClose(spike.above(0), 0.3, relative: 1e-12)
    #expect(spike.share(kept: 0.3) == 1 && spike.share(kept: 0.29) < 1)
    expectClose(spike.square(above: 0), 1, relative: 1e-12)
    expectClose(spike.share(kept: 0.1), gaussian.share(kept: 1.0 / 3), relative: 1e-10)
    // Heavy tails: few units carry most.
    let heavy = try #require(
      NodeWeights(try HorseshoeNodePrior(scale: 0.1).law, orderParameter: 0.7))
    #expect(heavy.share(kept: 0.1) > 0.9 && heavy.share(kept: 0.1) > 2 * gaussian.share(kept: 0.1))
    expectClose(heavy.square(above: 0), 0.7, relative: 1e-9)
  }

  /// Errors of one position by their definition: all units, none, and the larger ones.
  @Test(arguments: [SampledProblem.Kind.fc, .cnn, .exponential]) func definition(kind: SampledProblem.Kind)
    throws
  {
    let generator = RandomGenerator(seed: 33)
    let problem = SampledProblem(generator, kind: kind, units: 4)
    let outputs = problem.targets.columns
    let targets = Matrix(rows: 3, columns: outputs) { _, _ in generator.gaussian() }
    let points = ObservedPoints(
      test: problem.test, pruned: PrunedUnits(kept: [1, 0, 0.5], targets: targets))
    let density = try problem.full(points)
    let position = density.randomPosition(generator)
    let record = density.record(position)
    let layout = density.layout
    func error(_ record: [Double]) -> Double {
      (0..<3).reduce(0.0) { sum, p in
        (0..<outputs).reduce(sum) { sum, d in
          let residual = targets[p, d] - record[layout.mean(p, output: d)]
          return sum + residual * residual
        }
      } / Double(3 * outputs)
    }
    let places = Array(layout.pruned)
    expectClose(record[places[0]], error(record), relative: 1e-12)
    let square = targets.elements.reduce(0) { $0 + $1 * $1 }
    expectClose(record[places[1]], square / Double(3 * outputs), relative: 1e-12)
    // The network with the readout of the two smaller units set to zero.
    let rank = density.model.layer.rank
    func index(_ a: Int, _ b: Int, _ d: Int) -> Int { density.hiddenWeights + a + 4 * (b + rank * d) }
    func size(_ a: Int) -> Double {
      (0..<rank).reduce(0.0) { sum, b in
        (0..<outputs).reduce(sum) { $0 + position[index(a, b, $1)] * position[index(a, b, $1)] }
      }
    }
    var smaller = position
    for a in (0..<4).sorted(by: { size($0) < size($1) }).prefix(2) {
      for b in 0..<rank { for d in 0..<outputs { smaller[index(a, b, d)] = 0 } }
    }
    expectClose(record[places[2]], error(density.record(smaller)), relative: 1e-12)
  }

  /// A wide linear network: theory and single networks agree, with and without node scales. At N = 120 and P = 12
  /// what leading order leaves, and the noise of which units are kept, is below five percent.
  @Test(.slow("many draws"), arguments: [("none", 1.0), ("bernoulli", 0.5), ("gamma", 1)]) func theory(
    prior: String, parameter: Double
  )
    throws
  {
    let generator = RandomGenerator(seed: 34)
    func dataset(_ count: Int) -> Dataset {
      let inputs = Matrix(rows: 12, columns: count) { _, _ in generator.gaussian() }
      return Dataset(
        shape: ImageShape(channels: 1, height: 1, width: 12), inputs: inputs,
        targets: Matrix(rows: count, columns: 1) { p, _ in inputs[0, p] + 0.5 * inputs[3, p] })
    }
    let (data, test) = (dataset(12), dataset(30))
    let nodes: any NodePrior =
      prior == "none"
      ? NoNodePrior() : try NodePriors.builtIn.named(prior, [.nodeParameter: .number(parameter)])
    let network = try Network(
      architecture: FullyConnected(), activation: Linear(), width: .finite(120), temperature: 0.1,
      lambda1: 0.4, nodePrior: nodes)
    let kept = [1, 0.5, 0.2, 0.05, 0]
    let posterior = try network.fit(data)
    let theory = try #require(
      try PrunedTheory(posterior, posterior.predict(test.inputs), test: test, kept: kept))
    let sampled = try #require(
      try network.sample(
        data, predicting: test, kept: kept, sampler: .full(),
        options: SamplingOptions(chains: 2, samples: 300, warmup: 150, seed: 6)))
    for (row, estimate) in zip(theory.rows, sampled.estimates.pruned) {
      #expect(
        abs(row.error / estimate.mean - 1) < 0.05 + 4 * estimate.standardError / estimate.mean,
        "\(prior), \(row), sampled \(estimate)")
    }
    #expect(theory.rows[0].share == 1 && theory.rows[4].share == 0)
  }

  @Test func refusals() throws {
    let problem = SampledProblem(RandomGenerator(seed: 35), kind: .fc)
    let test = Dataset(
      shape: problem.shape, inputs: problem.test,
      targets: Matrix(rows: 3, columns: problem.targets.columns))
    let network = try problem.network()
    #expect(throws: RenormError.self) { try network.sample(problem.data, predicting: test, kept: [0.5]) }
    #expect(throws: RenormError.self) { try network.sample(problem.data, kept: [0.5], sampler: .full()) }
    for bad in [-0.1, 1.1, .nan] {
      #expect(throws: RenormError.self) {
        try network.sample(problem.data, predicting: test, kept: [bad], sampler: .full())
      }
    }
  }
}
