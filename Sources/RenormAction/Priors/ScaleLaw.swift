internal import Foundation

/// The law of a hidden unit's random scale tau >= 0, as a quadrature rule: E f(tau) = sum_j w_j f(tau_j).
///
/// Continuous laws are taken by the trapezoidal rule in log tau, which converges exponentially for the smooth
/// integrands of the prior: (1 + e^t Q)^(-1/2) is analytic for |Im t| < pi, so a step h leaves a relative error
/// of about exp(-2 pi^2/h), and exp(-pi^2/h) where the density is analytic for |Im t| < pi/2 only.
public struct ScaleLaw: Sendable {
  /// tau_j and w_j; the weights sum to 1.
  public let rule: [(tau: Double, weight: Double)]
  /// The largest tau; infinite for laws without one.
  public let supremum: Double
  /// E tau; may be infinite.
  public let mean: Double

  /// A law of finitely many scales.
  public init(atoms: [(tau: Double, weight: Double)]) {
    rule = atoms
    supremum = atoms.map(\.tau).max() ?? 0
    mean = atoms.reduce(0) { $0 + $1.tau * $1.weight }
  }

  /// A law on (0, infinity).
  ///
  /// - Parameters:
  ///   - mean: E tau; may be infinite.
  ///   - mode: a place in log tau near the bulk of the law.
  ///   - logDensity: the logarithm of the density of log tau, up to a constant.
  public init(mean: Double, around mode: Double, logDensity: (Double) -> Double) {
    // exp(-pi^2/h) is below 1e-17.
    let step = 0.2
    let peak = logDensity(mode)
    var rule: [(tau: Double, weight: Double)] = []
    for direction in [-1.0, 1] {
      var k = direction < 0 ? 0 : 1
      // What is beyond weighs less than rounding, and scales stay far from overflow.
      while k < 4000 {
        let t = mode + direction * step * Double(k)
        let density = exp(logDensity(t) - peak)
        if k > 20 && density < 1e-18 || abs(t) > 600 { break }
        rule.append((exp(t), density))
        k += 1
      }
    }
    let sum = rule.reduce(0) { $0 + $1.weight }
    self.rule = rule.map { ($0.tau, $0.weight / sum) }.sorted { $0.tau < $1.tau }
    supremum = .infinity
    self.mean = mean
  }

  /// E f(tau).
  public func expectation(_ f: (Double) -> Double) -> Double { rule.reduce(0) { $0 + $1.weight * f($1.tau) } }

  /// The posterior law of a unit's scale, p(tau | data) proportional to p(tau) prod_k (1 + tau Q_k)^(-1/2), for
  /// the eigenvalues Q_k of the conjugate order parameter (docs/theory.md, section 9).
  public func posterior(conjugate eigenvalues: [Double]) -> ScaleLaw {
    let weights = rule.map {
      $0.weight * exp(-0.5 * eigenvalues.reduce(0) { [tau = $0.tau] in $0 + log1p(tau * $1) })
    }
    let sum = weights.reduce(0, +)
    return ScaleLaw(atoms: zip(rule, weights).map { ($0.tau, $1 / sum) })
  }
}
