internal import Foundation
internal import GSLNumerics
internal import LinearAlgebra

/// Draws from the Gaussian law of the explicit unit with the weights that the exact law gives them, at fixed
/// v and q: with w = om + L^-T z, z ~ N(0, 1), phi = f(R w) and r = y - s phi,
///
///     log weight = -1/2 r^T B r - 1/2 |w|^2 + 1/2 |z|^2 - 1/2 log det La
///
/// of which the exponential has the mean E_w exp(-1/2 r^T B r) over the prior: what Jensen's bound and the
/// Gaussian law lose is restored. All nodes share the z, so that their noise hardly moves averages over v.
struct ImportanceDraws: Sendable {
  /// z, p x draws.
  private let normal: Matrix
  private let squares: [Double]

  /// Draws that take part in averages over what the training set does not see of a point.
  private static let unseen = 400

  init(rank: Int, count: Int, seed: UInt32) {
    normal = .gaussian(rows: rank, columns: count, RandomGenerator(seed: seed))
    squares = normal.columnNormsSquared
  }

  struct Result {
    /// What the logarithm of the node's weight gains.
    let gain: Double
    let prediction: ReadoutPrediction
    /// (sum of weights)^2/(count * sum of squared weights).
    let effectiveShare: Double
  }

  func weighted(_ solved: SolvedNode, _ points: CondensedProblem.Points) -> Result {
    let (action, point) = (solved.action, solved.point)
    let (problem, s, count) = (action.problem, action.strength, normal.columns)
    var w = point.factor.solveLowerTransposed(normal)
    for j in 0..<count { for i in 0..<w.rows { w[i, j] += point.law.mean[i] } }
    var residual = problem.unit.values(problem.features * w)
    residual.withUnsafeMutableElements { r in
      for j in 0..<count {
        for i in 0..<problem.count {
          r[i + problem.count * j] = problem.targets[i] - s * r[i + problem.count * j]
        }
      }
    }
    let q = exp(point.minimum.logQ)
    let inverse = action.bulk.eigenvalues.map { 1 / (action.bulk.temperature + q * $0) }
    let turned = problem.vectors.asTranspose * residual
    let forms =
      Matrix(rows: problem.count, columns: count, elements: turned.elements.map { $0 * $0 }).asTranspose
      * inverse
    let sizes = w.columnNormsSquared
    let logs = (0..<count).map { -0.5 * (forms[$0] + sizes[$0] - squares[$0] + point.factor.logDeterminant) }
    let top = logs.max() ?? 0
    let raw = logs.map { exp($0 - top) }
    let total = raw.reduce(0, +)
    let weights = raw.scaled(by: 1 / total)
    let bound = -0.5 * dot(point.squares, inverse) - point.divergence

    let bulk = BulkPrediction(
      action.bulk, solved.average, point.residual, points, share: action.bulk.units / problem.width)
    var gains = points.cross
    gains.withUnsafeMutableElements { gains in
      for p in 0..<points.rest.count {
        for i in 0..<problem.count { gains[i + problem.count * p] *= bulk.factors[i] }
      }
    }
    // f at the points for every draw, points x draws.
    let h = points.features * w
    var f = problem.unit.smoothed(h, rowVariances: points.rest)
    f = s * f + gains.asTranspose * turned
    let mean = f * weights
    let spread = mean.indices.map { p in
      (0..<count).reduce(0.0) { $0 + weights[$1] * (f[p, $1] - mean[p]) * (f[p, $1] - mean[p]) }
    }
    let few = (0..<min(count, Self.unseen)).map { $0 }
    let share = few.reduce(0) { $0 + weights[$1] }
    var unseen = [Double](repeating: 0, count: mean.count)
    for j in few where weights[j] > 0 {
      unseen.add(
        weights[j] / share, problem.unit.marginals(means: h.column(j), variances: points.rest).variances)
    }
    return Result(
      gain: top + log(total / Double(count)) - bound,
      prediction: ReadoutPrediction(
        mean: mean,
        variance: mean.indices.map { bulk.values.variance[$0] + spread[$0] + s * s * unseen[$0] }),
      effectiveShare: 1 / (Double(count) * dot(weights, weights)))
  }
}
