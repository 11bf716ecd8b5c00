internal import Foundation
package import LinearAlgebra

extension ScaleLaw {
  /// The conjugate order parameter Q at Qbar (`NodeScales`): Q and Qbar have the same eigenvectors, and
  ///
  ///     Qbar_k = E[tau/(1 + tau Q_k) w]/E[w],   w = prod_k (1 + tau Q_k)^(-1/2).
  ///
  /// An eigenvalue Q_k = 0 is the end of what scales without bound reach: Qbar_k is at or above its moment.
  ///
  /// - Throws: `LinearAlgebraError` where Qbar is not positive definite.
  package func conjugate(of qbar: BlockDiagonal) throws(LinearAlgebraError) -> ConjugateOrder {
    var blocks: [ConjugateOrder.Block] = []
    for block in qbar.blocks {
      let spectrum = try SymmetricEigen(block)
      var search = try ConjugateSearch(self, spectrum.values)
      try search.solve()
      blocks.append(ConjugateOrder.Block(vectors: spectrum.vectors, search: search))
    }
    return ConjugateOrder(blocks: blocks)
  }
}

/// The conjugate order parameter Q of node scales, block by block of Qbar.
package struct ConjugateOrder: Sendable {
  fileprivate let blocks: [Block]

  /// Q.
  package var order: BlockDiagonal {
    BlockDiagonal(
      blocks.map { $0.rotated(.diagonal($0.search.eigenvalues)) })
  }

  /// The eigenvalues of Q.
  package var eigenvalues: [Double] { blocks.flatMap(\.search.eigenvalues) }

  /// g(Q) = -2 log E_tau det(1 + tau Q)^(-1/2), summed over blocks.
  package var value: Double { blocks.reduce(0) { $0 + $1.search.value } }

  /// The largest share of an eigenvalue of Qbar that no Q >= 0 gives.
  package var shortfall: Double { blocks.reduce(0) { max($0, $1.search.shortfall) } }

  /// The largest share of an eigenvalue of Qbar that comes from the largest scales of a given probability:
  /// E[a_k; tau > t]/E a_k, P(tau > t) = p, a_k = tau/(1 + tau Q_k), under the posterior law of tau. With
  /// p = 1/N, what one unit of N carries.
  package func share(ofLargest p: Double) -> Double {
    blocks.reduce(0) { max($0, $1.search.share(ofLargest: p)) }
  }

  /// -dQ along a change of Qbar, for Q that does not leave its end.
  ///
  /// - Throws: `LinearAlgebraError` where rounding makes the curvature of g indefinite.
  package func response() throws(LinearAlgebraError) -> @Sendable (BlockDiagonal) -> BlockDiagonal {
    let responses = try blocks.map { (block) throws(LinearAlgebraError) in try block.response() }
    return { change in BlockDiagonal(zip(responses, change.blocks).map { $0($1) }) }
  }

  fileprivate struct Block: Sendable {
    /// Eigenvectors of Qbar and Q.
    let vectors: Matrix
    let search: ConjugateSearch

    /// V X V^T.
    func rotated(_ x: Matrix) -> Matrix {
      (vectors * (x * vectors.asTranspose)).symmetricPart
    }

    /// In the basis of eigenvectors dQ_kk = -sum_l (C^-1)_kl dQbar_ll, C the curvature of g, and off the
    /// diagonal -(Q_k - Q_l)/(Qbar_k - Qbar_l), which is 1/<a_k a_l>.
    func response() throws(LinearAlgebraError) -> @Sendable (Matrix) -> Matrix {
      let (diagonal, factors) = (try search.diagonalResponse(), search.offDiagonalResponse())
      return { change in
        let inside = (vectors.asTranspose * (change * vectors)).symmetricPart
        let image = Matrix(rows: inside.rows, columns: inside.columns) { k, l in
          guard k == l else { return factors[k, l] * inside[k, l] }
          return (0..<inside.columns).reduce(0) { $0 + diagonal[k, $1] * inside[$1, $1] }
        }
        return rotated(image)
      }
    }
  }
}

