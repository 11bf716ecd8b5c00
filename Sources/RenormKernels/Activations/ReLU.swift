internal import CVectorKernels
internal import Foundation

/// s(h) = max(0, h), not odd, homogeneous of degree one:
///
///     E[s(a) s(b)] = (1/2pi) sqrt(caa cbb) ( u (pi - acos u) + sqrt(1 - u^2) ),   u = cab/sqrt(caa cbb)
///     E[s(a)]      = sqrt(caa/2pi),
///
/// u clipped to [-1, 1], and E[s(a) s(b)] = 0 where caa cbb = 0. The first is half the arc-cosine kernel of
/// order 1 with theta = acos u: Y. Cho and L. K. Saul, "Kernel methods for deep learning", NIPS 2009.
public struct ReLU: DifferentiableActivation {
  public init() {}

  public var name: String { "relu" }
  public var isOdd: Bool { false }
  public var isHomogeneous: Bool { true }
  public func callAsFunction(_ h: Double) -> Double { max(0, h) }
  /// 1 for h > 0, else 0.
  public func derivative(_ h: Double) -> Double { h > 0 ? 1 : 0 }
  /// E[s(a)] = sqrt(variance/2pi).
  public func mean(variance: Double) -> Double { (variance / (2 * .pi)).squareRoot() }

  /// r = sqrt(caa cbb) times a function of the angle theta = acos u: (r/2pi) (sin theta + (pi - theta) cos
  /// theta), from 0 at u = -1 to r/2 at u = 1. sqrt(1 - u^2) is taken as sqrt((1 - u)(1 + u)), which loses
  /// nothing near u = 1.
  public func secondMoment(_ caa: Double, _ cab: Double, _ cbb: Double) -> Double {
    // The roots are taken separately: the product of two variances can overflow or vanish.
    let scale = caa.squareRoot() * cbb.squareRoot()
    guard scale > 0 else { return 0 }
    let u = min(max(cab / scale, -1), 1)
    return scale / (2 * .pi) * (u * (.pi - acos(u)) + ((1 - u) * (1 + u)).squareRoot())
  }

  /// Vectorised; the error is at most 2^-52 r, r = sqrt(caa cbb) (`renorm_relu_second_moments`).
  public func replaceBySecondMoments(
    _ covariances: UnsafeMutableBufferPointer<Double>, rowVariances: UnsafeBufferPointer<Double>,
    columnVariances: UnsafeBufferPointer<Double>
  ) {
    precondition(covariances.count == rowVariances.count * columnVariances.count)
    renorm_relu_second_moments(
      covariances.baseAddress, rowVariances.baseAddress, rowVariances.count, columnVariances.baseAddress,
      columnVariances.count)
  }
}
