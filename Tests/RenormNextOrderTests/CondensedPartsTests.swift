import Foundation
import GSLNumerics
import LinearAlgebra
import Renorm
import RenormKernels
import TestSupport
import Testing

@testable import RenormNextOrder

/// The parts of the theory of a condensed neuron against sums over grids, integrals and differences.
@Suite struct CondensedPartsTests {
  private static let means = [0.7, -1.3, 0.0, 2.1]
  private static let factor = Matrix(rows: 4, columns: 2, elements: [0.8, 0.5, -0.6, 1.4, 0.3, -0.9, 0.7, 0.1])
  private static let covariance = factor * factor.asTranspose

  /// E f(h) over the two Gaussian numbers behind h, by trapezia, which converge exponentially.
  private static func expectation(_ f: ([Double]) -> Double) -> Double {
    let step = 0.1
    var sum = 0.0
    for a in -80...80 {
      for b in -80...80 {
        let z = [Double(a) * step, Double(b) * step]
        let h = zip(means, factor * z).map(+)
        sum += f(h) * exp(-(z[0] * z[0] + z[1] * z[1]) / 2) * step * step / (2 * .pi)
      }
    }
    return sum
  }

  @Test func momentsOfErf() {
    let m = ErfMarginals(means: Self.means, variances: Self.covariance.diagonal)
    let s = m.covariances(Self.covariance)
    for a in 0..<4 {
      expectClose(m.values[a], Self.expectation { erf($0[a]) }, relative: 1e-9, absolute: 1e-12)
      for b in 0..<4 {
        let product = Self.expectation { erf($0[a]) * erf($0[b]) }
        // The series ends at 1e-9 of its largest terms.
        expectClose(s[a, b], product - m.values[a] * m.values[b], relative: 1e-7, absolute: 1e-8)
      }
    }
  }

  @Test func conditionalMomentsOfErf() {
    let m = ErfMarginals(means: Self.means, variances: Self.covariance.diagonal)
    var (t, g) = (Self.covariance, Self.covariance)
    t.withUnsafeMutableElements { t in
      g.withUnsafeMutableElements { g in
        guard let t = t.baseAddress, let g = g.baseAddress else { return }
        conditionalMoments(m, t, g)
      }
    }
    let slope = { (h: Double) in 2 / Double.pi.squareRoot() * exp(-h * h) }
    for a in 0..<4 {
      for b in 0..<4 {
        let first = Self.expectation { slope($0[a]) * erf($0[b]) }
        let both = Self.expectation { slope($0[a]) * slope($0[b]) }
        let bent = Self.expectation { -2 * $0[a] * slope($0[a]) * erf($0[b]) }
        expectClose(m.slopes[a] * t[a, b], first, relative: 1e-9, absolute: 1e-12)
        expectClose(m.slopes[a] * g[a, b], both, relative: 1e-9, absolute: 1e-12)
        let own =
          -2 * m.slopes[a] / m.spreads[a] * (m.means[a] * t[a, b] + Self.covariance[a, b] * g[a, b])
        expectClose(own, bent, relative: 1e-9, absolute: 1e-12)
      }
    }
  }

  /// The probability that all of N_b Gaussian numbers stay below v in size is erf(v/sqrt 2)^N_b; the saddle
  /// point of the density of q leaves a relative error of about 0.12/N_b.
  @Test(arguments: [(20.0, 2.0, 0.006), (20, 1.2, 0.006), (80, 2.5, 0.002), (8, 2, 0.018)])
  func truncation(units: Double, cut: Double, tolerance: Double) {
    let step = 0.002
    var sum = 0.0
    for k in -3000...2000 {
      let x = Double(k) * step
      let ratio = exp(x) / (cut * cut)
      guard ratio < 1 else { break }
      let law = TruncatedLaw(ratio: ratio)
      let log =
        units / 2 * logarithm(units / 2) - SpecialFunctions.logGamma(units / 2) + units / 2 * (x - exp(x))
        + units * law.entropy - law.logFluctuation
      sum += step * exp(log)
    }
    let exact = pow(erf(cut / 2.0.squareRoot()), units)
    expectClose(sum, exact, relative: tolerance)
  }

