import Foundation
import GSLNumerics
import Renorm
import Testing

@testable import RenormSampling

@Suite struct SamplerTests {
  /// Every mean lies within four of its standard errors.
  private func expectMeans(_ draws: Draws, _ means: [Double], sourceLocation: SourceLocation = #_sourceLocation)
  {
    for (k, mean) in means.enumerated() {
      let found = Diagnostics(chains: draws.values(k))
      let error = found.standardError ?? .nan
      #expect(
        abs(found.mean - mean) < 4 * error, "\(draws.quantities[k]): \(found), expected \(mean)",
        sourceLocation: sourceLocation)
      #expect(
        (found.rHat ?? .infinity) < 1.02, "\(draws.quantities[k]): \(found)", sourceLocation: sourceLocation)
    }
  }

  @Test func quarticMoments() throws {
    let density = QuarticDensity()
    let sampler = try Sampler(density, options: SamplingOptions(seed: 7))
    let draws = try sampler.run()
    #expect(draws.isComplete && draws.counts == [1000, 1000, 1000, 1000])
    expectMeans(draws, density.means)
    // Large steps are unstable far out, where the force grows as the cube.
    #expect(draws.divergences < 40)
    for chain in draws.chains {
      // The adaptation reaches its target up to the noise of some hundred transitions.
      #expect(abs(chain.sampling.meanAcceptance - 0.8) < 0.15, "\(chain.sampling.meanAcceptance)")
      #expect(chain.sampling.transitions == 1000 && chain.warmup.transitions == 500)
    }
  }

  /// Deviations from 0.1 to 1, as data leave them of a standard normal prior, and means that are not 0.
  @Test func illConditionedGaussian() throws {
    let deviations = (0..<9).map { pow(10, Double($0) / 8 - 1) }
    let means = deviations.indices.map { Double($0 % 3) - 1 }
    let density = GaussianDensity(mean: means, deviations: deviations)
    let draws = try Sampler(density, options: SamplingOptions(seed: 8)).run()
    expectMeans(draws, means)
    for (k, deviation) in deviations.enumerated() {
      let squares = draws.values(k).map { $0.map { ($0 - means[k]) * ($0 - means[k]) } }
      let found = Diagnostics(chains: squares)
      #expect(abs(found.mean - deviation * deviation) < 4 * (found.standardError ?? .nan), "\(k): \(found)")
    }
  }

  /// Independent draws from the prior for one gradient each: the step is exact, and warmup finds the length.
  @Test(arguments: [1, 100, 2000]) func priorIsCheap(dimension: Int) throws {
    let zeros = [Double](repeating: 0, count: dimension)
    let density = PriorDensity(dimension: dimension)
    let draws = try Sampler(density, options: SamplingOptions(samples: 400, warmup: 300, seed: 9)).run()
    for chain in draws.chains {
      #expect(chain.sampling.gradients <= 3 * 400, "\(chain.sampling)")
      #expect(chain.sampling.meanAcceptance > 0.999)
    }
    let found = Diagnostics(chains: draws.values(0))
    #expect((found.bulkESS ?? 0) > 800, "\(found)")
    #expect(abs(found.mean) < 4 * (found.standardError ?? .nan))
    #expect(zeros.count == dimension)
  }

  @Test func repeatsForAnyNumberOfThreads() throws {
    func draws(seed: UInt32, threads: Int) throws -> Draws {
      let options = SamplingOptions(chains: 3, samples: 60, warmup: 80, seed: seed, threads: threads)
      return try Sampler(QuarticDensity(), options: options).run()
    }
    let one = try draws(seed: 1, threads: 1)
    #expect(try draws(seed: 1, threads: 1) == one)
    #expect(try draws(seed: 1, threads: 2) == one)
    #expect(try draws(seed: 1, threads: 8) == one)
    #expect(try draws(seed: 2, threads: 2).chains != one.chains)
    #expect(Set(one.chains.map(\.values)).count == 3)
  }

  /// The first draws do not depend on how many follow.
  @Test func moreSamplesBeginAlike() throws {
    func draws(_ samples: Int) throws -> Draws {
      try Sampler(QuarticDensity(), options: SamplingOptions(chains: 2, samples: samples, warmup: 50)).run()
    }
    let (short, long) = (try draws(20), try draws(50))
    for (a, b) in zip(short.chains, long.chains) { #expect(Array(b.values.prefix(a.values.count)) == a.values) }
  }

  @Test func fixedStepAndLength() throws {
    let method = HamiltonianOptions(stepSize: 0.25, trajectoryLength: 1)
    let options = SamplingOptions(chains: 1, samples: 200, warmup: 50)
    let chain = try Sampler(QuarticDensity(), method: .hamiltonian(method), options: options).run().chains[0]
    #expect(chain.stepSize == 0.25 && chain.trajectoryLength == 1)
    // Four steps on average.
    #expect(abs(Double(chain.sampling.gradients) / 200 - 4) < 0.5)
  }

  /// Warmup replaces the first length, pi/2, by one that all chains share; of coordinates narrower than the
  /// prior the widest wants about a quarter turn.
  @Test func lengthsAreFound() throws {
    let density = GaussianDensity(mean: [0, 0, 0], deviations: [0.2, 0.5, 1])
    let draws = try Sampler(density, options: SamplingOptions(seed: 3)).run()
    let lengths = draws.chains.map(\.trajectoryLength)
    #expect(lengths[0] != .pi / 2 && lengths.allSatisfy { $0 == lengths[0] })
    #expect(lengths[0] > 0.4 && lengths[0] < 10, "\(lengths)")
  }

  /// A state that trajectories do not move says nothing against short ones: a coordinate of deviation 1/2 turns
  /// by a quarter in pi/4, and beyond one turn longer trajectories only cost.
  @Test func lengthsBesideAState() throws {
    let draws = try Sampler(StateDensity(), options: SamplingOptions(seed: 3)).run()
    #expect(draws.chains[0].trajectoryLength < 4, "\(draws.chains[0].trajectoryLength)")
    expectMeans(draws, [0, 0.3])
  }

  /// A trajectory that is cut has the time of the steps that were made.
  @Test func cutTrajectories() throws {
    let density = GaussianDensity(mean: [0], deviations: [1])
    let random = RandomGenerator(seed: 1)
    var point = PhasePoint(position: [0.5], momentum: [0], gradient: [-0.5], value: -0.125)
    var workspace: Void = density.makeWorkspace()
    let transition = HamiltonianTransition(maximumSteps: 10)
    for (time, isCut) in [(5.0, true), (0.8, false)] {
      let outcome = transition(&point, time: time, stepSize: 0.1, density, &workspace, random)
      #expect(outcome.isTruncated == isCut && abs(outcome.time - min(time, 1)) < 1e-12)
    }
    let method = HamiltonianOptions(stepSize: 0.1, trajectoryLength: 5, maximumSteps: 10)
    let options = SamplingOptions(chains: 1, samples: 30, warmup: 0)
    let counts = try Sampler(density, method: .hamiltonian(method), options: options).run().chains[0].sampling
    #expect(counts.truncated == 30 && counts.gradients == 300 && counts.accepted > 20)
  }

  @Test func divergencesAreCounted() throws {
    let density = GaussianDensity(mean: [0], deviations: [1e-3])
    let method = HamiltonianOptions(stepSize: 1, trajectoryLength: 10)
    let options = SamplingOptions(chains: 1, samples: 20, warmup: 0)
    let draws = try Sampler(density, method: .hamiltonian(method), options: options).run()
    #expect(draws.divergences == 20 && draws.chains[0].sampling.meanAcceptance == 0)
    #expect(draws.chains[0].sampling.accepted == 0)
    // Refused: the chain stays.
    #expect(Set(draws.values(0)[0]).count == 1)
  }

  @Test func withoutAStart() throws {
    let sampler = try Sampler(NowhereDensity(), options: SamplingOptions(chains: 1, samples: 1, warmup: 0))
    #expect(throws: SamplingError.noStart) { try sampler.run() }
  }

  @Test func refusesOptionsOutOfRange() {
    let hamiltonian = [
      HamiltonianOptions(targetAcceptance: 1), HamiltonianOptions(targetAcceptance: .nan),
      HamiltonianOptions(stepSize: 0), HamiltonianOptions(trajectoryLength: .infinity),
      HamiltonianOptions(maximumSteps: 0),
    ].map { SamplingMethod.hamiltonian($0) }
    let langevin = [LangevinOptions(stepSize: -1), LangevinOptions(stepSize: 1, thinning: 0)]
      .map { SamplingMethod.langevin($0) }
    for method in hamiltonian + langevin {
      #expect(throws: RenormError.self) { try Sampler(QuarticDensity(), method: method) }
    }
    let counts = [
      SamplingOptions(chains: 0), SamplingOptions(samples: 0), SamplingOptions(warmup: -1),
      SamplingOptions(threads: 0),
    ]
    for options in counts {
      #expect(throws: RenormError.self) { try Sampler(QuarticDensity(), options: options) }
    }
  }

  @Test func quantitiesByName() throws {
    let options = SamplingOptions(chains: 2, samples: 5, warmup: 5)
    let draws = try Sampler(QuarticDensity(), options: options).run()
    #expect(draws.values(named: "square1") == draws.values(4))
    #expect(draws.values(named: "square1")?.map(\.count) == [5, 5])
    for (x, square) in zip(draws.values(3)[0], draws.values(4)[0]) { #expect(square == x * x) }
    #expect(draws.values(named: "other") == nil)
  }
}

/// The standard normal density, of which the first coordinate is recorded.
private struct PriorDensity: LogDensity {
  let dimension: Int
  var quantities: [String] { ["x"] }

  func makeWorkspace() {}

  func evaluate(_ position: [Double], gradient: inout [Double], _ workspace: inout Void) -> Double {
    for k in position.indices { gradient[k] = -position[k] }
    return position.reduce(0) { $0 - $1 * $1 / 2 }
  }

  func observe(_ position: [Double], _ workspace: inout Void) -> [Double] { [position[0]] }
}

/// A density that cannot be evaluated.
private struct NowhereDensity: LogDensity {
  var dimension: Int { 1 }
  var quantities: [String] { [] }

  func makeWorkspace() {}
  func evaluate(_ position: [Double], gradient: inout [Double], _ workspace: inout Void) -> Double {
    -.infinity
  }
  func observe(_ position: [Double], _ workspace: inout Void) -> [Double] { [] }
}
