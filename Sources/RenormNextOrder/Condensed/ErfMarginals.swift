internal import CVectorKernels
internal import Foundation
internal import GSLNumerics
internal import LinearAlgebra

/// erf(h_a) for Gaussian h_a with means mu_a and variances c_a: with D = 1 + 2 c and x = mu/sqrt(D),
///
///     E erf(h) = erf x,    E erf'(h) = e = (2/sqrt(pi D)) exp(-x^2),    E erf''(h) = -2 (mu/D) e,
///     Cov(erf h_a, erf h_b) = sum_{n >= 1} g_n(a) g_n(b) u^n,    u = 2 C_ab/sqrt(D_a D_b),
///     g_n = (2/pi n)^(1/2) H_{n-1}(x) exp(-x^2)/sqrt(2^(n-1) (n-1)!)         (up to a common sign)
///
/// by the Hermite series of E f(a) g(b) (Mehler), of which g_n is bounded.
struct ErfMarginals {
  let means: [Double]
  /// D.
  let spreads: [Double]
  /// x.
  let ratios: [Double]
  /// E erf(h).
  let values: [Double]
  /// e.
  let slopes: [Double]

  init(means: [Double], variances: [Double]) {
    self.means = means
    spreads = variances.map { 1 + 2 * max($0, 0) }
    ratios = zip(means, spreads).map { $0 / $1.squareRoot() }
    var values = ratios
    var slopes = [Double](repeating: 0, count: ratios.count)
    renorm_erf_values(&values, &slopes, values.count)
    for i in slopes.indices { slopes[i] /= spreads[i].squareRoot() }
    self.values = values
    self.slopes = slopes
  }

  var count: Int { means.count }

  /// Var erf(h) = (2/pi) int_0^asin(2c/D) exp(-2 x^2/(1 + sin t)) dt, by Price's theorem.
  var variances: [Double] {
    zip(spreads, ratios).map { spread, x in
      let end = asin((spread - 1) / spread)
      return Self.rule.reduce(0) { sum, node in
        sum + end / .pi * node.weight * exp(-2 * x * x / (1 + sin(end * (1 + node.x) / 2)))
      }
    }
  }

  private static let rule = GaussLegendre(16).nodes

  /// The largest 2 c/D, which bounds all |u|.
  private var largest: Double { spreads.reduce(0) { max($0, ($1 - 1) / $1) } }

  /// g_n, by element and term, padded for the vectorised series; term 0 vanishes.
  private func coefficients(_ terms: Int) -> (values: [Double], stride: Int) {
    let width = Int(renorm_series_width)
    let stride = (count + width - 1) / width * width
    var result = [Double](repeating: 0, count: stride * terms)
    for i in 0..<count {
      let x = ratios[i]
      // Hermite functions psi_n = H_n(x) exp(-x^2)/sqrt(2^n n!).
      var (before, psi) = (0.0, exp(-x * x))
      for n in 1..<terms {
        result[i + stride * n] = (2 / (.pi * Double(n))).squareRoot() * psi
        let m = Double(n - 1)
        (before, psi) = (psi, x * (2 / (m + 1)).squareRoot() * psi - (m / (m + 1)).squareRoot() * before)
      }
    }
    return (result, stride)
  }

  /// Terms up to u^n (2/pi)/n = `accuracy` at the largest u, at most 200.
  private static func terms(_ u: Double, accuracy: Double) -> Int {
    guard u > 0 else { return 2 }
    var n = 2.0
    while n < 200, pow(u, n) / n > accuracy { n += 1 }
    return Int(n) + 1
  }

  private static let accuracy = 1e-9

  /// Cov(erf h_a, erf h_b) for rows a and columns b from C_ab, the covariances of h.
  static func covariances(
    _ c: consuming Matrix, _ rows: ErfMarginals, _ columns: ErfMarginals
  ) -> Matrix {
    let terms = Self.terms((rows.largest * columns.largest).squareRoot(), accuracy: accuracy)
    let (a, b) = (rows.coefficients(terms), columns.coefficients(terms))
    let scales = { (m: ErfMarginals) in m.spreads.map { (2 / $0).squareRoot() } }
    var result = c
    let (rowScales, columnScales) = (scales(rows), scales(columns))
    let height = result.rows
    result.withUnsafeMutableElements { elements in
      guard let base = elements.baseAddress else { return }
      renorm_series_second_moments(
        base, height, rowScales, rows.count, columnScales, columns.count, a.values, a.stride, b.values, b.stride,
        terms, false)
    }
    return result
  }

  /// The same over one set of examples, exact on the diagonal, where the series converges slowest.
  func covariances(_ c: consuming Matrix) -> Matrix {
    var result = Self.covariances(c, self, self)
    for (i, variance) in variances.enumerated() { result[i, i] = variance }
    return result
  }
}
