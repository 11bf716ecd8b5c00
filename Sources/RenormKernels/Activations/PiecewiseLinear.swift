internal import CVectorKernels
internal import Foundation
internal import GSLNumerics

/// s(h) = h between -1 and 1, beyond them -1 and 1, odd. With r(h) = max(0, h - 1), s(h) = h - r(h) + r(-h),
/// and with E[a r(b)] = cab P(b > 1),
///
///     E[s(a) s(b)] = cab (1 - 2 P(a > 1) - 2 P(b > 1)) + 2 (E[r(a) r(b)] - E[r(a) r(-b)]),
///
/// E[r(a) r(b)] by quadrature over the correlation (`renorm_ramp_products`) where that is above 0.8, below from
/// the Hermite coefficients of s (`RampCoefficients`). Errors are about 1e-15 (1 + sqrt(caa cbb)), absolute: of
/// a function bounded by 1 no digit is right at variances of 1e15.
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
    secondMomentAlone(caa, cab, cbb)
  }

  public func replaceBySecondMoments(
    _ covariances: UnsafeMutableBufferPointer<Double>, rowVariances: UnsafeBufferPointer<Double>,
    columnVariances: UnsafeBufferPointer<Double>
  ) {
    let (rows, columns) = (Ramps(rowVariances, at: 1), Ramps(columnVariances, at: 1))
    let steep = rows.steepColumns(columns, in: covariances)
    RampCoefficients.replace(covariances, rows, columns, isOdd: true) { ramps, i in
      let kink = ramps.coefficients(i)
      // The slope, and twice the kinks at 1.
      return RampCoefficients.odd.map { k in
        ramps.deviations[i] * (k == 1 ? ramps.inside(i) : -2 * kink[k])
      }
    }
    for column in steep {
      let j = column.index
      rows.forEachProduct(column, with: columns, renorm_ramp_odd) { i, correlation, ramp in
        let tails = 2 * rows.tails[i] + 2 * columns.tails[j]
        covariances[i + rows.count * j] =
          rows.deviations[i] * columns.deviations[j] * (correlation * (1 - tails) + 2 * ramp)
      }
    }
  }
}

/// s(h) = min(max(0, h), 6), not odd: relu(h) - relu(h - 6), of which the moments are
///
///     E[s(a) s(b)] = E[relu(a) relu(b)] - E[relu(a) r(b)] - E[r(a) relu(b)] + E[r(a) r(b)],
///     r(h)         = max(0, h - 6),
///
/// by the same quadrature, with the same errors; E[s(a)] = sqrt(caa) (phi(0) - phi(t) + t Q(t)), t = 6/sqrt(caa).
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
    secondMomentAlone(caa, cab, cbb)
  }

  public func replaceBySecondMoments(
    _ covariances: UnsafeMutableBufferPointer<Double>, rowVariances: UnsafeBufferPointer<Double>,
    columnVariances: UnsafeBufferPointer<Double>
  ) {
    let (rows, columns) = (Ramps(rowVariances, at: 6), Ramps(columnVariances, at: 6))
    let steep = rows.steepColumns(columns, in: covariances)
    let relu = ReLU()
    RampCoefficients.replace(covariances, rows, columns, isOdd: false) { ramps, i in
      zip(RampCoefficients.atZero, ramps.coefficients(i)).map { ramps.deviations[i] * ($0 - $1) }
    }
    for column in steep {
      let j = column.index
      for (i, covariance) in zip(column.places, column.covariances) {
        covariances[i + rows.count * j] = relu.secondMoment(rowVariances[i], covariance, columnVariances[j])
      }
      rows.forEachProduct(column, with: columns, renorm_ramp_cut) { i, _, cut in
        covariances[i + rows.count * j] += rows.deviations[i] * columns.deviations[j] * cut
      }
    }
  }
}

extension Activation {
  /// A block of one element.
  fileprivate func secondMomentAlone(_ caa: Double, _ cab: Double, _ cbb: Double) -> Double {
    var value = [cab]
    value.withUnsafeMutableBufferPointer { value in
      [caa].withUnsafeBufferPointer { rows in
        [cbb].withUnsafeBufferPointer { columns in
          replaceBySecondMoments(value, rowVariances: rows, columnVariances: columns)
        }
      }
    }
    return value[0]
  }
}

/// max(0, h - t) of Gaussian h in units of their deviations: thresholds t/deviation.
private struct Ramps {
  let deviations: [Double]
  private let thresholds: [Double]
  /// P(h > t).
  let tails: [Double]
  private let densities: [Double]

  private static let coarse = QuadratureRule(order: 12)
  private static let fine = QuadratureRule(order: 20)

  init(_ variances: UnsafeBufferPointer<Double>, at threshold: Double) {
    deviations = variances.map { $0.squareRoot() }
    // Beyond 1e8 deviations nothing is left of the ramp.
    thresholds = deviations.map { min(threshold / $0, 1e8) }
    tails = thresholds.map { normalCumulative(-$0) }
    densities = thresholds.map { normalDensity($0) }
  }

  var count: Int { deviations.count }

  /// P(|h| < t), to all its digits where that is little.
  func inside(_ i: Int) -> Double { erf(thresholds[i] * 0.5.squareRoot()) }

