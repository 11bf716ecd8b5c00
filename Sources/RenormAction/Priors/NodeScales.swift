internal import Foundation
package import LinearAlgebra

/// A layer of N units with random scales tau_a, v_a ~ N(0, tau_a/lambda1) (docs/theory.md, section 9): with Q
/// conjugate and Qbar in the kernel,
///
///     prior(Qbar) = max over Q of -tr(Q Qbar) + g(Q),   g(Q) = -2 log E_tau det(1 + tau Q)^(-1/2).
///
/// E_tau det(1 + tau Q)^(-1/2) = E exp(-tau z^T Q z/2), z standard normal, is log-convex in Q, so g is concave
/// and the maximum unique. Q and Qbar have the same eigenvectors; the maximum is over eigenvalues,
///
///     Qbar_k = E[tau/(1 + tau Q_k) w]/E[w],   w = prod_k (1 + tau Q_k)^(-1/2).
///
/// tau = 1 is `GaussianLayer`, up to a constant. Scales without bound need Q >= 0, hence Qbar <= E tau: where
/// the data ask for more, it costs nothing at this order that one unit carries it, and the prior is flat.
package struct NodeScales: PriorTerm {
  private let law: ScaleLaw

  package init(_ law: ScaleLaw) { self.law = law }

  package var formulation: Formulation { .minimum }

  /// -tr(Q Qbar) + g(Q) at the maximum, whose derivative along Qbar is -Q: in phi = prior + log det Qbar
  /// (`PriorTerm`) L^T (grad phi) L = L^T L - (L^T (1 + Q) L - 1).
  package func point(
    frame: BlockDiagonal, covariance: BlockDiagonal, projections: MeanProjections?
  ) throws(LinearAlgebraError) -> PriorPoint {
    let (conjugate, value) = try maximum(at: covariance)
    let linear = frame.map { ($0.asTranspose * $0).symmetricPart }
    let shifted = conjugate + .identity(sizes: conjugate.sizes)
    return PriorPoint(
      terms: (linear.trace, shifted.innerProduct(covariance) - value), linear: linear,
      concave: shifted.congruence(by: frame) - .identity(sizes: frame.sizes))
  }

  /// -tr(Q Qbar) + g(Q): 0 at infinite width, where Q = 0 and Qbar = E tau.
  package func excess(_ weights: KernelWeights) throws(LinearAlgebraError) -> Double {
    let q = weights.covariance
    let (conjugate, value) = try maximum(at: q)
    return value - conjugate.innerProduct(q)
  }

  package func failure(at weights: KernelWeights) throws(LinearAlgebraError) -> String? {
    guard law.supremum == .infinity else { return nil }
    let largest = try weights.covariance.blocks.map { (block) throws(LinearAlgebraError) in
      try SymmetricEigen(block).values.max() ?? 0
    }.max() ?? 0
    // 1e-6: beyond what a converged order parameter can be off.
    guard largest > law.mean * (1 + 1e-6) else { return nil }
    return
      "the data ask for a mean square of readout weights of \(largest) in units of 1/lambda1, more than the "
      + "\(law.mean) of the node scales: single units would carry it, which this order in 1/N does not describe"
  }

  /// The conjugate order parameter at Qbar, and g there.
  package func maximum(
    at qbar: BlockDiagonal
  ) throws(LinearAlgebraError) -> (conjugate: BlockDiagonal, value: Double) {
    var value = 0.0
    let blocks = try qbar.blocks.map { (block) throws(LinearAlgebraError) in
      let spectrum = try SymmetricEigen(block)
      let (eigenvalues, g) = try Self.maximum(law, at: spectrum.values)
      value += g
      let scaled = Matrix(rows: block.rows, columns: block.columns) {
        spectrum.vectors[$0, $1] * eigenvalues[$1]
      }
      return (scaled * spectrum.vectors.asTranspose).symmetricPart
    }
    return (BlockDiagonal(blocks), value)
  }

  /// Newton's method for the eigenvalues of Q, projected on Q >= 0 where scales have no bound: the gradient is
  /// E[tau/(1 + tau Q_k) w]/E[w] - Qbar_k, and a step is halved until it improves.
  ///
  /// Residuals are relative to Qbar_k. It ends at 1e-13, some hundred roundings, and takes what it has below
  /// 1e-9 where rounding stops it earlier.
  private static func maximum(
    _ law: ScaleLaw, at qbar: [Double]
  ) throws(LinearAlgebraError) -> (eigenvalues: [Double], value: Double) {
    guard qbar.allSatisfy({ $0 > 0 && $0.isFinite }) else {
      throw .notPositiveDefinite(pivot: 1, order: qbar.count)
    }
    // The ends of the domain: -1/sup tau, or 0, which only laws with a mean reach.
    let bound = law.supremum.isFinite ? -1 / law.supremum : 0
    let isOpen = law.supremum.isFinite || !law.mean.isFinite
    // The solution for tau = 1, moved into the domain; not to the end 0 where moments of the law may be
    // infinite.
    var x = qbar.map { law.supremum.isFinite ? max(1 / $0 - 1, bound * 0.99) : 1 / $0 }
    var point = Point(law, x)
    for _ in 0..<200 {
      let slope = zip(point.moments, qbar).map { $0 - $1 }
      let free = x.indices.filter { isOpen || x[$0] > 0 || slope[$0] > 0 }
      let residual = free.reduce(0) { max($0, abs(slope[$1]) / qbar[$1]) }
      if residual < 1e-13 { return (x, point.value) }
      let curvature = Matrix(rows: free.count, columns: free.count) { point.curvature(free[$0], free[$1]) }
      let step = try Cholesky(curvature).solve(free.map { slope[$0] })
      var length = 1.0
      var next: ([Double], Point)?
      while next == nil, length > 1e-9 {
        var trial = x
        for (k, index) in free.enumerated() {
          let moved = x[index] + length * step[k]
          // An open end is approached by tenths, a closed one is reached.
          trial[index] = isOpen ? max(moved, bound + (x[index] - bound) / 10) : max(moved, 0)
        }
        let candidate = Point(law, trial)
        let (before, after) = (point.value - dot(x, qbar), candidate.value - dot(trial, qbar))
        let left = free.reduce(0) { max($0, abs(candidate.moments[$1] - qbar[$1]) / qbar[$1]) }
        // Rounding hides the difference of values before that of slopes.
        let isBetter = residual > 1e-6 ? after > before : left < residual
        if isBetter { next = (trial, candidate) }
        length /= 2
      }
      guard let next else {
        guard residual < 1e-9 else { throw .notPositiveDefinite(pivot: 1, order: qbar.count) }
        return (x, point.value)
      }
      (x, point) = next
    }
    throw .notPositiveDefinite(pivot: 1, order: qbar.count)
  }

  /// g and its derivatives at eigenvalues of Q.
  private struct Point {
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
      var (own, cross) = (0.0, 0.0)
      for (node, weight) in zip(law.rule, tilted) {
        let (a, b) = (node.tau / (1 + node.tau * x[k]), node.tau / (1 + node.tau * x[l]))
        own += weight * a * a
        cross += weight * a * b
      }
      return (k == l ? own : 0) + (cross - moments[k] * moments[l]) / 2
    }
  }
}
