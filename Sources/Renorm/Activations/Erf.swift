internal import Foundation

/// s = erf:  E[s(a)s(b)] = (2/pi) asin( 2 cab / sqrt((1 + 2 caa)(1 + 2 cbb)) ),  E[s(a)] = 0.
///
/// C. K. I. Williams, Neural Computation 10 (1998).
public struct Erf: Activation {
  public init() {}

  public var name: String { "erf" }
  public var isOdd: Bool { true }
  public func callAsFunction(_ h: Double) -> Double { erf(h) }
  public func mean(variance: Double) -> Double { 0 }

  /// Evaluated as (2/pi) atan2(x, y), x the sine above and
  /// y^2 = 1 - x^2 = (1 + 2(caa + cbb) + 4(caa cbb - cab^2)) / ((1 + 2 caa)(1 + 2 cbb)) >= 0,
  /// which cannot leave its domain; every term is scaled first, so that no variance overflows.
  public func secondMoment(_ caa: Double, _ cab: Double, _ cbb: Double) -> Double {
    let p = 1 / (1 + 2 * caa).squareRoot()
    let q = 1 / (1 + 2 * cbb).squareRoot()
    let a = caa * p * p
    let b = cbb * q * q
    let c = cab * p * q
    let cosineSquared = p * p * q * q + 2 * (a * q * q + b * p * p) + 4 * max(a * b - c * c, 0)
    return 2 / .pi * atan2(2 * c, cosineSquared.squareRoot())
  }
}
