package import LinearAlgebra

/// The prior part of an effective action, as a function of the order parameter Q = L L^T in its coordinates.
///
/// It is written prior(Q) = phi(Q) - log det Q. In the frame L, where a step is Q+ = L W L^T, the second part
/// is -log det W up to a constant, and convex; everything that tells one theory from another is phi: tr Q for
/// one hidden layer (`GaussianLayer`), a maximum over a conjugate where there are means (`ConjugatePair`) or
/// random scales of units (`NodeScales`).
package protocol PriorTerm: Sendable {
  /// Which equations determine the order parameter.
  var formulation: Formulation { get }

  /// Value and derivatives at Q = L L^T.
  ///
  /// - Parameters:
  ///   - frame: L.
  ///   - covariance: Q = L L^T.
  ///   - projections: what the data term tells of the means; nil where the activation is odd.
  /// - Throws: `LinearAlgebraError` where the prior is not defined.
  func point(
    frame: BlockDiagonal, covariance: BlockDiagonal, projections: MeanProjections?
  ) throws(LinearAlgebraError) -> PriorPoint

  /// The norm of what a second equation of the prior leaves at a point, in the metric of Q; 0 where there is
  /// none.
  ///
  /// - Parameter meanGradient: Gm, the derivative of the data term with respect to R.
  func residual(
    of point: PriorPoint, covariance: BlockDiagonal, meanGradient: BlockDiagonal?
  ) throws(LinearAlgebraError) -> Double

  /// prior(Q) less its value at infinite width: -N/2 times it is what the prior adds to the log evidence
  /// (docs/theory.md, section 7).
  ///
  /// - Throws: `LinearAlgebraError` where the prior is not defined.
  func excess(_ weights: KernelWeights) throws(LinearAlgebraError) -> Double

  /// Why a solution is none that the prior describes; nil where it is, which is the default.
  func failure(at weights: KernelWeights) throws(LinearAlgebraError) -> String?
}

extension PriorTerm {
  package func residual(
    of point: PriorPoint, covariance: BlockDiagonal, meanGradient: BlockDiagonal?
  ) throws(LinearAlgebraError) -> Double { 0 }

  package func failure(at weights: KernelWeights) throws(LinearAlgebraError) -> String? { nil }
}

/// A prior term at one point, in the frame L.
package struct PriorPoint: Sendable {
  /// prior(Q) as the difference of two numbers that cancel, phi's part first: (tr Q, log det Q) for
  /// `GaussianLayer`.
  package let terms: (Double, Double)
  /// L^T (grad phi) L is `linear` - `concave`; both are positive semidefinite near a solution.
  package let linear: BlockDiagonal
  /// The part of -L^T (grad phi) L where phi is concave: L^T X L - 1 for a maximum over a conjugate X = 1 + Q;
  /// nil means zero.
  package let concave: BlockDiagonal?
  /// R, the weight that the means get at this Q; nil for odd activations.
  package let mean: BlockDiagonal?
  /// The Hessian of phi in the frame, on coordinates of a step; nil where phi is linear, or where the solver is
  /// to learn it from changes of the gradient.
  package let hessian: (@Sendable ([Double]) -> [Double])?

  package init(
    terms: (Double, Double), linear: BlockDiagonal, concave: BlockDiagonal? = nil, mean: BlockDiagonal? = nil,
    hessian: (@Sendable ([Double]) -> [Double])? = nil
  ) {
    self.terms = terms
    self.linear = linear
    self.concave = concave
    self.mean = mean
    self.hessian = hessian
  }

  /// prior(Q).
  package var value: Double { terms.0 - terms.1 }
}
