import Testing

@testable import Renorm

@Suite struct ErfTests {
  /// (caa, cab, cbb, E[erf(a) erf(b)]) by numerical integration of erf over the Gaussian, 25 digits (mpmath).
  static let moments = [
    (1, 0.5, 1, 0.21634689593878546), (0.3, -0.2, 2.5, -0.082417286566531851),
    (4, 1.9, 1, 0.52218174807296997), (0.01, 0.005, 0.02, 0.0061811629256340891),
    (9, -5.9, 4, -0.7163463437065695), (1, 0.999, 1, 0.463989871869006),
  ]

  @Test(arguments: moments) func secondMoment(caa: Double, cab: Double, cbb: Double, expected: Double) {
    expectClose(Erf().secondMoment(caa, cab, cbb), expected, relative: 1e-14)
  }

  @Test func function() { expectClose(Erf()(0.5), 0.52049987781304654, relative: 1e-15) }

  @Test func largeInputsSaturate() {
    // erf becomes a sign: E = (2/pi) asin(correlation).
    expectClose(Erf().secondMoment(1e300, 0.5e300, 1e300), 1.0 / 3)
    expectClose(Erf().secondMoment(1e300, 1e300, 1e300), 1)
    expectClose(Erf().secondMoment(1e300, 0.5, 1e-300), 0, absolute: 1e-100)
  }

  @Test func smallInputsAreLinear() {
    // erf(h) = 2h/sqrt(pi) to first order.
    expectClose(Erf().secondMoment(1e-20, 0.3e-20, 1e-20), 1.2e-20 / .pi, relative: 1e-15)
    expectClose(Erf().secondMoment(1e-300, 1e-300, 1e-300), 4e-300 / .pi, relative: 1e-14)
  }
}
