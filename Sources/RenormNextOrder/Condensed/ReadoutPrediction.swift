internal import Foundation
internal import LinearAlgebra

/// What the bulk adds to mean and variance at held-out points, averaged over q: with W = q share k^T B(q),
///
///     mean = <W r>,   var = <q share k(x, x) - W k q share> + Var(W r),
///
/// r = y - s m the residual that explicit units leave, k = K(X, x)/lambda1, share = N_b/N.
struct BulkPrediction {
  let values: (mean: [Double], variance: [Double])
  /// <q share/a_i>.
  let factors: [Double]

  /// - Parameter residual: V^T r.
  init(
    _ bulk: BulkLaw, _ average: BulkLaw.Average, _ residual: [Double], _ points: CondensedProblem.Points,
    share: Double
  ) {
    let nodes = average.nodes
    let count = residual.count
    let weights = nodes.map(\.weight)
    // bulk.eigenvalues have the share inside.
    let factors = Matrix(rows: count, columns: nodes.count) { i, j in
      let q = nodes[j].q
      return q * share / (bulk.temperature + q * bulk.eigenvalues[i])
    }
    self.factors = factors * weights
    let second = (0..<count).map { i in
      nodes.indices.reduce(0) { $0 + weights[$1] * factors[i, $1] * nodes[$1].q * share }
    }
    let means =
      points.cross.asTranspose
      * Matrix(rows: count, columns: nodes.count) { factors[$0, $1] * residual[$0] }
    let mean = means * weights
    let seen =
      Matrix(rows: count, columns: points.rest.count, elements: points.cross.elements.map { $0 * $0 })
      .asTranspose * second
    let variance = mean.indices.map { p in
      let moved = nodes.indices.reduce(0) { sum, j in
        let d = means[p, j] - mean[p]
        return sum + weights[j] * d * d
      }
      return share * average.q * points.variances[p] - seen[p] + moved
    }
    values = (mean, variance)
  }
}

/// Mean and variance of f at held-out points, at fixed readouts of explicit units of independent laws:
///
///     mean = sum s m* + <W r>,   var = that of the bulk + sum s^2 [S** - 2 W S_* + W S W^T].
struct ReadoutPrediction: Sendable {
  let mean: [Double]
  let variance: [Double]

  init(mean: [Double], variance: [Double]) { (self.mean, self.variance) = (mean, variance) }

  init(_ solved: SolvedNode, _ points: CondensedProblem.Points) {
    self.init([(solved.action, solved.point)], solved.average, points)
  }

  /// - Parameter units: at least one; the last is evaluated beside all others, and has their residual.
  init(
    _ units: [(action: UnitAction, point: UnitAction.Evaluation)], _ average: BulkLaw.Average,
    _ points: CondensedProblem.Points
  ) {
    guard let last = units.last else {
      self.init(mean: [], variance: [])
      return
    }
    let problem = last.action.problem
    let bulk = BulkPrediction(
      last.action.bulk, average, last.point.residual, points, share: last.action.bulk.units / problem.width)
    let count = problem.count
    var gains = points.cross
    gains.withUnsafeMutableElements { gains in
      for p in 0..<points.rest.count { for i in 0..<count { gains[i + count * p] *= bulk.factors[i] } }
    }
    // W^T.
    let filters = problem.vectors * gains
    var (mean, variance) = bulk.values
    for (action, point) in units {
      let (marginals, joint) = point.atPoints(points, problem)
      let spread = columnProducts(filters, point.covariances * filters)
      let shared = columnProducts(filters, joint)
      let (s, unit) = (action.strength, marginals.variances)
      for p in unit.indices {
        mean[p] += s * marginals.values[p]
        variance[p] += s * s * (unit[p] - 2 * shared[p] + spread[p])
      }
    }
    self.init(mean: mean, variance: variance)
  }
}

extension UnitAction.Evaluation {
  /// The moments of f at held-out points, and its covariances with the training set, P x points.
  func atPoints(
    _ points: CondensedProblem.Points, _ problem: CondensedProblem
  ) -> (marginals: any UnitMarginals, joint: Matrix) {
    let held = factor.solveLower(points.features.transposed)
    let other = problem.unit.marginals(
      means: points.features * law.mean, variances: zip(held.columnNormsSquared, points.rest).map(+))
    return (other, marginals.covariances(half.asTranspose * held, with: other))
  }
}
