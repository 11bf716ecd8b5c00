package import LinearAlgebra

/// A layer of N units with independent Gaussian readouts: prior(Q) = tr Q - log det Q (docs/theory.md, section 3).
///
/// Its minimum Q = 1 is the network of infinite width. phi = tr Q is linear: its tangent is its majorant.
package struct GaussianLayer: PriorTerm {
  package init() {}

  package var formulation: Formulation { .minimum }

  package func point(
    frame: BlockDiagonal, covariance: BlockDiagonal, projections: MeanProjections?
  ) throws(LinearAlgebraError) -> PriorPoint {
    let linear = frame.map { ($0.asTranspose * $0).symmetricPart }
    return PriorPoint(terms: (linear.trace, try linear.logDeterminant()), linear: linear)
  }

  package func excess(_ weights: KernelWeights) throws(LinearAlgebraError) -> Double {
    let q = weights.covariance
    return q.trace - (try q.logDeterminant()) - Double(q.order)
  }
}
