import Foundation
import GSLNumerics
import LinearAlgebra
import Renorm
import RenormAction
import Testing

@testable import RenormSampling

/// Steps of scales against sums over their law.
@Suite struct ScaleStepTests {
  static let priors: [any NodePrior] = {
    do {
      return [
        try BernoulliNodePrior(openFraction: 0.3), try GammaNodePrior(shape: 0.5), try GammaNodePrior(shape: 2),
        try GammaNodePrior(shape: 1000), try InverseGammaNodePrior(shape: 3),
        try InverseGammaNodePrior(shape: 0.7), try HorseshoeNodePrior(scale: 1),
      ]
    } catch {
      return []
    }
  }()

  /// What the data might say of a scale: nothing, of one number, of several sharp ones.
  private static let likelihoods = [
    ScaleLikelihood(eigenvalues: [], squares: [], outputs: 1),
    ScaleLikelihood(eigenvalues: [0.8], squares: [3], outputs: 1),
    ScaleLikelihood(eigenvalues: [5, 20, 40], squares: [90, 30, 400], outputs: 2),
  ]

  /// Averages of a long walk of one scale are those of p(tau) p(y | tau), by the sum over the law; a scale
  /// walks far in a step, so 20000 of them are nearly independent. Within 4.5 errors of means of batches.
  @Test(arguments: 0..<7, 0..<3) func invariant(prior: Int, data: Int) throws {
    let law = try #require(Self.priors[prior].law)
    let likelihood = Self.likelihoods[data]
    let step = ScaleStep(law)
    let generator = RandomGenerator(seed: UInt32(10 * prior + data + 1))
    var tau = law.quantile(0.5)
    let walk = (0..<20_000).map { _ in
      tau = step(tau, likelihood, generator)
      return tau
    }
    let largest = law.rule.map { likelihood($0.tau) }.max() ?? 0
    func exact(_ f: (Double) -> Double) -> Double {
      law.expectation { f($0) * exp(likelihood($0) - largest) }
        / law.expectation { exp(likelihood($0) - largest) }
    }
    let statistics: [(Double) -> Double] =
      law.rule[0].tau == 0
      ? [{ $0 > 0 ? 1 : 0 }] : [{ log($0) }, { log($0) * log($0) }, { 1 / (1 + $0) }]
    for (k, f) in statistics.enumerated() {
      let estimate = Estimate.batchMeans([walk.map(f)])
      #expect(
        abs(estimate.mean - exact(f)) < 4.5 * estimate.standardError + 1e-12,
        "\(Self.priors[prior].name), data \(data), \(k): \(estimate), exact \(exact(f))")
    }
  }

  /// Cells as wide as they are leave nearly every step accepted where the data say little.
  @Test(arguments: 0..<7) func acceptance(prior: Int) throws {
    let law = try #require(Self.priors[prior].law)
    guard law.logDensity != nil else { return }
    let step = ScaleStep(law)
    let generator = RandomGenerator(seed: 5)
    var (tau, moved) = (law.quantile(0.3), 0)
    for _ in 0..<2000 {
      let next = step(tau, Self.likelihoods[1], generator)
      if next != tau { moved += 1 }
      tau = next
    }
    #expect(moved > 1500, "\(moved) of 2000")
  }

  /// S and b without a unit from those with it.
  @Test(arguments: UInt32(1)...5) func withoutTheUnit(seed: UInt32) throws {
    let generator = RandomGenerator(seed: seed)
    let root = Matrix(rows: 3, columns: 3) { _, _ in generator.gaussian() }
    let s = root * root.asTranspose
    let b = Matrix(rows: 3, columns: 2) { _, _ in generator.gaussian() }
    let tau = 3 * generator.uniform()
    var gain = tau * s
    for k in 0..<3 { gain[k, k] += 1 }
    let inverse = Naive.inverse(gain)
    let found = try #require(
      ScaleLikelihood(present: (s * inverse).symmetricPart, inverse.transposed * b, tau: tau))
    let expected = try #require(ScaleLikelihood(present: s, b, tau: 0))
    for other in [0.0, 0.5, 2, 30] {
      expectClose(found(other), expected(other), relative: 1e-9, absolute: 1e-11, "seed \(seed)")
    }
    #expect(ScaleLikelihood(present: Matrix(rows: 1, columns: 1, elements: [1]), b, tau: 1) == nil)
  }
}
