internal import Foundation

/// The log-Gaussian law of a ReLU ResNet whose depth and width grow together (Li, Nica and Roy, NeurIPS 2021):
///
///     log(|z_d|^2 / |z_0|^2) = log S + G,   S = prod_l (alpha_l^2 + lambda_l^2),   G ~ N(mu, V),
///
/// with q_l = lambda_l^2/(alpha_l^2 + lambda_l^2) and r_lm = prod_(l <= k < m) sgn(alpha_k) sqrt(1 - q_k), the
/// correlation of a coordinate between layers l and m:
///
///     beta = (1/n) sum_l q_l (4 + q_l),                  H_m = -(1/2n) sum_(l<m) q_l r K'(r_lm),
///     mu = -beta/2 + sum_m q_m H_m,                      V = beta + (2/n) sum_(l<m) q_l q_m K(r_lm),
///
/// K of `SignedSquares`. Balanced networks have neither the hypoactivation H nor the correlations between
/// layers. Leading order in d, n -> infinity with d/n fixed. Costs O(d) for equal layers, else O(d^2).
public struct ResNetLaw: Equatable, Sendable {
  /// The network.
  public let shape: ResNetShape
  /// log S.
  public let logScale: Double
  /// beta.
  public let beta: Double
  /// The sum over layers of q_m H_m: the part of mu that is due to hypoactivation.
  public let hypoactivation: Double
  /// The part of V that is due to correlations between layers.
  public let interlayer: Double
  /// q_l.
  public let mixing: [Double]
  /// H_m = E h_m - 1 of every layer, h_m = 2 |relu(z_m)|^2/|z_m|^2.
  public let hypoactivations: [Double]
  /// The expected fraction of active units in every layer, 1/2 - (1/(pi n)) sum_(l<m) q_l r_lm
  /// sqrt(1 - r_lm^2).
  public let activeFractions: [Double]

  /// mu, the mean of G.
  public var mean: Double { -beta / 2 + hypoactivation }
  /// V, the variance of G.
  public var variance: Double { beta + interlayer }
  /// What a user should know but need not stop for; each is one line.
  public var warnings: [String] {
    let ratio = Double(shape.depth) / Double(shape.width)
    guard ratio > 2 else { return [] }
    return [
      "d/n is \(String(format: "%.3g", ratio)): the law is leading order in 1/n, and its errors grow with d/n; "
        + "simulate to see them"
    ]
  }

  /// The law of a network.
  public init(_ shape: ResNetShape) {
    let width = Double(shape.width)
    let gains = shape.gains
    let mixing = zip(shape.lambdas, gains).map { $0 * $0 / $1 }
    self.shape = shape
    self.mixing = mixing
    logScale = gains.reduce(0) { $0 + log($1) }
    beta = mixing.reduce(0) { $0 + $1 * (4 + $1) } / width
    guard shape.gating != .balanced else {
      (hypoactivation, interlayer) = (0, 0)
      hypoactivations = mixing.map { _ in 0 }
      activeFractions = mixing.map { _ in 0.5 }
      return
    }
    let sums = LagSums(shape, mixing)
    hypoactivations = sums.drift.map { 0 - $0 / (2 * width) }
    activeFractions = sums.inactive.map { 0.5 - $0 / (.pi * width) }
    hypoactivation = zip(mixing, sums.drift).reduce(0) { $0 - $1.0 * $1.1 } / (2 * width)
    interlayer = 2 * zip(mixing, sums.covariance).reduce(0) { $0 + $1.0 * $1.1 } / width
  }

  /// The factor r_(l, l+1) of every layer: sgn(alpha_l) sqrt(1 - q_l).
  static func steps(_ shape: ResNetShape) -> [Double] {
    zip(shape.alphas, shape.gains).map { $0 / $1.squareRoot() }
  }

  /// The correlation r_lm of a coordinate between layers 0 <= l, m <= d of a vanilla network.
  public func correlation(_ l: Int, _ m: Int) -> Double {
    Self.steps(shape)[min(l, m)..<max(l, m)].reduce(1, *)
  }
}

/// Sums over the earlier layers l < m, for every m = 0..d-1.
private struct LagSums {
  /// sum_l q_l K(r_lm).
  var covariance: [Double]
  /// sum_l q_l r K'(r_lm).
  var drift: [Double]
  /// sum_l q_l r_lm sqrt(1 - r_lm^2).
  var inactive: [Double]

  /// Below this correlation nothing is added; all three functions vanish with r.
  private static let smallest = 1e-14

  init(_ shape: ResNetShape, _ mixing: [Double]) {
    let depth = shape.depth
    covariance = [Double](repeating: 0, count: depth)
    drift = covariance
    inactive = covariance
    let steps = ResNetLaw.steps(shape)
    let isUniform = zip(steps, mixing).allSatisfy { $0 == steps[0] && $1 == mixing[0] }
    guard isUniform else {
      for m in 0..<depth {
        var r = 1.0
        for l in stride(from: m - 1, through: 0, by: -1) {
          r *= steps[l]
          guard abs(r) > Self.smallest else { break }
          add(m, mixing[l], r)
        }
      }
      return
    }
    var r = 1.0
    for m in 1..<max(depth, 1) {
      r *= steps[0]
      if abs(r) > Self.smallest { add(m, mixing[0], r) }
      covariance[m] += covariance[m - 1]
      drift[m] += drift[m - 1]
      inactive[m] += inactive[m - 1]
    }
  }

  private mutating func add(_ m: Int, _ q: Double, _ r: Double) {
    covariance[m] += q * SignedSquares.covariance(r)
    drift[m] += q * SignedSquares.drift(r)
    inactive[m] += q * r * max(0, (1 - r) * (1 + r)).squareRoot()
  }
}
