package import LinearAlgebra

/// The effective action of an order parameter,
///
///     S(Q) = prior(Q) + data(Q),
///
/// per N/2 and up to constants: the posterior of Q at P, N -> infinity with P/N fixed concentrates as exp(-N
/// S/2) at the stationary point of S. For one hidden layer with an odd activation and Gaussian noise
///
///     prior(Q) = tr Q - log det Q,   data(Q) = (1/N) [ log det A + y^T A^-1 y ],   A = T + K_R(Q)
///
/// (docs/theory.md, section 3; Pacelli et al., Nat. Mach. Intell. 2023, for one number Q; Aiudi et al., Nat.
/// Commun. 16 (2025), for locally connected and convolutional layers).
///
/// It knows a space, a prior term and a data term, and neither inputs nor networks: a theory is a new type for
/// one of the three (docs/theory.md, sections 3 to 6).
package struct EffectiveAction<Data: DataTerm>: Sendable {
  package let prior: any PriorTerm
  package let data: Data

  package init(prior: any PriorTerm, data: Data) {
    self.prior = prior
    self.data = data
  }

  package var space: OrderParameterSpace { data.space }

  /// The action at Q, in coordinates, and its gradient dS/dQ = 1 - Q^-1 + Gamma, block by block: one
  /// factorisation of A.
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
