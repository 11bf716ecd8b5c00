import Foundation
import GSLNumerics
import LinearAlgebra
import Renorm
import RenormAction
import Testing

@testable import RenormSampling

/// Densities of networks with a node prior.
@Suite struct ScaledDensityTests {
  private static let kinds: [SampledProblem.Kind] = [.fc, .cnn, .meanPool, .exponential]

  private func network(_ problem: SampledProblem, _ prior: any NodePrior) throws -> Network {
    var description = try problem.network().description
    description[.nodePrior] = .name(prior.name)
    description[.nodeParameter] = prior.parameters[.nodeParameter]
    return try Network(description)
  }

  private func scales(_ count: Int, _ generator: RandomGenerator) -> [Double] {
    (0..<count).map { $0 % 3 == 1 ? 0 : exp(generator.gaussian()) }
  }

  /// The gradient by weights at given scales, closed units among them, against differences of fourth order.
  @Test(arguments: kinds, [true, false]) func gradient(kind: SampledProblem.Kind, isCollapsed: Bool) throws {
    for seed in UInt32(1)...6 {
      let generator = RandomGenerator(seed: 700 + seed)
      let problem = SampledProblem(generator, kind: kind)
      let network = try network(problem, GammaNodePrior(shape: 2))
      func check(_ density: some LogDensity) {
        let free = density.randomPosition(generator)
        let tau = scales(density.stateCount, generator)
        #expect(tau.count == problem.units)
        let differences = free.indices.map { k in
          let shifted = { (steps: Double) in
            var shifted = free
            shifted[k] += steps * 1e-3
            return density.value(shifted + tau)
          }
          return (8 * (shifted(1) - shifted(-1)) - (shifted(2) - shifted(-2))) / (12 * 1e-3)
        }
        expectClose(density.gradient(free + tau), differences, 1e-8, "seed \(seed), \(problem)")
      }
      if isCollapsed {
        for side in [ReadoutPosterior.Side.examples, .features] {
          check(try CollapsedDensity(network, problem.data, observing: ObservedPoints(), side: side))
        }
      } else {
        check(try FullDensity(network, problem.data))
      }
    }
  }

