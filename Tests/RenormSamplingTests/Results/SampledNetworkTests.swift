import Foundation
import GSLNumerics
import LinearAlgebra
import Renorm
import RenormFiles
import Testing

@testable import RenormSampling

/// What `Network.sample` refuses, and what its draws are begun and recorded with.
@Suite struct SampledNetworkTests {
  private func problem(_ kind: SampledProblem.Kind = .fc, seed: UInt32 = 5) -> SampledProblem {
    SampledProblem(RandomGenerator(seed: seed), kind: kind, outputs: 1, units: 3, count: 4)
  }

  private let short = SamplingOptions(chains: 1, samples: 5, warmup: 5)

  /// Options of the method are checked before any work, of every sampler.
  @Test func optionsOfTheMethod() throws {
    let problem = problem()
    let samplers: [NetworkSampler] = [
      .collapsed(HamiltonianOptions(targetAcceptance: 1)), .full(HamiltonianOptions(stepSize: -1)),
      .langevin(LangevinOptions(stepSize: 0)),
    ]
    for sampler in samplers {
      #expect(throws: RenormError.self, "\(sampler)") {
        try SamplingJob(problem.network(), problem.data, sampler: sampler)
      }
    }
  }

  @Test func tooManyDrawsForTheMemory() throws {
    let problem = problem()
    for options in [
      SamplingOptions(samples: 1_000_000_000, memoryLimit: 1 << 34), SamplingOptions(memoryLimit: 1000),
    ] {
      #expect {
        try problem.network().sample(problem.data, options: options)
      } throws: { error in
        if case RenormError.outOfMemory = error {
          "\(error)".contains("can be used; take fewer")
        } else {
          false
        }
      }
    }
  }

  /// The estimate is not below what draws and chains hold.
  @Test(arguments: SampledProblem.Kind.allCases) func memoryEstimate(kind: SampledProblem.Kind) throws {
    let problem = problem(kind)
    let density = try problem.collapsed(ObservedPoints(test: problem.test))
    let memory = SamplingMemory(
      layer: density.model.layer, layout: density.layout, examples: problem.inputs.columns, isCollapsed: true)
    #expect(memory.dimension == density.dimension)
    let network = density.makeWorkspace().network
    let held =
      network.weights.count + network.derivatives.count + network.spare.count + network.cross.count
    let options = SamplingOptions(chains: 2, samples: 100, threads: 2)
    #expect(memory.bytes(options) > 8 * (2 * held + 200 * density.layout.count))
    #expect(try problem.full().makeWorkspace().network.spare.count == 0)
  }

  /// Chains of Langevin dynamics start at the prior of the weights too: lambda0 w^2 is 1 on average.
  @Test func langevinStartsAtThePrior() throws {
    let generator = RandomGenerator(seed: 6)
    var problem = SampledProblem(generator, kind: .fc, outputs: 1, units: 100, count: 2)
    (problem.lambda0, problem.lambda1) = (0.01, 30)
    let method = LangevinOptions(stepSize: 1e-12, thinning: 1)
    let options = SamplingOptions(chains: 4, samples: 1, warmup: 0)
    let estimates = try #require(
      try problem.network().sample(problem.data, sampler: .langevin(method), options: options)
    ).estimates
    // 4 x 100 units with at least nine weights each, and one readout weight.
    #expect(abs(estimates.weightNorm.mean - 1) < 0.1, "\(estimates.weightNorm)")
    #expect(abs(estimates.orderParameter[0][0].mean - 1) < 0.3, "\(estimates.orderParameter)")
  }

  /// The default step of Langevin dynamics times the largest curvature along draws from the prior, by
  /// differences of the gradient; 1/4 was asked for, and the second derivatives that Gauss and Newton leave
  /// out may add to it.
  @Test(
    arguments: [Erf(), ReLU(), Linear()] as [any DifferentiableActivation],
    [(0.1, 0.1), (1, 0.2), (0.05, 1), (2, 5)])
  func langevinStep(activation: any DifferentiableActivation, lambda: (Double, Double)) throws {
    for kind in SampledProblem.Kind.allCases {
      let generator = RandomGenerator(seed: 7)
      var problem = SampledProblem(
        generator, kind: kind, activation: activation, outputs: 1, units: 20, count: 10)
      (problem.lambda0, problem.lambda1, problem.temperature) = (lambda.0, lambda.1, 0.01)
      let epsilon = try problem.network().langevinStepSize(for: problem.data)
      let density = try problem.full(coordinates: .weights)
      let position = density.initialPosition(density.randomPosition(generator))
      var direction = density.randomPosition(generator)
      var curvature = 0.0
      for _ in 0..<60 {
        let norm = direction.reduce(0) { $0 + $1 * $1 }.squareRoot()
        direction = direction.map { $0 / norm }
        let shifted = { (h: Double) in density.gradient(zip(position, direction).map { $0 + h * $1 }) }
        direction = zip(shifted(1e-5), shifted(-1e-5)).map { ($1 - $0) / 2e-5 }
        curvature = direction.reduce(0) { $0 + $1 * $1 }.squareRoot()
      }
      #expect(epsilon * curvature < 0.5, "\(problem): \(epsilon * curvature)")
      #expect(epsilon * curvature > 1e-3, "\(problem): \(epsilon * curvature)")
    }
  }

  /// 144 positions have 10440 entries; only those on the diagonal are recorded, and the others are not known.
  @Test func diagonalOfManyPositions() throws {
    var problem = problem(.cnn)
    (problem.shape, problem.mask, problem.stride) = (
      ImageShape(channels: 1, height: 12, width: 12), Extent(1), Extent(1)
    )
    let generator = RandomGenerator(seed: 8)
    problem.inputs = Matrix(rows: 144, columns: 4) { _, _ in generator.gaussian() }
    let sampled = try #require(try problem.network().sample(problem.data, options: short))
    #expect(sampled.layout.hasDiagonalOnly && sampled.layout.orderParameterPairs.count == 144)
    let order = sampled.estimates.orderParameter
    for i in 0..<144 {
      for j in 0..<144 { #expect(order[i][j].mean.isNaN == (i != j)) }
    }
    #expect(sampled.warnings.contains { $0.contains("only the diagonal of the order parameter") })
    // The diagonal is that of the whole matrix.
    let density = try problem.collapsed()
    let position = density.randomPosition(generator)
    let dense = DenseNetwork(problem: problem, weights: position)
    expectClose(dense.positions == 144 ? 1 : 0, 1, 0)
    #expect(density.record(position)[density.layout.orderParameter].allSatisfy { $0 > 0 })
    // Beyond it the advice is about positions.
    problem.shape = ImageShape(channels: 1, height: 101, width: 101)
    problem.inputs = Matrix(rows: 101 * 101, columns: 1)
    problem.targets = Matrix(rows: 1, columns: 1)
    #expect {
      try problem.collapsed()
    } throws: { "\($0)".contains("larger stride or mask") }
    // An LCN has no other entries.
    #expect(try self.problem(.lcn).collapsed().layout.hasDiagonalOnly == false)
  }

  /// Every field of the network and the points that are observed are part of a checkpoint's identity.
  @Test func checkpointsOfOtherNetworksAndPoints() throws {
    let path = NSTemporaryDirectory() + "renorm-" + UUID().uuidString + ".npz"
    defer { try? FileManager.default.removeItem(atPath: path) }
    let problem = problem(.cnn)
    let file = CheckpointFile(path: path)
    func test(_ problem: SampledProblem) -> Dataset {
      Dataset(shape: problem.shape, inputs: problem.test, targets: Matrix(rows: 3, columns: 1))
    }
    _ = try problem.network().sample(
      problem.data, predicting: test(problem), options: short, checkpoint: file)
    var others = [SampledProblem](repeating: problem, count: 6)
    others[0].lambda1 *= 2
    others[1].temperature *= 2
    others[2].kind = .exponential
    others[3].test[0, 0] += 1
    others[4].targets[0, 0] += 1
    others[5].activation = ReLU()
    let names = ["lambda1", "temperature", "lengthScale", "test points", "training examples", "activation"]
    for (other, name) in zip(others, names) {
      #expect {
        _ = try SamplingJob(
          other.network(),
          other.data, predicting: test(other), options: short, checkpoint: file)
      } throws: { error in
        if case SamplingError.foreignCheckpoint(_, name, _, _) = error { true } else { false }
      }
    }
    _ = try SamplingJob(
      problem.network(),
      problem.data, predicting: test(problem), options: short, checkpoint: file)
  }
}
