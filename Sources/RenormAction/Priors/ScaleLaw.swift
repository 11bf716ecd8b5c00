internal import Foundation

/// The law of a hidden unit's random scale tau >= 0, as a quadrature rule: E f(tau) = sum_j w_j f(tau_j).
///
/// Continuous laws are taken by the trapezoidal rule in log tau, which converges exponentially for the smooth
/// integrands of the prior: (1 + e^t Q)^(-1/2) is analytic for |Im t| < pi, so a step h leaves a relative error
/// of about exp(-2 pi^2/h), and exp(-pi^2/h) where the density is analytic for |Im t| < pi/2 only.
public struct ScaleLaw: Sendable {
  /// tau_j, ascending, and w_j; the weights sum to 1.
  public let rule: [(tau: Double, weight: Double)]
  /// The largest tau; infinite for laws without one.
  public let supremum: Double
  /// E tau; may be infinite.
  public let mean: Double
  /// The logarithm of the density of log tau, up to a constant; nil for a law of finitely many scales, and for
  /// a posterior.
  package let logDensity: (@Sendable (Double) -> Double)?

  /// A law of finitely many scales.
  public init(atoms: [(tau: Double, weight: Double)]) {
    rule = atoms.sorted { $0.tau < $1.tau }
    supremum = atoms.map(\.tau).max() ?? 0
    mean = atoms.reduce(0) { $0 + $1.tau * $1.weight }
    logDensity = nil
  }

  /// A law on (0, infinity).
  ///
  /// - Parameters:
  ///   - mean: E tau; may be infinite.
  ///   - mode: the maximum of the density of log tau.
  ///   - logDensity: the logarithm of the density of log tau, up to a constant.
  public init(mean: Double, around mode: Double, logDensity: @escaping @Sendable (Double) -> Double) {
    let peak = logDensity(mode)
    // exp(-pi^2/h) is far below rounding, and so is exp(-2 pi^2 (deviation/h)^2) for laws that are narrow in
    // log tau; quantiles are interpolated between steps.
    let probe = 1e-3
    let curvature = (2 * peak - logDensity(mode - probe) - logDensity(mode + probe)) / (probe * probe)
    let step = min(0.1, 0.5 / max(curvature, 0).squareRoot())
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
    rule = rule.map { ($0.tau, $0.weight / sum) }.sorted { $0.tau < $1.tau }
    // What a heavy tail beyond the last scale adds to E tau is much more than its weight: it is put there.
    let missing = mean - rule.reduce(0) { $0 + $1.tau * $1.weight }
    if missing > 0, missing < mean, let last = rule.last { rule.append((last.tau, missing / last.tau)) }
    self.rule = rule
    supremum = .infinity
    self.mean = mean
    self.logDensity = logDensity
  }

  /// E f(tau).
  public func expectation(_ f: (Double) -> Double) -> Double { rule.reduce(0) { $0 + $1.weight * f($1.tau) } }

  /// The posterior law of a unit's scale, p(tau | data) proportional to p(tau) prod_k (1 + tau Q_k)^(-1/2), for
  /// the eigenvalues Q_k of the conjugate order parameter (docs/theory.md, section 9).
  public func posterior(conjugate eigenvalues: [Double]) -> ScaleLaw {
    let weights = rule.map { node in
      node.weight * exp(-0.5 * eigenvalues.reduce(0) { $0 + log1p(node.tau * $1) })
    }
    let sum = weights.reduce(0, +)
    let tilted = zip(rule, weights).map { ($0.tau, $1 / sum) }
    let mean = tilted.reduce(0) { $0 + $1.0 * $1.1 }
    // Where a law has no mean, equal steps of log tau among the largest scales carry equal shares of it, or
    // growing ones.
    let last = tilted.suffix(100).reduce(0) { $0 + $1.0 * $1.1 }
    let before = tilted.suffix(200).prefix(100).reduce(0) { $0 + $1.0 * $1.1 }
    let hasMean = supremum.isFinite || last < 0.9 * before || last < 1e-12 * mean
    return ScaleLaw(rule: tilted, supremum: supremum, mean: hasMean ? mean : .infinity)
  }

  /// The smallest tau below which a fraction p of the law lies; interpolated in log tau for continuous laws.
  public func quantile(_ p: Double) -> Double {
    var below = 0.0
    var previous: (place: Double, below: Double)?
    for node in rule {
      // A node of the rule stands for the law around it, an atom for itself.
      let place = log(node.tau)
      let reached = below + (supremum.isFinite ? node.weight : node.weight / 2)
      if reached >= p {
        guard supremum == .infinity, let previous, reached > previous.below else { return node.tau }
        let share = (p - previous.below) / (reached - previous.below)
        return exp(previous.place + share * (place - previous.place))
      }
      previous = (place, reached)
      below += node.weight
    }
    return rule.last?.tau ?? 0
  }

  private init(rule: [(tau: Double, weight: Double)], supremum: Double, mean: Double) {
    (self.rule, self.supremum, self.mean) = (rule, supremum, mean)
    logDensity = nil
  }
}
