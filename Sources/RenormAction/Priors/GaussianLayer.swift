package import LinearAlgebra

/// A layer of N units with independent Gaussian readouts:
///
///     prior(Q) = tr Q - log det Q
///
/// (docs/theory.md, section 3; Pacelli et al., Nat. Mach. Intell. 2023; Aiudi et al., Nat. Commun. 16 (2025)).
/// It is -2/N times the log of the Wishart density of Q = (lambda1/N) sum_a v_a v_a^T with N degrees of
/// freedom, at leading order in N. Its minimum Q = 1 is the network of infinite width. In the form phi - log
/// det Q of `PriorTerm`, phi = tr Q is linear: its tangent is its majorant.
package struct GaussianLayer: PriorTerm {
  package init() {}

  package var formulation: Formulation { .minimum }

  /// tr Q = tr(L^T L), log det Q = log det(L^T L), and L^T (grad phi) L = L^T L.
  package func point(
    frame: BlockDiagonal, covariance: BlockDiagonal, projections: MeanProjections?
  ) throws(LinearAlgebraError) -> PriorPoint {
    let linear = frame.map { ($0.asTranspose * $0).symmetricPart }
    return PriorPoint(terms: (linear.trace, try linear.logDeterminant()), linear: linear)
  }

  /// tr Q - log det Q - r, r the order of Q: 0 at Q = 1.
  ///
  /// - Throws: `LinearAlgebraError` where Q is not positive definite.
  package func excess(_ weights: KernelWeights) throws(LinearAlgebraError) -> Double {
    let q = weights.covariance
    return q.trace - (try q.logDeterminant()) - Double(q.order)
  }
}
