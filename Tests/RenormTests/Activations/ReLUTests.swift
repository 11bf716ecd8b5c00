import Testing

@testable import Renorm
@testable import RenormAction
@testable import RenormKernels

@Suite struct ReLUTests {
  /// (caa, cab, cbb, E[s(a) s(b)]) by numerical integration over the Gaussian, 25 digits (mpmath).
  static let moments = [
    (1, 0.5, 1, 0.30449889052211468), (0.3, -0.2, 2.5, 0.091524353276582934),
    (4, 1.9, 1, 0.95336373720536286), (0.01, 0.005, 0.02, 0.0036429888169422318),
    (9, -5.9, 4, 0.0019387909281447617), (1, 0.999, 1, 0.4995047453209151),
  ]

  @Test(arguments: moments) func secondMoment(caa: Double, cab: Double, cbb: Double, expected: Double) {
    // u (pi - acos u) and sqrt(1 - u^2) cancel near u = -1.
    expectClose(ReLU().secondMoment(caa, cab, cbb), expected, relative: cab < -5 ? 1e-12 : 1e-14)
  }

  /// (variance, E[s(a)]), likewise.
  @Test(arguments: [
    (0.01, 0.039894228040143268), (0.3, 0.21850968611841581), (1, 0.39894228040143268),
    (4, 0.79788456080286536), (9, 1.196826841204298),
  ])
  func mean(variance: Double, expected: Double) {
    expectClose(ReLU().mean(variance: variance), expected, relative: 1e-15)
  }

  @Test func function() { #expect(ReLU()(-2) == 0 && ReLU()(3) == 3 && ReLU()(0) == 0) }

  /// relu is homogeneous: scaling both inputs scales the moment, up to the ends of the exponent range.
  @Test(arguments: [1e-300, 1e-150, 1e150, 1e300]) func homogeneity(c: Double) {
    expectClose(ReLU().secondMoment(c, 0.5 * c, c), c * 0.30449889052211468)
    expectClose(ReLU().secondMoment(c, 0.5 * c.squareRoot(), 1), c.squareRoot() * 0.30449889052211468)
    expectClose(ReLU().secondMoment(c, c, c), c / 2)
    #expect(ReLU().secondMoment(c, -c, c) == 0)
  }

  @Test func oppositeInputsNeverFireTogether() {
    for c in [0.1, 1, 3, 7] { #expect(abs(ReLU().secondMoment(c, -c, c)) <= 1e-16 * c) }
  }
}
