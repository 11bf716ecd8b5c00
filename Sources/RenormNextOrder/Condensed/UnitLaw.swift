internal import Foundation
internal import GSLNumerics
internal import LinearAlgebra

/// A Gaussian law N(om, La^-1) of the weights of a hidden unit.
struct UnitLaw: Sendable {
  /// om, p numbers.
  var mean: [Double]
  /// La, p x p.
  var precision: Matrix

  /// The prior.
  static func prior(_ rank: Int) -> UnitLaw {
    UnitLaw(mean: [Double](repeating: 0, count: rank), precision: .identity(rank))
  }

  /// The unit variances of the prior around a mean drawn from it.
  static func random(_ rank: Int, _ generator: RandomGenerator) -> UnitLaw {
    UnitLaw(mean: (0..<rank).map { _ in generator.gaussian() }, precision: .identity(rank))
  }

  /// Bhattacharyya's coefficient, the integral of the root of the product of both densities: 1 for equal laws, 0
  /// for laws far apart. With D the difference of means,
  ///
  ///     -log BC = 1/4 D^T La (La + La')^-1 La' D + 1/2 log det (La + La')/2 - 1/4 log det La La'.
  func overlap(_ other: UnitLaw) -> Double {
    guard let sum = try? Cholesky(precision + other.precision), let own = try? Cholesky(precision),
      let theirs = try? Cholesky(other.precision)
    else { return 0 }
    let difference = zip(mean, other.mean).map(-)
    let form = dot(precision * difference, sum.solve(other.precision * difference))
    let volumes = sum.logDeterminant - Double(mean.count) * log(2)
    return min(
      exp(-form / 4 - volumes / 2 + (own.logDeterminant + theirs.logDeterminant) / 4), 1)
  }

  /// Whether the means differ by less than half of the other's length, or than half a deviation of the prior.
  func isNear(_ other: UnitLaw) -> Bool {
    let difference = zip(mean, other.mean).map(-)
    return dot(difference, difference) < 0.25 * max(dot(other.mean, other.mean), 1)
  }
}

/// The action of an explicit unit with readout v (in deviations of its prior) beside a bulk of N_b units,
///
///     F = G(q) + 1/2 [ |om|^2 + tr La^-1 - p + log det La ] + v^2/2,
///     z_i = (V^T (y - s m))_i^2 + s^2 (V^T S V)_ii,     s = v/sqrt(N lambda1),
///
/// m and S mean and covariance of f(R w) over its law w ~ N(om, La^-1), q at the minimum of G: a bound of
/// -log of the evidence at fixed v, by Jensen's inequality (the data part averaged over the law).
struct UnitAction: Sendable {
  let problem: CondensedProblem
  /// v.
  let readout: Double
  /// s.
  let strength: Double
  let bulk: BulkLaw

  /// - Parameters:
  ///   - units: N_b.
  ///   - cut: the largest readout of the bulk; v where the explicit unit is the largest.
  init(_ problem: CondensedProblem, readout: Double, units: Double, cut: Double?) {
    self.problem = problem
    self.readout = readout
    strength = problem.strength(readout)
    bulk = problem.bulk(units: units, cut: cut)
  }

  /// The same at another temperature.
  func at(temperature: Double) -> UnitAction {
    var other = problem
    other.temperature = temperature
    return UnitAction(other, readout: readout, units: bulk.units, cut: bulk.cut)
  }

  /// The action at a law, with what its gradient and predictions need.
  struct Evaluation: Sendable {
    let law: UnitLaw
    /// The factor of La.
    let factor: Cholesky
    /// L^-1 R^T, p x P.
    let half: Matrix
    /// C, the covariances of h.
    let preactivations: Matrix
    let marginals: any UnitMarginals
    /// S.
    let covariances: Matrix
    /// V^T (y - s m).
    let residual: [Double]
    /// s^2 (V^T S V)_ii.
    let spread: [Double]
    /// z.
    let squares: [Double]
    let minimum: (logQ: Double, value: BulkLaw.Value)
    /// KL(N(om, La^-1) || N(0, 1)).
    let divergence: Double
    /// F.
    let action: Double
  }

  /// nil where La is not positive definite, or numbers overflow.
  func evaluate(_ law: UnitLaw, logQ start: Double) -> Evaluation? {
    guard let factor = try? Cholesky(law.precision) else { return nil }
    let half = factor.solveLower(problem.features.transposed)
    let c = half.asTranspose * half
    let marginals = problem.unit.marginals(means: problem.features * law.mean, variances: c.diagonal)
    let covariances = marginals.covariances(c)
    let residual = problem.turned(zip(problem.targets, marginals.values).map { $0 - strength * $1 })
    let products = covariances * problem.vectors
    let spread = columnProducts(products, problem.vectors).map { strength * strength * max($0, 0) }
    var squares = zip(residual, spread).map { $0 * $0 + $1 }
    if let fixed = problem.squares { squares = zip(squares, fixed).map(+) }
    let minimum = bulk.minimum(squares, from: start)
    let inverse = factor.solveLower(.identity(problem.rank))
    let divergence =
      0.5
      * (dot(law.mean, law.mean) + dot(inverse.elements, inverse.elements) - Double(problem.rank)
        + factor.logDeterminant)
    let action = minimum.value.action + divergence + readout * readout / 2
    guard action.isFinite else { return nil }
    return Evaluation(
      law: law, factor: factor, half: half, preactivations: c, marginals: marginals, covariances: covariances,
      residual: residual, spread: spread, squares: squares, minimum: minimum, divergence: divergence,
      action: action)
  }

  /// The gradient of F in the natural coordinates of the law: om + R^T gm, and 1 + R^T G R, which is La where F
  /// is stationary,
  ///
  ///     gm_a = s^2 sum_b B_ab E[f'_a f_b] - s (B y)_a E f'_a
  ///     G    = s^2 B o E[f' f'] + diag( s^2 sum_b B_ab E[f''_a f_b] - s (B y)_a E f''_a ),   B = A(q)^-1.
  func gradient(_ point: Evaluation) -> (mean: [Double], precision: Matrix) {
    let (count, m, s) = (problem.count, point.marginals, strength)
    let q = exp(point.minimum.logQ)
    let roots = bulk.eigenvalues.map { 1 / (bulk.temperature + q * $0).squareRoot() }
    var scaled = problem.vectors
    scaled.withUnsafeMutableElements { scaled in
      for j in 0..<count { for i in 0..<count { scaled[i + count * j] *= roots[j] } }
    }
    let pull = scaled * (scaled.asTranspose * problem.targets.scaled(by: s))
    // s^2 B becomes the matrix part of G.
    var inverse = s * s * (scaled * scaled.asTranspose)
    let sums = m.weigh(&inverse, point.preactivations)
    let mean = zip(sums.slopes, zip(pull, m.slopes)).map { $0 - $1.0 * $1.1 }
    for (a, (bent, (pull, bend))) in zip(sums.bends, zip(pull, m.bends)).enumerated() {
      inverse[a, a] += bent - pull * bend
    }
    let r = problem.features
    var precision = (r.asTranspose * (inverse * r)).symmetricPart
    for i in 0..<problem.rank { precision[i, i] += 1 }
    return (zip(point.law.mean, r.asTranspose * mean).map(+), precision)
  }
}
