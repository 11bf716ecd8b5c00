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

  /// E[f'_a f_b], E[f'_a f'_b] and E[f''_a f_b], weighed by B.
  private func checkWeighing(
    _ m: any UnitMarginals, _ f: (Double) -> Double, _ slope: (Double) -> Double, _ bend: (Double) -> Double
  ) {
    let b = Matrix(rows: 4, columns: 4) { 0.3 + Double($0) - 0.7 * Double($1 * $1) }
    var weighed = b
    let sums = m.weigh(&weighed, Self.covariance)
    for i in 0..<4 {
      var (sloped, bent) = (0.0, 0.0)
      for j in 0..<4 {
        sloped += b[i, j] * Self.expectation { slope($0[i]) * f($0[j]) }
        bent += b[i, j] * Self.expectation { bend($0[i]) * f($0[j]) }
        let both = Self.expectation { slope($0[i]) * slope($0[j]) }
        expectClose(weighed[i, j], b[i, j] * both, relative: 1e-8, absolute: 1e-9)
      }
      expectClose(sums.slopes[i], sloped, relative: 1e-8, absolute: 1e-8)
      expectClose(sums.bends[i], bent, relative: 1e-8, absolute: 1e-8)
      expectClose(m.slopes[i], Self.expectation { slope($0[i]) }, relative: 1e-9, absolute: 1e-11)
      expectClose(m.bends[i], Self.expectation { bend($0[i]) }, relative: 1e-8, absolute: 1e-10)
    }
  }

  @Test func conditionalMomentsOfErf() {
    let slope = { (h: Double) in 2 / Double.pi.squareRoot() * exp(-h * h) }
    checkWeighing(
      ErfMarginals(means: Self.means, variances: Self.covariance.diagonal), { erf($0) }, slope,
      { -2 * $0 * slope($0) })
  }

  /// Covariances of the rows with each other and with columns of other means.
  @Test func momentsOfTanh() {
    let m = SeriesMarginals(Tanh(), means: Self.means, variances: Self.covariance.diagonal)
    let slope = { (h: Double) in 1 / (cosh(h) * cosh(h)) }
    checkWeighing(m, { tanh($0) }, slope, { -2 * tanh($0) * slope($0) })
    let s = m.covariances(Self.covariance)
    for a in 0..<4 {
      expectClose(m.values[a], Self.expectation { tanh($0[a]) }, relative: 1e-9, absolute: 1e-12)
      for b in 0..<4 {
        let product = Self.expectation { tanh($0[a]) * tanh($0[b]) }
        expectClose(s[a, b], product - m.values[a] * m.values[b], relative: 1e-8, absolute: 1e-9)
      }
    }
    #expect(m.remainder < 1e-5)
  }

  /// The series of a function whose moments are known in closed form, at variances from nothing to what series
  /// still reach.
  @Test(arguments: [0, 1e-12, 1e-3, 0.4, 2, 5]) func seriesOfErf(scale: Double) throws {
    let custom = try CustomActivation(
      name: "another erf", isOdd: true, derivative: { 2 / Double.pi.squareRoot() * exp(-$0 * $0) }, { erf($0) })
    let c = scale * Self.covariance
    let (m, exact) = (
      SeriesMarginals(custom, means: Self.means, variances: c.diagonal),
      ErfMarginals(means: Self.means, variances: c.diagonal)
    )
    expectClose(m.values, exact.values, absolute: 1e-11)
    expectClose(m.slopes, exact.slopes, absolute: 1e-11)
    // Rounding of values; both series end at 1e-9 of the largest.
    let size = exact.variances.max() ?? 0
    expectClose(m.variances, exact.variances, absolute: 1e-10 * size + 1e-30)
    expectClose(m.covariances(c).elements, exact.covariances(c).elements, absolute: 5e-9 * size + 1e-30)
    guard scale > 0 else { return }
    // Rounding over the deviation.
    expectClose(m.bends, exact.bends, absolute: 1e-10 + 1e-15 / scale.squareRoot())
    var (b, other) = (Matrix(rows: 4, columns: 4, repeating: 1), Matrix(rows: 4, columns: 4, repeating: 1))
    let (sums, expected) = (m.weigh(&b, c), exact.weigh(&other, c))
    expectClose(b.elements, other.elements, absolute: 1e-8)
    expectClose(sums.slopes, expected.slopes, absolute: 1e-8)
    expectClose(sums.bends, expected.bends, absolute: 1e-8 + 1e-14 / scale.squareRoot())
  }

  /// Kinks are seen.
  @Test func seriesWithoutConvergence() {
    #expect(SeriesMarginals(HardTanh(), means: [0], variances: [1]).remainder > 0.01)
    #expect(SeriesMarginals(Tanh(), means: [0], variances: [4]).remainder < 1e-4)
  }

  /// E f(h + n) by the conditional mean of one that is known.
  @Test func smoothedOutputs() throws {
    let custom = try CustomActivation(name: "another erf", isOdd: true) { erf($0) }
    let h = Matrix(rows: 2, columns: 3, elements: [0.2, -1.4, 3, 0, 0.7, -0.1])
    let variances = [0, 1.7]
    expectClose(
      SeriesUnit(activation: custom).smoothed(h, rowVariances: variances).elements,
      ErfUnit().smoothed(h, rowVariances: variances).elements, absolute: 1e-11)
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
      expectClose(
        here.fluctuationSlope, (up.logFluctuation - down.logFluctuation) / (2 * step), 1e-6, "\(ratio)")
    }
    // Without a cut nothing changes: E z^2 is that of a Gaussian number to e^-50.
    let free = TruncatedLaw(ratio: 0.0101)
    expectClose(
      [free.entropy, free.slope, free.curvature, free.logFluctuation], [0, 0, 0, 0], absolute: 1e-12)
  }

  private func action(_ activation: any Activation = Erf(), readout: Double = 2.2) throws -> UnitAction {
    let problem = try CondensedProblem(SmallProblem(activation: activation, width: 12).posterior(), threads: 1)
    return UnitAction(problem, readout: readout, units: 11, cut: readout)
  }

  private func law(_ rank: Int) -> UnitLaw {
    let generator = RandomGenerator(seed: 5)
    return UnitLaw(
      mean: (0..<rank).map { _ in generator.gaussian() }, precision: .randomPositiveDefinite(rank, generator))
  }

  /// The gradient of F by om, and by La: dF = -1/2 tr[(1 + R^T G R - La) La^-1 dLa La^-1].
  @Test(arguments: [0.9, 2.2, 5], [true, false]) func gradient(readout: Double, isErf: Bool) throws {
    let action = try action(isErf ? Erf() : Tanh(), readout: readout)
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
