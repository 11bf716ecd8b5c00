package import LinearAlgebra

/// The effective action of an order parameter,
///
///     S(Q) = prior(Q) + data(Q),
///
/// per N/2 and up to constants. It knows a space, a prior term and a data term, and neither inputs nor networks: a
/// theory is a new type for one of the three (docs/theory.md, sections 3 to 6).
package struct EffectiveAction<Data: DataTerm>: Sendable {
  package let prior: any PriorTerm
  package let data: Data

  package init(prior: any PriorTerm, data: Data) {
    self.prior = prior
    self.data = data
  }

  package var space: OrderParameterSpace { data.space }

  /// The action at Q, in coordinates, and its gradient dS/dQ: one factorisation of A.
  ///
  /// - Throws: `LinearAlgebraError` where Q is not positive definite, or A cannot be factored.
  package func evaluate(
    at q: BlockDiagonal
  ) throws(LinearAlgebraError) -> (value: Double, gradient: BlockDiagonal) {
    let point = try ActionPoint(self, frame: q.squareRoot())
    // In the frame L = Q^(1/2) the gradient is L (dS/dQ) L.
    let inverse = try point.frame.mapEigenvalues { 1 / $0 }
    let gradient = BlockDiagonal(coordinates: point.gradient, sizes: space.blockSizes).congruence(by: inverse)
    return (point.action, gradient)
  }
}
