internal import Foundation

/// Two jointly Gaussian numbers with covariance [[caa, cab], [cab, cbb]].
enum Gaussian2 {
  /// caa cbb - cab^2, of fused products, so that it is accurate however much cancels.
  static func determinant(_ caa: Double, _ cab: Double, _ cbb: Double) -> Double {
    let square = cab * cab
    return (-square).addingProduct(caa, cbb) + square.addingProduct(-cab, cab)
  }
}

/// Phi(x).
func normalCumulative(_ x: Double) -> Double { erfc(-x / 2.0.squareRoot()) / 2 }

/// exp(-x^2/2)/sqrt(2 pi).
func normalDensity(_ x: Double) -> Double { exp(-x * x / 2) / (2 * Double.pi).squareRoot() }
