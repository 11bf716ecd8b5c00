internal import Foundation
internal import LinearAlgebra
internal import RenormKernels

/// f(h_a) of a smooth odd activation for Gaussian h_a with means mu_a and variances c_a, from the Hermite
/// coefficients around the mean,
///
///     a_k = E[f(mu + c^(1/2) z) He_k(z)]/k!^(1/2),   b_k = E[f'(mu + c^(1/2) z) He_k(z)]/k!^(1/2),
///
/// z ~ N(0, 1), by the trapezoidal rule, which converges exponentially for functions that are analytic around the real axis.
/// With r = C_ab/(c_a c_b)^(1/2) and the coefficients (k + 1)^(1/2) b_(k+1)/c^(1/2) of f'' (by parts),
///
///     E[f_a f_b] = sum_k a_k a'_k r^k,   E[f'_a f_b] = sum_k b_k a'_k r^k,   ...
///
/// (Mehler), with ' for those of b. On the diagonal, r = 1, the rule itself is used.
struct SeriesMarginals: UnitMarginals {
  let values: [Double]
  let slopes: [Double]
  let bends: [Double]
  let variances: [Double]
  let terms: Int
  /// The root of what all of b leave of E f'^2, relative; the largest.
  let remainder: Double
  /// a and b, examples x terms.
  private let own: Matrix
  private let slopeSeries: Matrix
  /// c^(-1/2), 0 where c is 0.
  private let scales: [Double]
  /// E f'^2, E[f' f] and E[f'' f].
  private let squares: [Double]
  private let products: [Double]
  private let bentProducts: [Double]

  /// Coefficients beyond are left out.
  static let mostTerms = 256
  /// The series end where the coefficients of f' that they leave out are this share of its size, a root of sums
  /// of squares; of a product its square is left out.
  private static let accuracy = 1e-5

  init(_ activation: any DifferentiableActivation, means: [Double], variances: [Double]) {
    let count = means.count
    let deviations = variances.map { max($0, 0).squareRoot() }
    let rule = HermiteRule(deviation: deviations.max() ?? 0, terms: Self.mostTerms)
    var f = Matrix(rows: count, columns: rule.points.count) { means[$0] + deviations[$0] * rule.points[$1] }
    var slope = f
    f.withUnsafeMutableElements { f in
      slope.withUnsafeMutableElements { slope in activation.replaceByValues(f, derivatives: slope) }
    }
    let coefficients = f * rule.functions
    let slopeCoefficients = slope * rule.functions
    values = coefficients.column(0)
    slopes = slopeCoefficients.column(0)
    let scales = deviations.map { $0 > 1e-8 ? 1 / $0 : 0 }
    var (spread, squares, products, tilted) = (values, values, values, values)
    for i in 0..<count {
      (spread[i], squares[i], products[i], tilted[i]) = (0, 0, 0, 0)
      for (m, weight) in rule.weights.enumerated() {
        let (value, derivative) = (f[i, m], slope[i, m])
        spread[i] += weight * (value - values[i]) * (value - values[i])
        squares[i] += weight * derivative * derivative
        products[i] += weight * value * derivative
        tilted[i] += weight * value * derivative * rule.points[m]
      }
    }
    (self.variances, self.squares, self.products) = (spread, squares, products)
    // E[(f f')'] = E[z f f']/c^(1/2).
    bentProducts = (0..<count).map { scales[$0] > 0 ? tilted[$0] * scales[$0] - squares[$0] : 0 }
    self.scales = scales
    bends = (0..<count).map { slopeCoefficients[$0, 1] * scales[$0] }

    var (most, left) = (2, 0.0)
    for i in 0..<count {
      var tail = max(
        squares[i]
          - (0..<Self.mostTerms).reduce(0) { $0 + slopeCoefficients[i, $1] * slopeCoefficients[i, $1] }, 0)
      left = max(left, squares[i] > 0 ? tail / squares[i] : 0)
      tail = 0
      var k = Self.mostTerms
      while k > 2 {
        let next = tail + slopeCoefficients[i, k - 1] * slopeCoefficients[i, k - 1]
        if next > Self.accuracy * Self.accuracy * squares[i] { break }
        (tail, k) = (next, k - 1)
      }
      most = max(most, k)
    }
    remainder = left.squareRoot()
    // b_0..b_(k-1) are a_1..a_k.
    terms = min(most + 1, Self.mostTerms)
    own = coefficients
    slopeSeries = slopeCoefficients
  }