/// Newton's method for the eigenvalues of Q in log(Q_k - end), the end of the domain being -1/sup tau, or 0
/// where scales have no bound: moments fall from there like powers or logarithms of the distance, so that
/// eigenvalues of one Q can differ by many orders. A step is halved until it lowers the norm of
/// log(moment/Qbar).
private struct ConjugateSearch: Sendable {
  private let law: ScaleLaw
  private let qbar: [Double]
  private let end: Double
  /// Q_k - end; 0 at the end itself, which only scales without bound have.
  private var distances: [Double]
  /// Where an eigenvalue at the end was before.
  private var former: [Double]
  private var point: ScalePoint

  /// Ends at residuals of some hundred roundings; takes what it has below the second where rounding stops it.
  private static let (tolerance, accepted) = (1e-13, 1e-9)
  /// The largest step of a logarithm.
  private static let longest = 3.0

  init(_ law: ScaleLaw, _ qbar: [Double]) throws(LinearAlgebraError) {
    guard qbar.allSatisfy({ $0 > 0 && $0.isFinite }) else {
      throw .notPositiveDefinite(pivot: 1, order: qbar.count)
    }
    let end = law.supremum.isFinite ? -1 / law.supremum : 0
    (self.law, self.qbar, self.end) = (law, qbar, end)
    // The solution for tau = 1, moved into the domain.
    distances = qbar.map { end < 0 ? max(1 / $0 - 1 - end, -0.01 * end) : 1 / $0 }
    former = distances
    point = ScalePoint(law, distances.map { $0 + end })
  }

  var eigenvalues: [Double] { distances.map { $0 + end } }
  /// g.
  var value: Double { point.value }

  /// The largest share of a Qbar_k that no Q_k >= 0 gives.
  var shortfall: Double {
    distances.indices.reduce(0) { distances[$1] > 0 ? $0 : max($0, 1 - point.moments[$1] / qbar[$1]) }
  }

  func share(ofLargest p: Double) -> Double {
    qbar.indices.reduce(0) { max($0, point.part(ofLargest: p, $1) / point.moments[$1]) }
  }

  /// C^-1 among the eigenvalues that are not at the end, zeros beside.
  func diagonalResponse() throws(LinearAlgebraError) -> Matrix {
    let free = distances.indices.filter { distances[$0] > 0 }
    let curvature = Matrix(rows: free.count, columns: free.count) { point.curvature(free[$0], free[$1]) }
    let inverse = try Cholesky(curvature).solve(.identity(free.count))
    var result = Matrix(rows: qbar.count, columns: qbar.count)
    for (i, k) in free.enumerated() { for (j, l) in free.enumerated() { result[k, l] = inverse[i, j] } }
    return result
  }

  /// -(Q_k - Q_l)/(Qbar_k - Qbar_l).
  func offDiagonalResponse() -> Matrix {
    Matrix(rows: qbar.count, columns: qbar.count) { k, l in
      if distances[k] > 0, distances[l] > 0 { return 1 / point.product(k, l) }
      // Where one is at the end its moment is not its Qbar.
      return distances[k] == distances[l] ? 0 : -(distances[k] - distances[l]) / (qbar[k] - qbar[l])
    }
  }

  mutating func solve() throws(LinearAlgebraError) {
    for _ in 0..<300 {
      releaseEnds()
      let free = distances.indices.filter { distances[$0] > 0 }
      let residuals = logRatios(point)
      let residual = free.reduce(0) { max($0, abs(residuals[$1])) }
      if residual < Self.tolerance { return }
      // d log m_k/d log x_l = -C_kl x_l/m_k.
      let curvature = Matrix(rows: free.count, columns: free.count) { point.curvature(free[$0], free[$1]) }
      let solution = try Cholesky(curvature).solve(free.map { point.moments[$0] * residuals[$0] })
      var step = [Double](repeating: 0, count: qbar.count)
      for (index, change) in zip(free, solution) { step[index] = change / distances[index] }
      if reachEnd(step) || take(step, from: residuals) { continue }
      guard residual < Self.accepted else { throw .notPositiveDefinite(pivot: 1, order: qbar.count) }
      return
    }
    throw .notPositiveDefinite(pivot: 1, order: qbar.count)
  }

