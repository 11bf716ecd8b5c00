import RenormSampling
import Testing

@Suite struct LangevinTests {
  private func draws(_ deviation: Double, _ options: LangevinOptions, samples: Int = 4000) throws -> [[Double]]
  {
    let density = GaussianDensity(mean: [0.5], deviations: [deviation])
    let options = SamplingOptions(samples: samples, warmup: 500, seed: 4, method: .langevin(options))
    return try Sampler(density, options: options).run().values(0)
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

  @Test(arguments: [1.0, 0.3]) func adjustmentRemovesTheBias(step: Double) throws {
    let (found, error) = variance(try draws(1, LangevinOptions(stepSize: step, thinning: 5, isAdjusted: true)))
    #expect(abs(found - 1) < 4 * error)
  }

  @Test func adjustedMomentsOfANonGaussian() throws {
    let density = QuarticDensity()
    let method = LangevinOptions(stepSize: 0.2, thinning: 10, isAdjusted: true)
    let options = SamplingOptions(samples: 3000, warmup: 200, seed: 3, method: .langevin(method))
    let draws = try Sampler(density, options: options).run()
    for (k, mean) in density.means.enumerated() {
      let found = Diagnostics(chains: draws.values(k))
      #expect(abs(found.mean - mean) < 4 * (found.standardError ?? .nan), "\(draws.quantities[k]): \(found)")
    }
    for chain in draws.chains {
      #expect(chain.sampling.meanAcceptance > 0.6 && chain.sampling.meanAcceptance < 1)
    }
  }

  /// Beyond twice the variance the dynamics run away; it ends in steps that are left out, not in a crash.
  @Test func tooLargeAStep() throws {
    let density = GaussianDensity(mean: [0], deviations: [1])
    let method = LangevinOptions(stepSize: 5, thinning: 1000)
    let options = SamplingOptions(chains: 1, samples: 5, warmup: 0, method: .langevin(method))
    let draws = try Sampler(density, options: options).run()
    #expect(draws.divergences > 0)
    #expect(!draws.values(0)[0].contains { !$0.isFinite })
  }

  @Test func repeats() throws {
    let options = LangevinOptions(stepSize: 0.1, thinning: 2)
    #expect(try draws(1, options, samples: 50) == draws(1, options, samples: 50))
  }
}