  func series(_ terms: Int) -> SeriesBlock {
    block(terms) { i, k in k == 0 || k >= own.columns ? 0 : own[i, k] }
  }

  private func block(_ terms: Int, _ coefficient: (Int, Int) -> Double) -> SeriesBlock {
    SeriesBlock(scales: scales, terms: terms) { i in (0..<terms).map { coefficient(i, $0) } }
  }

  func weigh(_ b: inout Matrix, _ c: Matrix) -> (slopes: [Double], bends: [Double]) {
    let count = values.count
    let value = block(terms) { own[$0, $1] }
    let slope = block(terms) { slopeSeries[$0, $1] }
    let bend = block(terms) { i, k in
      k + 1 < slopeSeries.columns ? Double(k + 1).squareRoot() * slopeSeries[i, k + 1] * scales[i] : 0
    }
    let bent = SeriesBlock.moments(c, bend, value).replacing(diagonal: bentProducts)
    let sloped = SeriesBlock.moments(c, slope, value).replacing(diagonal: products)
    let both = SeriesBlock.moments(c, slope, slope).replacing(diagonal: squares)
    var (slopeSums, bendSums) = ([Double](repeating: 0, count: count), [Double](repeating: 0, count: count))
    b.withUnsafeMutableElements { b in
      sloped.withUnsafeElements { sloped in
        bent.withUnsafeElements { bent in
          both.withUnsafeElements { both in
            for j in 0..<count {
              for i in 0..<count {
                let k = i + count * j
                slopeSums[i] += b[k] * sloped[k]
                bendSums[i] += b[k] * bent[k]
                b[k] *= both[k]
              }
            }
          }
        }
      }
    }
    return (slopeSums, bendSums)
  }
}

/// The trapezoidal rule for averages over a Gaussian number z times He_k(z)/k!^(1/2).
private struct HermiteRule {
  /// z.
  let points: [Double]
  /// The weights of averages.
  let weights: [Double]
  /// He_k(z)/k!^(1/2) times the weights, points x terms.
  let functions: Matrix

  /// - Parameter deviation: the largest of h: f(h) changes over distances of about 1, and no faster than tanh.
  init(deviation: Double, terms: Int) {
    // He_k exp(-z^2/2) has frequencies up to about k^(1/2) + 6, tanh(s z) 17 s at 1e-12; and exp(-z^2/4) bounds
    // He_k/k!^(1/2) exp(-z^2/2).
    let step = 2 * Double.pi / (Double(terms).squareRoot() + 8 + 18 * deviation)
    let count = Int((12 / step).rounded(.up))
    points = (-count...count).map { step * Double($0) }
    weights = points.map { step * exp(-$0 * $0 / 2) / (2 * Double.pi).squareRoot() }
    var functions = Matrix(rows: points.count, columns: terms)
    for (m, z) in points.enumerated() {
      var (before, value) = (0.0, weights[m])
      for k in 0..<terms {
        functions[m, k] = value
        (before, value) = (
          value, (z * value - Double(k).squareRoot() * before) / Double(k + 1).squareRoot()
        )
      }
    }
    self.functions = functions
  }
}

/// An explicit unit of a smooth odd activation.
struct SeriesUnit: UnitFunction {
  let activation: any DifferentiableActivation

  func marginals(means: [Double], variances: [Double]) -> any UnitMarginals {
    SeriesMarginals(activation, means: means, variances: variances)
  }

  func values(_ h: consuming Matrix) -> Matrix {
    let h = h
    return Matrix(rows: h.rows, columns: h.columns, elements: h.elements.map { activation($0) })
  }

  /// The trapezoidal rule.
  func smoothed(_ h: consuming Matrix, rowVariances: [Double]) -> Matrix {
    let h = h
    var result = Matrix(rows: h.rows, columns: h.columns)
    for (i, variance) in rowVariances.enumerated() {
      let deviation = max(variance, 0).squareRoot()
      let rule = HermiteRule(deviation: deviation, terms: 1)
      for j in 0..<h.columns {
        result[i, j] = zip(rule.points, rule.weights).reduce(0) { sum, node in
          sum + node.1 * activation(h[i, j] + deviation * node.0)
        }
      }
    }
    return result
  }
}

extension Activation {
  /// What an explicit unit of this activation needs; nil where there is nothing.
  var unitFunction: (any UnitFunction)? {
    if self is Erf { return ErfUnit() }
    guard isOdd, !isLinear, let activation = self as? any DifferentiableActivation else { return nil }
    return SeriesUnit(activation: activation)
  }
}
