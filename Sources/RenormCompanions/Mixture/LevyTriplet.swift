internal import Foundation
internal import GSLNumerics
public import Renorm
public import RenormSampling

/// What drawn networks say about the triplet of a law.
public enum LevyTriplet {
  /// -log E exp(-t S_p) at several t, from `draws` sums of p nodes.
  ///
  /// - Throws: `RenormError.invalidParameter` for arguments out of range.
  public static func finiteExponents(
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
      return Estimate(mean: 0 - log(mean.mean), standardError: mean.standardError / mean.mean)
    }
  }

  /// The triplet from drawn nodes alone,
  ///
  ///     rho((x, inf)) ~ p P(lambda > x),   a ~ p E[lambda; lambda <= h] - int_0^h w rho(dw),
  ///
  /// for a cut h that is small where p is large (the criterion of convergence of triangular arrays).
  ///
  /// - Throws: `RenormError.invalidParameter` for arguments out of range.
  public static func estimateTriplet(
    _ law: any NodeLaw, width p: Int, at points: [Double], cut h: Double = 0.01, draws: Int, seed: UInt32,
    threads: Int? = nil
  ) throws(RenormError) -> (a: Estimate, tails: [Estimate]) {
    try checkSampling(width: p, draws: draws)
    for x in points where !(x > 0 && x.isFinite) {
      throw .invalidParameter(name: "tail", value: "\(x)", accepted: "positive numbers")
    }
    guard h > 0, h.isFinite else {
      throw .invalidParameter(name: "cut", value: "\(h)", accepted: "a positive number")
    }
    let networks = SeededDraws.map(draws, seed: seed, threads: threads) { random -> [Double] in
      var sums = [Double](repeating: 0, count: 1 + points.count)
      for _ in 0..<p {
        let lambda = law.sampleFinite(width: p, random)
        if lambda <= h { sums[0] += lambda }
        for (k, x) in points.enumerated() where lambda > x { sums[k + 1] += 1 }
      }
      return sums
    }
    let means = (0...points.count).map { k in SampleMoments(networks.map { $0[k] }).mean }
    return (
      Estimate(mean: means[0].mean - law.levyMassBelow(h), standardError: means[0].standardError),
      Array(means.dropFirst())
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
