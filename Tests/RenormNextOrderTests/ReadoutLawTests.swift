import Foundation
import LinearAlgebra
import TestSupport
import Testing

@testable import RenormNextOrder

/// The laws of readouts against integrals, and against Gaussian readouts where nothing condenses.
@Suite struct ReadoutLawTests {
  private static func integral(_ end: Double, _ f: (Double) -> Double) -> Double {
    let count = 20_000
    let step = end / Double(count)
    return (0..<count).reduce(0) { $0 + step * f((Double($1) + 0.5) * step) }
  }

  /// Densities of unit integral and given second moment, from uncut ones to nearly equal readouts.
  @Test(arguments: [0.004, 0.02, 0.2, 1.0 / 3, 0.6, 0.9]) func cutGaussian(ratio: Double) {
    let cut = 2.5
    let law = CutGaussian(variance: ratio * cut * cut, cut: cut)
    // Midpoints leave 1e-8; what is cut off where the law is taken as uncut is below e^-50.
    expectClose(Self.integral(cut) { law.density($0) }, 1, relative: 1e-6)
    expectClose(Self.integral(cut) { $0 * $0 * law.density($0) }, ratio * cut * cut, relative: 1e-6)
    #expect(law.density(1.01 * cut) == 0)
    // Constant between 0 and the cut.
    if ratio == 1.0 / 3 { expectClose(law.density(1), 1 / cut, relative: 1e-9) }
  }

  private func law(_ width: Int, _ temperature: Double) throws -> (summary: CondensedSummary, law: ReadoutLaw) {
    let own = try Condensed(
      SmallProblem(width: width, temperature: temperature).posterior(), points: SmallProblem.points.inputs,
      options: CondensedOptions(threads: 1))
    return (own.summary, try #require(own.summary.law))
  }

  @Test func moments() throws {
    let (summary, law) = try law(6, 0.2)
    let step = law.largest[1].readout - law.largest[0].readout
    // Nodes below a thousandth of the largest are not listed.
    expectClose(law.largest.reduce(0) { $0 + step * $1.density }, 1, relative: 3e-3)
    expectClose(
      law.largest.reduce(0) { $0 + step * $1.density * $1.readout }, summary.readout ?? 0, relative: 5e-3)
    let points = zip(law.bulk, law.bulk.dropFirst())
    // Trapezia of 24 intervals, and four deviations.
    expectClose(
      points.reduce(0) { $0 + ($1.1.readout - $1.0.readout) * ($1.0.density + $1.1.density) / 2 }, 1,
      relative: 2e-3)
    let square = points.reduce(0) { sum, p in
      sum + (p.1.readout - p.0.readout) / 2
        * (p.0.density * p.0.readout * p.0.readout + p.1.density * p.1.readout * p.1.readout)
    }
    expectClose(square, law.bulkVariance, relative: 5e-3)
  }

  /// The largest of N Gaussian sizes under the prior, 2 N phi(v) erf(v/2^(1/2))^(N - 1), and one of the others.
  @Test func nothingCondenses() throws {
    let width = 60
    // Noise beside which the data say nothing.
    let law = try law(width, 200).law
    let phi = { (v: Double) in exp(-v * v / 2) / (2 * Double.pi).squareRoot() }
    for point in law.largest where point.density > 0.05 {
      let v = point.readout
      let exact = 2 * Double(width) * phi(v) * pow(erf(v / 2.0.squareRoot()), Double(width - 1))
      // The saddle point of the cut bulk leaves order 1/N.
      expectClose(point.density, exact, relative: 0.05, absolute: 0.01)
    }
    for point in law.bulk where point.readout < 1.5 {
      // That of all N units, as the largest is never there, shared by N - 1.
      let exact = 2 * phi(point.readout) * Double(width) / Double(width - 1)
      expectClose(point.density, exact, relative: 0.05)
    }
  }
}
