internal import Foundation

/// An activation whose second moments have known derivatives by the covariances, so that kernels can be carried
/// through several layers and derivatives back (the theory `nested` of docs/depth.md).
public protocol ComposableActivation: Activation {
  /// The derivatives of E[s(a) s(b)] by caa and by cab; that by cbb is the first with a and b exchanged.
  func secondMomentGradient(_ caa: Double, _ cab: Double, _ cbb: Double) -> (caa: Double, cab: Double)
}

extension Linear: ComposableActivation {
  public func meanSlope(variance: Double) -> Double { 1 }
  public func secondMomentGradient(_ caa: Double, _ cab: Double, _ cbb: Double) -> (caa: Double, cab: Double) {
    (0, 1)
  }
}

extension Erf: ComposableActivation {
  /// 2/sqrt(pi (1 + 2 variance)).
  public func meanSlope(variance: Double) -> Double { 2 / (Double.pi * (1 + 2 * variance)).squareRoot() }

  /// -(4/pi) cab/((1 + 2 caa) r) and (4/pi)/r, r^2 = (1 + 2 caa)(1 + 2 cbb) - 4 cab^2.
  public func secondMomentGradient(_ caa: Double, _ cab: Double, _ cbb: Double) -> (caa: Double, cab: Double) {
    let root = (1 + 2 * (caa + cbb) + 4 * max(caa * cbb - cab * cab, 0)).squareRoot()
    let slope = 4 / (.pi * root)
    return (-slope * cab / (1 + 2 * caa), slope)
  }
}

extension ReLU: ComposableActivation {
  /// E[s'(a)] = P(a > 0) = 1/2.
  public func meanSlope(variance: Double) -> Double { 0.5 }

  /// sqrt(cbb/caa) sqrt(1 - u^2)/(4 pi) and (pi - acos u)/(2 pi), u = cab/sqrt(caa cbb).
  public func secondMomentGradient(_ caa: Double, _ cab: Double, _ cbb: Double) -> (caa: Double, cab: Double) {
    let scale = caa.squareRoot() * cbb.squareRoot()
    guard scale > 0 else { return (0, 0.25) }
    let u = min(max(cab / scale, -1), 1)
    return (
      (cbb / caa).squareRoot() * ((1 - u) * (1 + u)).squareRoot() / (4 * .pi), (.pi - acos(u)) / (2 * .pi)
    )
  }
}
