import RenormSampling
import Testing

@Suite struct LangevinTests {
  private func draws(_ deviation: Double, _ method: LangevinOptions, samples: Int = 4000) throws -> [[Double]] {
    let density = GaussianDensity(mean: [0.5], deviations: [deviation])
    let options = SamplingOptions(samples: samples, warmup: 500, seed: 4)
    return try Sampler(density, method: .langevin(method), options: options).run().values(0)
  }

  private func variance(_ chains: [[Double]]) -> (Double, Double) {
    let found = Diagnostics(chains: chains.map { $0.map { ($0 - 0.5) * ($0 - 0.5) } })
    return (found.mean, found.standardError ?? .nan)
  }

  /// x' = (1 - e/s^2) x + (2 e)^(1/2) xi has the stationary variance s^2/(1 - e/(2 s^2)); the mean has no bias.
  @Test(arguments: [(1, 1), (1, 0.4), (1, 0.05), (2, 1.5), (0.7, 0.3)])
  func knownBias(deviation: Double, step: Double) throws {
    let chains = try draws(deviation, LangevinOptions(stepSize: step, thinning: 5))
    let square = deviation * deviation
    let (found, error) = variance(chains)
    #expect(abs(found - square / (1 - step / (2 * square))) < 4 * error)
    // The bias itself is seen where it is large.
    if step / square > 0.3 { #expect(found - square > 4 * error) }
    let mean = Diagnostics(chains: chains)
    #expect(abs(mean.mean - 0.5) < 4 * (mean.standardError ?? .nan))
  }

  /// Beyond twice the variance the dynamics run away; it ends in steps that are left out, not in a crash.
  @Test func tooLargeAStep() throws {
    let density = GaussianDensity(mean: [0], deviations: [1])
    let method = LangevinOptions(stepSize: 5, thinning: 1000)
    let options = SamplingOptions(chains: 1, samples: 5, warmup: 0)
    let draws = try Sampler(density, method: .langevin(method), options: options).run()
    #expect(draws.divergences > 0)
    #expect(!draws.values(0)[0].contains { !$0.isFinite })
  }

  @Test func repeats() throws {
    let options = LangevinOptions(stepSize: 0.1, thinning: 2)
    #expect(try draws(1, options, samples: 50) == draws(1, options, samples: 50))
  }
}
