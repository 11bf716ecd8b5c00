internal import Foundation
package import GSLNumerics
package import Renorm
package import RenormSampling

/// What drawn networks say about the triplet of a law.
package enum LevyTriplet {
  /// -log E exp(-t S_p) at several t, from `draws` sums of p nodes.
  ///
  /// - Throws: `RenormError.invalidParameter` for arguments out of range.
  package static func finiteExponents(
    _ law: any NodeLaw, width p: Int, at times: [Double], draws: Int, seed: UInt32, threads: Int? = nil
  ) throws(RenormError) -> [Estimate] {
    try checkSampling(width: p, draws: draws)
    for t in times where !(t >= 0 && t.isFinite) {
      throw .invalidParameter(name: "laplace", value: "\(t)", accepted: "numbers of at least 0")
    }
    let sums = SeededDraws.map(draws, seed: seed, threads: threads) { random in
      (0..<p).reduce(0.0) { sum, _ in sum + law.sampleFinite(width: p, random) }
    }
    return times.map { t in
      let mean = SampleMoments(sums.map { exp(-t * $0) }).mean
      return Estimate(mean: -log(mean.mean), standardError: mean.standardError / mean.mean)
    }
  }

  /// Estimates of a and of rho((x, inf)) from a sampler of nodes: p P(lambda > x), and p E[lambda; lambda <= h]
  /// less the mass that rho has below h.
  ///
  /// - Parameters:
  ///   - cut: h, small beside the atoms of rho.
  ///   - massBelow: int_0^h w rho(dw).
  package static func estimateTriplet(
    width p: Int, cut: Double, massBelow: Double = 0, tailsAt points: [Double], nodes: Int, seed: UInt32,
    threads: Int? = nil, _ sample: @Sendable (RandomGenerator) -> Double
  ) -> (location: Estimate, tails: [Estimate]) {
    let draws = SeededDraws.map(nodes, seed: seed, threads: threads, block: 1024, sample)
    let width = Double(p)
    let mass = SampleMoments(draws.map { $0 <= cut ? width * $0 : 0 }).mean
    return (
      Estimate(mean: mass.mean - massBelow, standardError: mass.standardError),
      points.map { x in SampleMoments(draws.map { $0 > x ? width : 0 }).mean }
    )
  }

  static func checkSampling(width p: Int, draws: Int) throws(RenormError) {
    guard (1...100_000_000).contains(p) else {
      throw .invalidParameter(name: "p", value: "\(p)", accepted: "a width from 1 to 100000000")
    }
    guard (2...10_000_000).contains(draws) else {
      throw .invalidParameter(name: "draws", value: "\(draws)", accepted: "a number from 2 to 10000000")
    }
  }
}
