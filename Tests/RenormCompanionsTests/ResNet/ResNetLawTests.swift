import Foundation
import Renorm
import Testing

@testable import RenormCompanions

@Suite struct ResNetLawTests {
  private func law(
    _ n: Int, _ d: Int, _ alphas: [Double], _ lambdas: [Double], _ gating: ResNetShape.Gating = .vanilla
  ) throws -> ResNetLaw {
    ResNetLaw(try ResNetShape(width: n, depth: d, alphas: alphas, lambdas: lambdas, gating: gating))
  }

  /// Test vectors of an independent implementation.
  @Test func tabulatedNetworks() throws {
    let half = 0.5.squareRoot()
    let equal = try law(100, 100, [half], [half])
    expectNear(equal.mean, -1.95623697, 1e-8)
    expectNear(equal.variance, 5.33570355, 1e-8)
    expectNear(equal.beta, 2.25, 1e-12)
    expectNear(equal.hypoactivation, -0.83123697, 1e-8)
    expectNear(equal.interlayer, 3.08570355, 1e-8)
    #expect(abs(exp(equal.mean + equal.variance / 2) - 2.04) < 0.005)
    let unequal = try law(20, 3, [1, 0.8, 0.6], [0.5, 0.6, 0.8])
    expectNear(unequal.logScale + unequal.mean, 0.05962484, 1e-8)
    expectNear(unequal.variance, 0.36515847, 1e-8)
    expectNear(unequal.beta, 0.26896, 1e-8)
  }

  /// The limits d -> infinity per d/n, and of late layers; the network is deep enough for six digits.
  @Test(arguments: [
    (0.05, 0.2025, -0.143739, 0.517591, -2.874780, -0.486647),
    (0.10, 0.41, -0.274908, 0.992801, -2.749084, -0.472434),
    (0.25, 1.0625, -0.592141, 2.158863, -2.368566, -0.425878),
    (0.50, 2.25, -0.858861, 3.192478, -1.717721, -0.335029),
    (0.75, 3.5625, -0.768396, 2.933813, -1.024529, -0.220578),
    (0.90, 4.41, -0.493942, 1.930411, -0.548824, -0.127692),
    (1, 5, 0, 0, 0, 0),
  ])
  func deepLimit(
    q: Double, beta: Double, hypoactivation: Double, interlayer: Double, late: Double, fraction: Double
  ) throws {
    let (alpha, lambda) = ((1 - q).squareRoot(), q.squareRoot())
    let (n, d) = (1000, 4000)
    let short = try law(n, d, [alpha], [lambda])
    let long = try law(n, 2 * d, [alpha], [lambda])
    // The difference of two depths is free of the end.
    let unit = Double(d) / Double(n)
    expectNear((long.beta - short.beta) / unit, beta, 1e-6)
    expectNear((long.hypoactivation - short.hypoactivation) / unit, hypoactivation, 1e-6)
    expectNear((long.interlayer - short.interlayer) / unit, interlayer, 1e-6)
    expectNear(Double(n) * long.hypoactivations[d], late, 1e-6)
    expectNear(Double(n) * (long.activeFractions[d] - 0.5), fraction, 1e-6)
  }

  /// The fast sum over equal layers against the double sum of the formula.
  @Test func equalLayersAgainstTheDoubleSum() throws {
    let (n, d, alpha, lambda) = (30, 40, 0.9, 0.5)
    let fast = try law(n, d, [alpha], [lambda])
    let gain = alpha * alpha + lambda * lambda
    let (q, c) = (lambda * lambda / gain, alpha / gain.squareRoot())
    var (interlayer, hypoactivation) = (0.0, 0.0)
    for m in 0..<d {
      for l in 0..<m {
        let r = pow(c, Double(m - l))
        interlayer += 2 / Double(n) * q * q * SignedSquares.covariance(r)
        hypoactivation -= q * q * SignedSquares.drift(r) / (2 * Double(n))
      }
    }
    expectNear(fast.interlayer, interlayer, 1e-11)
    expectNear(fast.hypoactivation, hypoactivation, 1e-11)
    // Layers that differ by nothing take the other path.
    let slow = try law(n, d, [Double](repeating: alpha, count: d - 1) + [alpha * (1 + 1e-13)], [lambda])
    expectNear(slow.interlayer, interlayer, 1e-10)
    expectNear(slow.hypoactivation, hypoactivation, 1e-10)
  }

  @Test func limits() throws {
    let none = try law(10, 0, [0.7], [0.7])
    #expect(none.mean == 0 && none.variance == 0 && none.logScale == 0)
    let identity = try law(10, 50, [0.9], [0])
    #expect(identity.mean == 0 && identity.variance == 0)
    expectNear(identity.logScale, 100 * log(0.9), 1e-12)
    let plain = try law(100, 50, [0], [1])
    expectNear(plain.variance, 2.5, 1e-12)
    expectNear(plain.mean, -1.25, 1e-12)
    let balanced = try law(100, 50, [0.6], [0.8], .balanced)
    #expect(balanced.hypoactivation == 0 && balanced.interlayer == 0)
    #expect(try law(7, 5, [0.6], [0.8], .sharedSigns).variance == law(7, 5, [0.6], [0.8]).variance)
    // A single layer with a flipped sign: only correlations across it change their sign.
    let flipped = try law(100, 2, [-0.6], [0.8])
    expectNear(flipped.interlayer, -(try law(100, 2, [0.6], [0.8]).interlayer), 1e-15)
    #expect(try !law(10, 30, [1], [0.1]).warnings.isEmpty && law(10, 20, [1], [0.1]).warnings.isEmpty)
  }

  @Test func unusableNetworks() {
    func refused(_ n: Int, _ d: Int, _ alphas: [Double], _ lambdas: [Double]) -> Bool {
      do { _ = try ResNetShape(width: n, depth: d, alphas: alphas, lambdas: lambdas) } catch { return true }
      return false
    }
    #expect(refused(1, 3, [1], [1]) && refused(5, -1, [1], [1]) && refused(5, 3, [0], [0]))
    #expect(refused(5, 3, [.nan], [1]) && refused(5, 3, [1], [.infinity]) && refused(5, 3, [1, 2], [1]))
    #expect(refused(5, 3, [1, 0, 1], [1, 0, 1]) && !refused(5, 3, [1, 0, 1], [1, 2, 0]))
  }
}