  @Test func truncationDerivatives() {
    for ratio in [0.02, 0.1, 0.25, 1.0 / 3, 0.5, 0.8, 0.97] {
      let step = 1e-5
      let (up, here, down) = (
        TruncatedLaw(ratio: ratio * exp(step)), TruncatedLaw(ratio: ratio),
        TruncatedLaw(ratio: ratio * exp(-step))
      )
      expectClose(here.slope, (up.entropy - down.entropy) / (2 * step), 1e-6, "\(ratio)")
      expectClose(here.curvature, (up.slope - down.slope) / (2 * step), 1e-6, "\(ratio)")
      expectClose(here.fluctuationSlope, (up.logFluctuation - down.logFluctuation) / (2 * step), 1e-6, "\(ratio)")
    }
    // Without a cut nothing changes: E z^2 is that of a Gaussian number to e^-50.
    let free = TruncatedLaw(ratio: 0.0101)
    expectClose([free.entropy, free.slope, free.curvature, free.logFluctuation], [0, 0, 0, 0], absolute: 1e-12)
  }

  private func action(readout: Double = 2.2) throws -> UnitAction {
    let problem = try CondensedProblem(SmallProblem(width: 12).posterior(), threads: 1)
    return UnitAction(problem, readout: readout, units: 11, cut: readout)
  }

  private func law(_ rank: Int) -> UnitLaw {
    let generator = RandomGenerator(seed: 5)
    return UnitLaw(
      mean: (0..<rank).map { _ in generator.gaussian() }, precision: .randomPositiveDefinite(rank, generator))
  }

  /// The gradient of F by om, and by La: dF = -1/2 tr[(1 + R^T G R - La) La^-1 dLa La^-1].
  @Test(arguments: [0.9, 2.2, 5]) func gradient(readout: Double) throws {
    let action = try action(readout: readout)
    let law = law(action.problem.rank)
    let point = try #require(action.evaluate(law, logQ: -0.5))
    let gradient = action.gradient(point)
    let generator = RandomGenerator(seed: 6)
    let step = 1e-5
    func difference(_ change: (inout UnitLaw, Double) -> Void) throws -> Double {
      let values = try [step, -step].map { size in
        var moved = law
        change(&moved, size)
        return try #require(action.evaluate(moved, logQ: point.minimum.logQ)).action
      }
      return (values[0] - values[1]) / (2 * step)
    }
    for _ in 0..<4 {
      let direction = (0..<action.problem.rank).map { _ in generator.gaussian() }
      let found = try difference { $0.mean.add($1, direction) }
      expectClose(dot(gradient.mean, direction), found, 1e-6)
      let change = Matrix.randomSymmetric(action.problem.rank, generator)
      let slope = try difference { $0.precision.add($1, change) }
      let inverse = point.factor.solve(.identity(action.problem.rank))
      let own = -0.5 * (gradient.precision - law.precision).innerProduct(inverse * change * inverse)
      expectClose(own, slope, 1e-6)
    }
  }

  @Test func bulkDerivatives() throws {
    let action = try action()
    let z = try #require(action.evaluate(law(action.problem.rank), logQ: 0)).squares
    for x in [-2.0, -0.5, 0.4, 1.2] {
      let step = 1e-4
      let (up, here, down) = (
        action.bulk.evaluate(x + step, z), action.bulk.evaluate(x, z), action.bulk.evaluate(x - step, z)
      )
      expectClose(here.slope, (up.action - down.action) / (2 * step), 1e-6)
      // The fluctuations' second derivative, at most of order 1, is left out.
      expectClose(here.curvature, (up.slope - down.slope) / (2 * step), relative: 0.1, absolute: 1)
    }
  }
}
