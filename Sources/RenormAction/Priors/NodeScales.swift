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
    let conjugate = try law.conjugate(of: covariance)
    let linear = frame.map { ($0.asTranspose * $0).symmetricPart }
    let shifted = conjugate.order + .identity(sizes: frame.sizes)
    let response = try conjugate.response()
    return PriorPoint(
      terms: (linear.trace, shifted.innerProduct(covariance) - conjugate.value), linear: linear,
      concave: shifted.congruence(by: frame) - .identity(sizes: frame.sizes),
      hessian: { x in
        let x = BlockDiagonal(coordinates: x, sizes: frame.sizes)
        let moved = frame.combined(with: x) { $0 * $1 * $0.asTranspose }
        return (response(moved).congruence(by: frame) - x).coordinates
      })
  }

  /// -tr(Q Qbar) + g(Q): 0 at infinite width, where Q = 0 and Qbar = E tau.
  package func excess(_ weights: KernelWeights) throws(LinearAlgebraError) -> Double {
    let q = weights.covariance
    let conjugate = try law.conjugate(of: q)
    return conjugate.value - conjugate.order.innerProduct(q)
  }

  package func failure(at weights: KernelWeights) throws(LinearAlgebraError) -> String? {
    // 1e-6: beyond what a converged order parameter can be off.
    guard try law.conjugate(of: weights.covariance).shortfall > 1e-6 else { return nil }
    let largest =
      try weights.covariance.blocks.map { (block) throws(LinearAlgebraError) in
        try SymmetricEigen(block).values.max() ?? 0
      }.max() ?? 0
    return String(
      format:
        "single units would carry the readout weights that the data ask for (a mean square of %.3g in units of "
        + "1/lambda1, beyond what the node scales give, where the prior is flat), which this order in 1/N does not "
        + "describe", largest)
  }
}
