internal import CVectorKernels
internal import Foundation
internal import GSLNumerics

/// s(h) = h between -1 and 1, beyond them -1 and 1, odd. With r(h) = max(0, h - 1), s(h) = h - r(h) + r(-h),
/// and with E[a r(b)] = cab P(b > 1),
///
///     E[s(a) s(b)] = cab (1 - 2 P(a > 1) - 2 P(b > 1)) + 2 (E[r(a) r(b)] - E[r(a) r(-b)]),
///
/// E[r(a) r(b)] by quadrature over the correlation (`renorm_ramp_products`). Errors are about 1e-15 (1 +
/// sqrt(caa cbb)).
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
    rows.forEachColumn(columns, in: covariances) { column, j in
      let correlations = Array(column)
      var ramps = correlations
      rows.replaceByProducts(&ramps, with: columns, j, renorm_ramp_odd)
      for i in column.indices {
        let tails = 2 * rows.tails[i] + 2 * columns.tails[j]
        column[i] =
          rows.deviations[i] * columns.deviations[j] * (correlations[i] * (1 - tails) + 2 * ramps[i])
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
    var relu = Array(covariances)
    relu.withUnsafeMutableBufferPointer {
      ReLU().replaceBySecondMoments($0, rowVariances: rowVariances, columnVariances: columnVariances)
    }
    let (rows, columns) = (Ramps(rowVariances, at: 6), Ramps(columnVariances, at: 6))
    rows.forEachColumn(columns, in: covariances) { column, j in
      var cut = Array(column)
      rows.replaceByProducts(&cut, with: columns, j, renorm_ramp_cut)
      for i in column.indices {
        column[i] = relu[i + column.count * j] + rows.deviations[i] * columns.deviations[j] * cut[i]
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

  /// Calls `body` with the columns of a block of covariances, turned into correlations.
  func forEachColumn(
    _ columns: Ramps, in covariances: UnsafeMutableBufferPointer<Double>,
    _ body: (UnsafeMutableBufferPointer<Double>, Int) -> Void
  ) {
    let height = deviations.count
    precondition(covariances.count == height * columns.deviations.count)
    for (j, deviation) in columns.deviations.enumerated() {
      let column = UnsafeMutableBufferPointer(rebasing: covariances[height * j..<height * (j + 1)])
      for i in column.indices {
        let scale = deviations[i] * deviation
        column[i] = scale > 0 ? min(max(column[i] / scale, -1), 1) : 0
      }
      body(column, j)
    }
  }

  /// Correlations by products in units of the deviations.
  func replaceByProducts(
    _ correlations: inout [Double], with other: Ramps, _ j: Int, _ kind: renorm_ramp_kind
  ) {
    Self.coarse.withPointer { coarse in
      Self.fine.withPointer { fine in
        renorm_ramp_products(
          &correlations, correlations.count, thresholds, tails, densities, other.thresholds[j],
          other.tails[j], other.densities[j], coarse, fine, kind)
      }
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
