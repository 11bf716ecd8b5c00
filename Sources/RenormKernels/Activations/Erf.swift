internal import CVectorKernels
internal import Foundation

/// s(h) = erf h = (2/sqrt pi) int_0^h exp(-t^2) dt, odd, between -1 and 1:
///
///     E[s(a) s(b)] = (2/pi) asin( 2 cab / sqrt((1 + 2 caa)(1 + 2 cbb)) ),   E[s(a)] = 0,
///
/// (a, b) ~ N(0, [[caa, cab], [cab, cbb]]). C. K. I. Williams, "Computation with infinite neural networks",
/// Neural Computation 10 (1998).
public struct Erf: DifferentiableActivation {
  public init() {}

  public var name: String { "erf" }
  public var isOdd: Bool { true }
  public var bound: Double? { 1 }
  public func callAsFunction(_ h: Double) -> Double { erf(h) }
  /// s'(h) = (2/sqrt pi) exp(-h^2).
  public func derivative(_ h: Double) -> Double { 2 / Double.pi.squareRoot() * exp(-h * h) }
  public func mean(variance: Double) -> Double { 0 }

  /// Evaluated as (2/pi) atan2(cab, y), y^2 = 1/4 + (caa + cbb)/2 + (caa cbb - cab^2), which cannot leave its
  /// domain: it is asin(x) = atan(x/sqrt(1 - x^2)), numerator and denominator times sqrt((1 + 2 caa)(1 + 2
  /// cbb))/2. The determinant caa cbb - cab^2 is made of fused products, so that it is accurate however much
  /// cancels: at large variances half of the digits depend on it.
  public func secondMoment(_ caa: Double, _ cab: Double, _ cbb: Double) -> Double {
    let s = Self.scale(caa)
    let t = Self.scale(cbb)
    let a = caa * s * s
    let b = cbb * t * t
    let c = cab * s * t
    let square = c * c
    let determinant = (-square).addingProduct(a, b) + square.addingProduct(-c, c)
    let cosineSquared = determinant + (a * t * t + b * s * s) / 2 + (s * t) * (s * t) / 4
    return 2 / .pi * atan2(c, max(cosineSquared, 0).squareRoot())
  }

  /// (4/pi) |cab| / sqrt((1 + 2 caa)(1 + 2 cbb) - 4 cab^2): far above 1 for large and nearly parallel inputs,
  /// where the arcsine is steep.
  public func secondMomentSensitivity(_ caa: Double, _ cab: Double, _ cbb: Double) -> Double {
    let (a, b) = ((1 + 2 * caa).squareRoot(), (1 + 2 * cbb).squareRoot())
    let sine = 2 * cab / a / b
    return 2 / .pi * abs(sine) / max((1 - sine) * (1 + sine), Double.ulpOfOne).squareRoot()
  }

  /// The power of two that brings the deviation sqrt(variance + 1/2) near 1: exact, and no product overflows.
  private static func scale(_ variance: Double) -> Double {
    guard variance.isFinite else { return .nan }
    return Double(sign: .plus, exponent: -(((variance + 0.5).exponent + 1) >> 1), significand: 1)
  }

  /// Vectorised; the error is at most 2^-51 (`renorm_erf_second_moments`).
  public func replaceBySecondMoments(
    _ covariances: UnsafeMutableBufferPointer<Double>, rowVariances: UnsafeBufferPointer<Double>,
    columnVariances: UnsafeBufferPointer<Double>
  ) {
    precondition(covariances.count == rowVariances.count * columnVariances.count)
    renorm_erf_second_moments(
      covariances.baseAddress, rowVariances.baseAddress, rowVariances.count, columnVariances.baseAddress,
      columnVariances.count)
  }

  /// Vectorised: erf h and (2/sqrt pi) exp(-h^2), each with an error of at most 2^-51 (`renorm_erf_values`).
  public func replaceByValues(
    _ preactivations: UnsafeMutableBufferPointer<Double>, derivatives: UnsafeMutableBufferPointer<Double>
  ) {
    precondition(preactivations.count == derivatives.count)
    renorm_erf_values(preactivations.baseAddress, derivatives.baseAddress, preactivations.count)
  }
}
