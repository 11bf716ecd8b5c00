internal import CVectorKernels
internal import Foundation
internal import GSLNumerics
internal import LinearAlgebra
internal import RenormKernels

/// erf(h_a) for Gaussian h_a with means mu_a and variances c_a: with D = 1 + 2 c and x = mu/sqrt(D),
///
///     E erf(h) = erf x,    E erf'(h) = e = (2/sqrt(pi D)) exp(-x^2),    E erf''(h) = -2 (mu/D) e,
///     Cov(erf h_a, erf h_b) = sum_{n >= 1} g_n(a) g_n(b) u^n,    u = 2 C_ab/sqrt(D_a D_b),
///     g_n = (2/pi n)^(1/2) H_{n-1}(x) exp(-x^2)/sqrt(2^(n-1) (n-1)!)         (up to a common sign)
///
/// by the Hermite series of E f(a) g(b) (Mehler), of which g_n is bounded.
struct ErfMarginals: UnitMarginals {
  let means: [Double]
  /// D.
  let spreads: [Double]
  /// 2 c/D, which bounds |u|.
  private let shares: [Double]
  /// x.
  let ratios: [Double]
  let values: [Double]
  /// e.
  let slopes: [Double]

  init(means: [Double], variances: [Double]) {
    self.means = means
    spreads = variances.map { 1 + 2 * max($0, 0) }
    shares = zip(variances, spreads).map { 2 * max($0, 0) / $1 }
    ratios = zip(means, spreads).map { $0 / $1.squareRoot() }
    var values = ratios
    var slopes = [Double](repeating: 0, count: ratios.count)
    renorm_erf_values(&values, &slopes, values.count)
    for i in slopes.indices { slopes[i] /= spreads[i].squareRoot() }
    self.values = values
    self.slopes = slopes
  }

  var remainder: Double { 0 }
  var bends: [Double] { means.indices.map { -2 * means[$0] / spreads[$0] * slopes[$0] } }

  /// Var erf(h) = (2/pi) int_0^asin(2c/D) exp(-2 x^2/(1 + sin t)) dt, by Price's theorem.
  var variances: [Double] {
    zip(shares, ratios).map { share, x in
      let end = asin(share)
      return Self.rule.reduce(0) { sum, node in
        sum + end / .pi * node.weight * exp(-2 * x * x / (1 + sin(end * (1 + node.x) / 2)))
      }
    }
  }

  private static let rule = GaussLegendre(16).nodes

  /// Terms up to u^n (2/pi)/n = `accuracy` at the largest u, at most 200.
  var terms: Int {
    let u = shares.max() ?? 0
    guard u > 0 else { return 2 }
    var n = 2.0
    while n < 200, pow(u, n) / n > Self.accuracy { n += 1 }
    return Int(n) + 1
  }

  private static let accuracy = 1e-9

  func series(_ terms: Int) -> SeriesBlock {
    SeriesBlock(scales: spreads.map { (2 / $0).squareRoot() }, terms: terms) { i in
      let x = ratios[i]
      // Hermite functions psi_n = H_n(x) exp(-x^2)/sqrt(2^n n!).
      var (before, psi) = (0.0, exp(-x * x))
      var result = [0.0]
      for n in 1..<terms {
        result.append((2 / (.pi * Double(n))).squareRoot() * psi)
        let m = Double(n - 1)
        (before, psi) = (psi, x * (2 / (m + 1)).squareRoot() * psi - (m / (m + 1)).squareRoot() * before)
      }
      return result
    }
  }

  /// With t_ab = (mu_b - 2 C_ab mu_a/D_a) r_ab, r_ab = (D_b - 4 C_ab^2/D_a)^(-1/2), g = (2/sqrt pi) exp(-t^2):
  ///
  ///     E[f'_a f_b] = e_a erf t,   E[f'_a f'_b] = e_a g r,
  ///     E[f''_a f_b] = -2 (mu_a/D_a) e_a erf t - 2 (C_ab/D_a) e_a g r.
  func weigh(_ b: inout Matrix, _ c: Matrix) -> (slopes: [Double], bends: [Double]) {
    let count = means.count
    var sums = [Double](repeating: 0, count: count)
    var products = sums
    var (t, g) = (c, c)
    t.withUnsafeMutableElements { t in
      g.withUnsafeMutableElements { g in
        b.withUnsafeMutableElements { b in
          c.withUnsafeElements { c in
            guard let t = t.baseAddress, let g = g.baseAddress else { return }
            tilt(t, g)
            // Sums run over columns, as E[f'_a f_b] belongs to row a.
            for j in 0..<count {
              for i in 0..<count {
                let k = i + count * j
                sums[i] += b[k] * t[k]
                products[i] += b[k] * c[k] * g[k]
                b[k] *= slopes[i] * g[k]
              }
            }
          }
        }
      }
    }
    let own = means.indices.map { slopes[$0] * sums[$0] }
    return (
      own, means.indices.map { -2 / spreads[$0] * (means[$0] * own[$0] + slopes[$0] * products[$0]) }
    )
  }

  /// From C_ab in both arrays, column-major, t <- erf t_ab and g <- (2/sqrt pi) exp(-t_ab^2) r_ab: h_b and its
  /// spread where h_a is tilted by erf'. D_a D_b - 4 C_ab^2 >= 1 + 2 (c_a + c_b).
  private func tilt(_ t: UnsafeMutablePointer<Double>, _ g: UnsafeMutablePointer<Double>) {
    let count = means.count
    let tilts = zip(means, spreads).map { 2 * $0 / $1 }
    let shares = spreads.map { 4 / $0 }
    var roots = [Double](repeating: 0, count: count)
    var derivatives = roots
    for j in 0..<count {
      let (mean, spread) = (means[j], spreads[j])
      let column = t + count * j
      for i in 0..<count {
        let c = column[i]
        roots[i] = 1 / (spread - c * c * shares[i]).squareRoot()
        column[i] = (mean - c * tilts[i]) * roots[i]
      }
      renorm_erf_values(column, &derivatives, count)
      let target = g + count * j
      for i in 0..<count { target[i] = derivatives[i] * roots[i] }
    }
  }
}

/// An explicit unit of erf.
struct ErfUnit: UnitFunction {
  func marginals(means: [Double], variances: [Double]) -> any UnitMarginals {
    ErfMarginals(means: means, variances: variances)
  }

  func values(_ h: consuming Matrix) -> Matrix {
    var values = h
    var slopes = [Double](repeating: 0, count: values.elements.count)
    values.withUnsafeMutableElements { renorm_erf_values($0.baseAddress, &slopes, $0.count) }
    return values
  }

  /// erf(h/(1 + 2 variance)^(1/2)).
  func smoothed(_ h: consuming Matrix, rowVariances: [Double]) -> Matrix {
    let roots = rowVariances.map { 1 / (1 + 2 * $0).squareRoot() }
    let h = h
    return values(Matrix(rows: h.rows, columns: h.columns) { h[$0, $1] * roots[$0] })
  }
}
