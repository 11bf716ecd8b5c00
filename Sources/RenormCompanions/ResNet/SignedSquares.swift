internal import Foundation

/// Correlations of layers through the signed square S(v) = sgn(v) v^2 of two unit Gaussians X, Y of correlation
/// r.
///
/// With th = acos(r), M. Li, M. Nica and D. Roy, NeurIPS 2021, arXiv 2106.04013. Both functions are odd in r.
package enum SignedSquares {
  /// K(r) = E[S(X) S(Y)] = (6 sin th cos th + (pi - 2 th)(1 + 2 cos^2 th)) / pi; K(1) = 3.
  package static func covariance(_ r: Double) -> Double {
    let (r, sine, angle) = parts(r)
    return (6 * sine * r + 2 * angle * (1 + 2 * r * r)) / .pi
  }

  /// r K'(r) = (8 sin th cos th + 4 (pi - 2 th) cos^2 th) / pi; 4 at r = 1.
  package static func drift(_ r: Double) -> Double {
    let (r, sine, angle) = parts(r)
    return (8 * sine * r + 8 * angle * r * r) / .pi
  }

  /// r in [-1, 1], sin th, and pi/2 - th = asin(r), which is accurate near 0.
  private static func parts(_ r: Double) -> (r: Double, sine: Double, angle: Double) {
    let r = min(max(r, -1), 1)
    return (r, ((1 - r) * (1 + r)).squareRoot(), asin(r))
  }
}
