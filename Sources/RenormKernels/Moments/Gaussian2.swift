internal import Foundation
internal import GSLNumerics

/// Two jointly Gaussian numbers with covariance [[caa, cab], [cab, cbb]].
enum Gaussian2 {
  /// caa cbb - cab^2, of fused products, so that it is accurate however much cancels.
  static func determinant(_ caa: Double, _ cab: Double, _ cbb: Double) -> Double {
    let square = cab * cab
    return (-square).addingProduct(caa, cbb) + square.addingProduct(-cab, cab)
  }

  /// P(x > h, y > k) for standard normal x and y of correlation r, to about 1e-15: by Gauss-Legendre quadrature
  /// of the integral over the correlation (Z. Drezner and G. O. Wesolowsky, J. Stat. Comput. Simul. 35 (1990)),
  /// after the singular part is taken out where |r| is near 1 (A. Genz, Statistics and Computing 14 (2004)).
  static func orthant(_ h: Double, _ k: Double, correlation r: Double) -> Double {
    if abs(r) < 0.925 {
      let halfSquares = (h * h + k * k) / 2
      let angle = asin(r)
      var sum = 0.0
      for node in nodes {
        let sine = sin(angle * (node.x + 1) / 2)
        let exponent: Double = (sine * h * k - halfSquares) / (1 - sine * sine)
        sum += node.weight * exp(exponent)
      }
      return sum * angle / (4 * .pi) + normalCumulative(-h) * normalCumulative(-k)
    }
    let k = r < 0 ? -k : k
    let product = h * k
    var value = 0.0
    if abs(r) < 1 {
      let square = (1 - abs(r)) * (1 + abs(r))
      let distance = (h - k) * (h - k)
      let (c, d) = ((4 - product) / 8, (12 - product) / 16)
      let exponent = -(distance / square + product) / 2
      if exponent > -100 {
        let first: Double = c * (distance - square) * (1 - d * distance / 5) / 3
        let second: Double = c * d * square * square / 5
        value = square.squareRoot() * exp(exponent) * (1 - first + second)
      }
      if product > -100 {
        let b = distance.squareRoot()
        let tail: Double = normalCumulative(-b / square.squareRoot()) * (2 * Double.pi).squareRoot()
        let series: Double = 1 - c * distance * (1 - d * distance / 5) / 3
        value -= exp(-product / 2) * tail * b * series
      }
      let half = square.squareRoot() / 2
      for node in nodes {
        let x = half * (node.x + 1)
        let (xs, root) = (x * x, (1 - x * x).squareRoot())
        let exponent = -(distance / xs + product) / 2
        guard exponent > -100 else { continue }
        let exact: Double = exp(-product * (1 - root) / (2 * (1 + root))) / root
        let series: Double = 1 + c * xs * (1 + d * xs)
        value += half * node.weight * exp(exponent) * (exact - series)
      }
      value = -value / (2 * .pi)
    }
    if r > 0 { return value + normalCumulative(-max(h, k)) }
    return -value + (k > h ? normalCumulative(k) - normalCumulative(h) : 0)
  }

  /// E[max(0, x - h) max(0, y - k)] for standard normal x and y of correlation r:
  /// (r + h k) L + (1 - r^2) phi2 - h phi(k) Q((h - r k)/q) - k phi(h) Q((k - r h)/q), L the orthant
  /// probability, q = sqrt(1 - r^2), phi2 the joint density.
  static func rampProduct(_ h: Double, _ k: Double, correlation r: Double) -> Double {
    // In the limit q -> 0 the probabilities are 0, 1/2 or 1.
    let q = max(((1 - r) * (1 + r)).squareRoot(), 1e-300)
    let (left, right) = ((h - r * k) / q, (k - r * h) / q)
    let whole: Double = (r + h * k) * orthant(h, k, correlation: r)
    let density: Double = q * exp(-(k * k + left * left) / 2) / (2 * .pi)
    let edges: Double =
      h * normalDensity(k) * normalCumulative(-left) + k * normalDensity(h) * normalCumulative(-right)
    return whole + density - edges
  }

  /// Nodes and weights of Gauss-Legendre quadrature on -1 to 1, of order 24.
  private static let nodes = GaussLegendre(24).nodes
}

/// Phi(x).
func normalCumulative(_ x: Double) -> Double { erfc(-x / 2.0.squareRoot()) / 2 }

/// exp(-x^2/2)/sqrt(2 pi).
func normalDensity(_ x: Double) -> Double { exp(-x * x / 2) / (2 * Double.pi).squareRoot() }