  /// log(m_k/Qbar_k); 0 at the end.
  private func logRatios(_ point: ScalePoint) -> [Double] {
    distances.indices.map { distances[$0] > 0 ? log(point.moments[$0] / qbar[$0]) : 0 }
  }

  /// Moves into the domain what is at its end but has a moment above Qbar.
  private mutating func releaseEnds() {
    let released = distances.indices.filter {
      distances[$0] == 0 && point.moments[$0] > qbar[$0] * (1 + Self.tolerance)
    }
    guard !released.isEmpty else { return }
    for index in released {
      former[index] /= 20
      distances[index] = former[index]
    }
    point = ScalePoint(law, eigenvalues)
  }

  /// Moves the first eigenvalue whose step is long and leads to the end there, if its moment stays below Qbar.
  private mutating func reachEnd(_ step: [Double]) -> Bool {
    guard end == 0 else { return false }
    for index in step.indices where step[index] < -Self.longest {
      var trial = distances
      trial[index] = 0
      let candidate = ScalePoint(law, trial)
      guard candidate.moments[index] <= qbar[index] else { continue }
      former[index] = distances[index]
      (distances, point) = (trial, candidate)
      return true
    }
    return false
  }

  /// Takes a step, shortened until it lowers the norm of the residuals; false where none does.
  private mutating func take(_ step: [Double], from residuals: [Double]) -> Bool {
    let before = dot(residuals, residuals)
    var length = min(1, Self.longest / (step.map(abs).max() ?? 1))
    for _ in 0..<30 {
      let trial = zip(distances, step).map { $0 * exp(length * $1) }
      let candidate = ScalePoint(law, trial.map { $0 + end })
      let ratios = logRatios(candidate)
      if dot(ratios, ratios) < before {
        (distances, point) = (trial, candidate)
        return true
      }
      length /= 2
    }
    return false
  }
}

/// g and its derivatives at eigenvalues of Q.
private struct ScalePoint: Sendable {
  /// g = -2 log E w.
  let value: Double
  /// dg/dQ_k = E[tau/(1 + tau Q_k) w]/E[w].
  let moments: [Double]
  private let x: [Double]
  private let law: ScaleLaw
  /// The weights of the tilted law, w_j w(tau_j)/E[w].
  private let tilted: [Double]

  init(_ law: ScaleLaw, _ x: [Double]) {
    let logs = law.rule.map { node in -0.5 * x.reduce(0) { $0 + log1p(node.tau * $1) } + log(node.weight) }
    let largest = logs.filter { !$0.isNaN }.max() ?? 0
    let weights = logs.map { $0.isNaN ? 0 : exp($0 - largest) }
    let sum = weights.reduce(0, +)
    let tilted = weights.map { $0 / sum }
    value = -2 * (largest + log(sum))
    moments = x.map { x in
      zip(law.rule, tilted).reduce(0) { $0 + $1.1 * $1.0.tau / (1 + $1.0.tau * x) }
    }
    (self.x, self.law, self.tilted) = (x, law, tilted)
  }

  /// -d^2 g/dQ_k dQ_l = delta_kl <a_k^2> + (<a_k a_l> - <a_k> <a_l>)/2, a_k = tau/(1 + tau Q_k), averages
  /// over the tilted law: positive definite.
  func curvature(_ k: Int, _ l: Int) -> Double {
    let cross = product(k, l)
    return (k == l ? cross : 0) + (cross - moments[k] * moments[l]) / 2
  }

  /// <a_k a_l>.
  func product(_ k: Int, _ l: Int) -> Double {
    zip(law.rule, tilted).reduce(0) { sum, part in
      let (node, weight) = part
      return sum + weight * node.tau / (1 + node.tau * x[k]) * node.tau / (1 + node.tau * x[l])
    }
  }

  /// <a_k> over the largest scales of probability p; the rule is in ascending order.
  func part(ofLargest p: Double, _ k: Int) -> Double {
    var (left, sum) = (p, 0.0)
    for (node, weight) in zip(law.rule, tilted).reversed() where left > 0 {
      sum += min(weight, left) * node.tau / (1 + node.tau * x[k])
      left -= weight
    }
    return sum
  }
}
