import Foundation
import GSLNumerics
import LinearAlgebra
import Renorm
import Testing

@testable import RenormSampling

/// Weights drawn from the prior, targets drawn given them: among draws from the posterior of those targets the
/// true values have uniform ranks (Talts, Betancourt, Simpson, Vehtari and Gelman 2018).
@Suite(.slow("many draws"))
struct SimulationBasedCalibrationTests {
  private static let kept = 31
  private static let thinning = 8
  private static let repetitions = 320
  private static let bins = 8

  @Test(arguments: [0, 1, 2]) func ranksAreUniform(kind: Int) throws {
    let generator = RandomGenerator(seed: UInt32(7_000 + kind))
    let architectures: [any Architecture] = [
      FullyConnected(), Convolutional(mask: Extent(1)), LocallyConnected(mask: Extent(1)),
    ]
    let activation: any Activation = kind == 2 ? ReLU() : Erf()
    let network = try Network(
      architecture: architectures[kind], activation: activation, width: .finite(2), temperature: 0.2,
      lambda0: 0.5,
      lambda1: 0.7)
    let shape = ImageShape(channels: 1, height: 1, width: 2)
    let inputs = Matrix(rows: 2, columns: 4) { _, _ in generator.gaussian() }
    let test = Matrix(rows: 2, columns: 1) { _, _ in generator.gaussian() }
    var counts: [[Double]] = []
    for repetition in 0..<Self.repetitions {
      // Targets of weights from the prior: y = f(x) + noise is N(0, A(w)), by a readout drawn from its prior.
      let blank = Dataset(shape: shape, inputs: inputs, targets: Matrix(rows: 4, columns: 1))
      let full = try FullDensity(
        network, blank, observing: ObservedPoints(test: inputs), coordinates: .standardNormal)
      let truth = (0..<full.dimension).map { _ in generator.gaussian() }
      var fullWorkspace = full.makeWorkspace()
      var unused = truth
      _ = full.evaluate(truth, gradient: &unused, &fullWorkspace)
      let functions = full.observe(truth, &fullWorkspace)
      let noise = network.temperature.squareRoot()
      let targets = Matrix(rows: 4, columns: 1) { p, _ in
        functions[full.layout.means.lowerBound + p] + noise * generator.gaussian()
      }
      let density = try CollapsedDensity(
        network, Dataset(shape: shape, inputs: inputs, targets: targets), observing: ObservedPoints(test: test))
      var workspace = density.makeWorkspace()
      let weights = Array(truth.prefix(density.dimension))
      var gradient = weights
      _ = density.evaluate(weights, gradient: &gradient, &workspace)
      let expected = density.observe(weights, &workspace)
      let draws = try Sampler(
        density,
        options: SamplingOptions(
          chains: 1, samples: Self.kept * Self.thinning, warmup: 200, seed: UInt32(repetition), threads: 1)
      ).run()
      if counts.isEmpty {
        counts = [[Double]](repeating: [Double](repeating: 0, count: Self.bins), count: expected.count)
      }
      for (quantity, value) in expected.enumerated() {
        let chain = draws.values(quantity)[0]
        // What is exactly 0 in every draw has no rank.
        guard value != 0 || chain.contains(where: { $0 != 0 }) else { continue }
        let rank = stride(from: 0, to: chain.count, by: Self.thinning).count { chain[$0] < value }
        counts[quantity][rank * Self.bins / (Self.kept + 1)] += 1
      }
    }
    // Chi squared of 7 degrees of freedom exceeds 26 in one of 2000 cases.
    let mean = Double(Self.repetitions) / Double(Self.bins)
    for (name, count) in zip(try quantities(network, inputs, shape), counts)
    where count.contains(where: { $0 > 0 }) {
      let chiSquared = count.reduce(0) { $0 + ($1 - mean) * ($1 - mean) / mean }
      #expect(chiSquared < 26, "\(name): \(count)")
    }
  }

  private func quantities(_ network: Network, _ inputs: Matrix, _ shape: ImageShape) throws -> [String] {
    let blank = Dataset(shape: shape, inputs: inputs, targets: Matrix(rows: 4, columns: 1))
    return try CollapsedDensity(
      network, blank, observing: ObservedPoints(test: inputs.selectingColumns(0..<1))
    ).quantities
  }
}