  /// tau = 1 for all units is the network without a node prior, number by number.
  @Test(arguments: kinds) func unitScales(kind: SampledProblem.Kind) throws {
    for seed in UInt32(1)...6 {
      let generator = RandomGenerator(seed: 720 + seed)
      let problem = SampledProblem(generator, kind: kind)
      let points = ObservedPoints(test: problem.test)
      let scaled = try network(problem, GammaNodePrior(shape: 2))
      let ones = [Double](repeating: 1, count: problem.units)
      for side in [ReadoutPosterior.Side.examples, .features] {
        let plain = try problem.collapsed(points, side: side)
        let density = try CollapsedDensity(scaled, problem.data, observing: points, side: side)
        let position = plain.randomPosition(generator)
        // Readouts are drawn with a seed that the scales are part of.
        let (record, end) = (density.record(position + ones), plain.layout.virials.upperBound)
        #expect(
          plain.record(position)[..<end] == record[..<end] && record.last == 0, "seed \(seed), \(problem)")
      }
      let plain = try problem.full(points)
      let density = try FullDensity(scaled, problem.data, observing: points)
      let position = plain.randomPosition(generator)
      #expect(
        plain.record(position) + [0] == density.record(position + ones), "seed \(seed), \(problem)")
    }
  }

  /// Sizes of readouts are those of v_a = tau_a^(1/2) zeta_a: of one open unit, and of closed ones.
  @Test func readouts() throws {
    let generator = RandomGenerator(seed: 730)
    let problem = SampledProblem(generator, kind: .fc, outputs: 1, units: 4)
    let network = try network(problem, BernoulliNodePrior(openFraction: 0.25))
    let full = try FullDensity(network, problem.data)
    let weights = full.randomPosition(generator)
    var tau = [Double](repeating: 0, count: problem.units)
    tau[1] = 4
    let zeta = weights[full.hiddenWeights + 1]
    let sizes = Array(full.record(weights + tau)[full.layout.readoutSizes])
    expectClose(sizes, [2 * abs(zeta)] + sizes.dropFirst().map { _ in 0 }, 1e-14)
    let collapsed = try CollapsedDensity(network, problem.data)
    let drawn = collapsed.record(weights[..<full.hiddenWeights] + tau)[collapsed.layout.readoutSizes]
    #expect(drawn.first.map { $0 > 0 } == true && drawn.dropFirst().allSatisfy { $0 == 0 })
  }

  /// What a move asks of the data for each unit is the change of log p(y) with its scale, also after the scales
  /// of the units before it have changed and where a unit explains nearly all; values by the density itself.
  @Test(arguments: kinds, [ReadoutPosterior.Side.examples, .features])
  func likelihoods(kind: SampledProblem.Kind, side: ReadoutPosterior.Side) throws {
    for seed in UInt32(1)...6 {
      let generator = RandomGenerator(seed: 740 + seed)
      let problem = SampledProblem(generator, kind: kind)
      let density = try CollapsedDensity(
        network(problem, HorseshoeNodePrior(scale: 1)), problem.data, observing: ObservedPoints(), side: side)
      let weights = density.randomPosition(generator)
      var tau = scales(problem.units, generator)
      if seed == 6 { tau[0] = 1e9 }
      let workspace = density.makeWorkspace()
      _ = workspace.network.weights.buffer.update(fromContentsOf: weights + tau)
      let layer = density.model.layer
      let features = layer.computeFeatures(
        workspace.network.weights.pointer, density.model.training, workspace.network.training)
      var units = try #require(
        ScaledUnits(
          layer, density.readout, features, workspace.network.weights.pointer + density.dimension,
          workspace.network.derivatives, workspace.readout))
      for a in tau.indices {
        let next = generator.uniform() < 0.3 ? 0 : exp(2 * generator.gaussian())
        _ = units.update(a) { present, likelihood in
          #expect(present == tau[a])
          for other in [0.3, 4.0, 1e4] {
            var (changed, closed) = (tau, tau)
            (changed[a], closed[a]) = (other, 0)
            let difference = density.value(weights + changed) - density.value(weights + closed)
            expectClose(
              likelihood(other), difference, relative: 1e-7, absolute: 1e-7,
              "seed \(seed), unit \(a), \(problem)")
          }
          return next
        }
        tau[a] = next
      }
    }
  }

  /// Without data moves draw scales from their prior: E log tau in closed form, and the part of open units; and
  /// trajectories do not touch them.
  @Test(arguments: [true, false]) func prior(isCollapsed: Bool) throws {
    // digamma(1/2) and digamma(3).
    let half = -1.9635100260214235
    let three = 0.9227843350984671
    let cases: [(any NodePrior, Double)] = [
      (try BernoulliNodePrior(openFraction: 0.3), 0.3),
      (try GammaNodePrior(shape: 0.5), half - log(0.5)), (try InverseGammaNodePrior(shape: 3), log(2) - three),
      (try HorseshoeNodePrior(scale: 0.2), 2 * log(0.2)),
    ]
    for (prior, exact) in cases {
      let shape = ImageShape(channels: 1, height: 1, width: 2)
      let data = Dataset(
        shape: shape, inputs: Matrix(rows: 2, columns: 0), targets: Matrix(rows: 0, columns: 1))
      let network = try Network(
        architecture: FullyConnected(), width: .finite(20), temperature: 1, nodePrior: prior)
      let sampled = try #require(
        try network.sample(
          data, sampler: isCollapsed ? .collapsed() : .full(),
          options: SamplingOptions(samples: 500, warmup: 50, seed: 3)))
      let scales = try #require(sampled.estimates.scales)
      #expect(
        abs(scales.mean - exact) < 4.5 * scales.standardError, "\(prior.name): \(scales), exact \(exact)")
      #expect(abs(sampled.estimates.weightNorm.mean - 1) < 4.5 * sampled.estimates.weightNorm.standardError)
      // <tau zeta^2> = E tau given the scales; the horseshoe has no mean.
      guard prior.law?.mean.isFinite == true else { continue }
      let order = sampled.estimates.orderParameter[0][0]
      #expect(abs(order.mean - 1) < 4.5 * order.standardError, "\(prior.name): \(order)")
    }
  }

  /// A run that is interrupted continues with the scales it had, bit by bit.
  @Test func checkpoint() throws {
    let problem = SampledProblem(RandomGenerator(seed: 761), kind: .cnn, outputs: 1, units: 4)
    let network = try network(problem, BernoulliNodePrior(openFraction: 0.5))
    let path = NSTemporaryDirectory() + "renorm-scales-\(UUID().uuidString).npz"
    defer { try? FileManager.default.removeItem(atPath: path) }
    func run(_ samples: Int, _ file: CheckpointFile?) throws -> SampledNetwork {
      try #require(
        try network.sample(
          problem.data, options: SamplingOptions(chains: 2, samples: samples, warmup: 60), checkpoint: file))
    }
    _ = try run(10, CheckpointFile(path: path))
    #expect(try run(40, CheckpointFile(path: path)).draws == run(40, nil).draws)
    #expect(throws: SamplingError.self) {
      try problem.network().sample(
        problem.data, options: SamplingOptions(chains: 2, samples: 10, warmup: 60),
        checkpoint: CheckpointFile(path: path))
    }
  }

  @Test func langevinIsRefused() throws {
    let problem = SampledProblem(RandomGenerator(seed: 762), kind: .fc)
    let network = try network(problem, GammaNodePrior(shape: 1))
    #expect(throws: RenormError.self) {
      try network.sample(problem.data, sampler: .langevin(LangevinOptions(stepSize: 0.01)))
    }
  }
}