  /// The Hermite coefficients of the ramp of one element (`RampCoefficients`).
  func coefficients(_ i: Int) -> [Double] {
    RampCoefficients.ramp(thresholds[i], tail: tails[i], density: densities[i])
  }

  /// The elements of a column that the series does not reach.
  struct Steep {
    let index: Int
    var places: [Int] = []
    var covariances: [Double] = []
    var correlations: [Double] = []
  }

  /// Columns of a block of covariances with correlations above those of the series.
  func steepColumns(_ columns: Ramps, in covariances: UnsafeMutableBufferPointer<Double>) -> [Steep] {
    precondition(covariances.count == count * columns.count)
    let inverses = scales
    return columns.scales.enumerated().compactMap { j, inverse in
      var steep = Steep(index: j)
      for i in 0..<count {
        let correlation = covariances[i + count * j] * (inverses[i] * inverse)
        if abs(correlation) > RampCoefficients.largestCorrelation {
          steep.places.append(i)
          steep.covariances.append(covariances[i + count * j])
          steep.correlations.append(min(max(correlation, -1), 1))
        }
      }
      return steep.places.isEmpty ? nil : steep
    }
  }

  /// 1/deviation, and 0 for variances that count as 0: of others the product of two is finite.
  var scales: [Double] { deviations.map { $0 > 1e-150 ? 1 / $0 : 0 } }

  /// Calls `body` with the correlations of a column and their products in units of the deviations.
  func forEachProduct(
    _ column: Steep, with other: Ramps, _ kind: renorm_ramp_kind, _ body: (Int, Double, Double) -> Void
  ) {
    let j = column.index
    var products = column.correlations
    Self.coarse.withPointer { coarse in
      Self.fine.withPointer { fine in
        renorm_ramp_products(
          &products, products.count, column.places.map { thresholds[$0] }, column.places.map { tails[$0] },
          column.places.map { densities[$0] }, other.thresholds[j], other.tails[j], other.densities[j], coarse,
          fine, kind)
      }
    }
    for (k, i) in column.places.enumerated() { body(i, column.correlations[k], products[k]) }
  }
}

/// The Hermite coefficients of max(0, z - t), of orders k from 0 on (`HermiteSeries`),
///
///     phi(t) - t Q(t),   Q(t),   phi(t) He_(k-2)(t)/k!^(1/2).
///
/// By Cramer's bound, |He_k(t)| exp(-t^2/4) <= 1.09 k!^(1/2), two functions of slopes at most 1 with two kinks
/// have products of coefficients below 0.75/(k (k - 1)): what their series leaves out from order K on is at most
/// 0.75 r^K/((1 - r) K (K - 1)), 1e-15 here.
private enum RampCoefficients {
  static let largestCorrelation = 0.8
  static let orders = 0..<120
  static let odd = Array(stride(from: 1, to: 120, by: 2))
  static let atZero = ramp(0, tail: 0.5, density: normalDensity(0))

  static func ramp(_ threshold: Double, tail: Double, density: Double) -> [Double] {
    var values = [density - threshold * tail, tail]
    // phi(t) He_m(t)/m!^(1/2) and the one before it.
    var (last, value) = (0.0, density)
    values.reserveCapacity(orders.count)
    for k in orders.dropFirst(2) {
      values.append(value * inverseRoots[k] * inverseRoots[k - 1])
      (last, value) = (value, (threshold * value - roots[k - 2] * last) * inverseRoots[k - 1])
    }
    return values
  }

  private static let roots = orders.map { Double($0).squareRoot() }
  private static let inverseRoots = orders.map { 1 / Double($0).squareRoot() }

  /// Replaces covariances by second moments, right where correlations are at most `largestCorrelation`.
  static func replace(
    _ covariances: UnsafeMutableBufferPointer<Double>, _ rows: Ramps, _ columns: Ramps, isOdd: Bool,
    _ coefficients: (Ramps, Int) -> [Double]
  ) {
    guard let target = covariances.baseAddress else { return }
    let terms = isOdd ? odd.count : orders.count
    let (rowScales, columnScales) = (rows.scales, columns.scales)
    let columnBlock = SeriesBlock(scales: columnScales, terms: terms) { coefficients(columns, $0) }
    for part in rows.count.blocks(of: SeriesBlock.largest) {
      let rowBlock = SeriesBlock(scales: Array(rowScales[part]), terms: terms) {
        coefficients(rows, part.lowerBound + $0)
      }
      SeriesBlock.replace(target + part.lowerBound, stride: rows.count, rowBlock, columnBlock, isOdd: isOdd)
    }
  }
}

/// Gauss-Legendre quadrature as C takes it.
struct QuadratureRule: Sendable {
  private let nodes: [Double]
  private let weights: [Double]

  init(order: Int) {
    let rule = GaussLegendre(order).nodes
    (nodes, weights) = (rule.map(\.x), rule.map(\.weight))
  }

  func withPointer(_ body: (UnsafePointer<renorm_quadrature>) -> Void) {
    nodes.withUnsafeBufferPointer { nodes in
      weights.withUnsafeBufferPointer { weights in
        var rule = renorm_quadrature(
          nodes: nodes.baseAddress, weights: weights.baseAddress, order: nodes.count)
        body(&rule)
      }
    }
  }
}
