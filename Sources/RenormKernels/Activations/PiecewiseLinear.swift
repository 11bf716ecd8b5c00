internal import Foundation

/// s(h) = h between -1 and 1, beyond them -1 and 1, odd. With r(h) = max(0, h - 1), s(h) = h - r(h) + r(-h),
/// and with E[a r(b)] = cab P(b > 1),
///
///     E[s(a) s(b)] = cab (1 - 2 P(a > 1) - 2 P(b > 1)) + 2 (E[r(a) r(b)] - E[r(a) r(-b)]),
///
/// E[r(a) r(b)] by orthant probabilities of two Gaussian numbers (`Gaussian2`). Errors are about 1e-15 (1 +
/// sqrt(caa cbb)). Such probabilities take about a microsecond: a bank of kernels costs a hundred times that of
/// erf.
public struct HardTanh: DifferentiableActivation {
  public init() {}
  public var name: String { "hard-tanh" }
  public var isOdd: Bool { true }
  public var bound: Double? { 1 }
  public func callAsFunction(_ h: Double) -> Double { max(-1, min(1, h)) }
  /// 1 between -1 and 1, else 0.
  public func derivative(_ h: Double) -> Double { abs(h) < 1 ? 1 : 0 }
  public func mean(variance: Double) -> Double { 0 }

  public func secondMoment(_ caa: Double, _ cab: Double, _ cbb: Double) -> Double {
    let pair = StandardPair(caa, cab, cbb)
    guard pair.scale > 0 else { return 0 }
    let (h, k) = (1 / pair.a, 1 / pair.b)
    let tails = 2 * normalCumulative(-h) + 2 * normalCumulative(-k)
    let ramps =
      Gaussian2.rampProduct(h, k, correlation: pair.correlation)
      - Gaussian2.rampProduct(h, k, correlation: -pair.correlation)
    return pair.scale * (pair.correlation * (1 - tails) + 2 * ramps)
  }
}

/// s(h) = min(max(0, h), 6), not odd: relu(h) - relu(h - 6), of which the moments are
///
///     E[s(a) s(b)] = E[relu(a) relu(b)] - E[relu(a) r(b)] - E[r(a) relu(b)] + E[r(a) r(b)],
///     r(h)         = max(0, h - 6),
///
/// by orthant probabilities of two Gaussian numbers (`Gaussian2`), errors and costs as of `HardTanh`; E[s(a)] =
/// sqrt(caa) (phi(0) - phi(t) + t Q(t)), t = 6/sqrt(caa).
public struct ReLU6: DifferentiableActivation {
  public init() {}
  public var name: String { "relu6" }
  public var isOdd: Bool { false }
  public var bound: Double? { 6 }
  public func callAsFunction(_ h: Double) -> Double { min(max(0, h), 6) }
  /// 1 between 0 and 6, else 0.
  public func derivative(_ h: Double) -> Double { h > 0 && h < 6 ? 1 : 0 }

  public func mean(variance: Double) -> Double {
    guard variance > 0 else { return 0 }
    let deviation = variance.squareRoot()
    let t = 6 / deviation
    return deviation * (normalDensity(0) - normalDensity(t) + t * normalCumulative(-t))
  }

  public func secondMoment(_ caa: Double, _ cab: Double, _ cbb: Double) -> Double {
    let pair = StandardPair(caa, cab, cbb)
    guard pair.scale > 0 else { return 0 }
    let (h, k, r) = (6 / pair.a, 6 / pair.b, pair.correlation)
    let cut =
      Gaussian2.rampProduct(h, k, correlation: r) - Gaussian2.rampProduct(0, k, correlation: r)
      - Gaussian2.rampProduct(h, 0, correlation: r)
    return ReLU().secondMoment(caa, cab, cbb) + pair.scale * cut
  }
}

/// Two Gaussian numbers as standard deviations and a correlation.
private struct StandardPair {
  let a: Double
  let b: Double
  let correlation: Double
  var scale: Double { a * b }

  init(_ caa: Double, _ cab: Double, _ cbb: Double) {
    (a, b) = (caa.squareRoot(), cbb.squareRoot())
    correlation = a * b > 0 ? min(max(cab / (a * b), -1), 1) : 0
  }
}
