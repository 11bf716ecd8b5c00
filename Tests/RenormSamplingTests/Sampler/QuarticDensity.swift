import Foundation
import RenormSampling

/// Coordinates that are independent and not Gaussian, in turn
///
///     p(x) = exp(-x^4/4) / c:            E x^2 = 2 Gamma(3/4)/Gamma(1/4), E x^4 = 1
///     p(x) = 1/(2 cosh(pi x / 2)):       E x^2 = 1, E x^4 = 5
///
/// and what is recorded are x, x^2 and x^4 of each.
struct QuarticDensity: LogDensity {
  var dimension = 4

  var quantities: [String] { (0..<dimension).flatMap { ["x\($0)", "square\($0)", "fourth\($0)"] } }

  func makeWorkspace() {}

  func evaluate(_ position: [Double], gradient: inout [Double], _ workspace: inout Void) -> Double {
    var value = 0.0
    for (k, x) in position.enumerated() {
      if k % 2 == 0 {
        value -= x * x * x * x / 4
        gradient[k] = -x * x * x
      } else {
        value -= log(cosh(.pi * x / 2))
        gradient[k] = -.pi / 2 * tanh(.pi * x / 2)
      }
    }
    return value
  }

  func observe(_ position: [Double], _ workspace: inout Void) -> [Double] {
    position.flatMap { [$0, $0 * $0, $0 * $0 * $0 * $0] }
  }

  /// The means of what is recorded.
  var means: [Double] {
    let quartic: [Double] = [0, 2 * tgamma(0.75) / tgamma(0.25), 1]
    let secant: [Double] = [0, 1, 5]
    return (0..<dimension).flatMap { $0 % 2 == 0 ? quartic : secant }
  }
}
