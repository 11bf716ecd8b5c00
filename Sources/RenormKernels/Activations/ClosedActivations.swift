internal import Foundation

/// s(h) = sin h, odd, and s(h) = cos h, even:
///
///     E[sin a sin b] = exp(-(caa + cbb)/2) sinh cab,   E[cos a cos b] = exp(-(caa + cbb)/2) cosh cab,
///     E[cos a]       = exp(-caa/2).
///
/// The real and imaginary parts of the characteristic function of a Gaussian; random Fourier features (A.
/// Rahimi and B. Recht, NIPS 2007).
public struct Sine: DifferentiableActivation {
  public init() {}
  public var name: String { "sin" }
  public var isOdd: Bool { true }
  public var bound: Double? { 1 }
  public func callAsFunction(_ h: Double) -> Double { sin(h) }
  /// cos h.
  public func derivative(_ h: Double) -> Double { cos(h) }
  public func mean(variance: Double) -> Double { 0 }

  /// (exp(-v/2) - exp(-w/2))/2 with the variances v and w of a - b and a + b.
  public func secondMoment(_ caa: Double, _ cab: Double, _ cbb: Double) -> Double {
    // As exp(-v/2) (1 - exp(-2 |cab|))/2 with the smaller of the two, so that small covariances keep their
    // digits.
    let power: Double = exp(-max(caa + cbb - 2 * abs(cab), 0) / 2)
    let size = power * -expm1(-2 * abs(cab)) / 2
    return cab < 0 ? -size : size
  }

  public func secondMomentSensitivity(_ caa: Double, _ cab: Double, _ cbb: Double) -> Double {
    abs(cab) * Cosine().secondMoment(caa, cab, cbb)
  }
}

/// See `Sine`.
public struct Cosine: DifferentiableActivation {
  public init() {}
  public var name: String { "cos" }
  public var isOdd: Bool { false }
  public var bound: Double? { 1 }
  public func callAsFunction(_ h: Double) -> Double { cos(h) }
  /// -sin h.
  public func derivative(_ h: Double) -> Double { -sin(h) }
  public func mean(variance: Double) -> Double { exp(-variance / 2) }

  /// (exp(-v/2) + exp(-w/2))/2 with the variances v and w of a - b and a + b.
  public func secondMoment(_ caa: Double, _ cab: Double, _ cbb: Double) -> Double {
    let size = abs(cab)
    return exp(-max(caa + cbb - 2 * size, 0) / 2) * (1 + exp(-2 * size)) / 2
  }

  public func secondMomentSensitivity(_ caa: Double, _ cab: Double, _ cbb: Double) -> Double {
    abs(cab * Sine().secondMoment(caa, cab, cbb))
  }
}

/// s(h) = h^2, even: E[a^2 b^2] = caa cbb + 2 cab^2, E[a^2] = caa (L. Isserlis, Biometrika 12 (1918)).
public struct Quadratic: DifferentiableActivation {
  public init() {}
  public var name: String { "quadratic" }
  public var isOdd: Bool { false }
  public func callAsFunction(_ h: Double) -> Double { h * h }
  /// 2 h.
  public func derivative(_ h: Double) -> Double { 2 * h }
  public func mean(variance: Double) -> Double { variance }
  public func secondMoment(_ caa: Double, _ cab: Double, _ cbb: Double) -> Double { caa * cbb + 2 * cab * cab }
}
