package import LinearAlgebra

/// The prior part of an effective action, as a function of the order parameter Q = L L^T in its coordinates.
///
/// It is written prior(Q) = phi(Q) - log det Q. In the frame L, where a step is Q+ = L W L^T, the second part
/// is -log det W up to a constant, and convex; everything that tells one theory from another is phi: tr Q for
/// one hidden layer (`GaussianLayer`), a maximum over a conjugate where there are means (`ConjugatePair`).
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
  func excess(_ weights: KernelWeights) throws(LinearAlgebraError) -> Double
}

extension PriorTerm {
  package func residual(
    of point: PriorPoint, covariance: BlockDiagonal, meanGradient: BlockDiagonal?
  ) throws(LinearAlgebraError) -> Double { 0 }
}

/// A prior term at one point, in the frame L.
package struct PriorPoint: Sendable {
  /// prior(Q) as the difference of two numbers that cancel, phi's part first: (tr Q, log det Q) for
  /// `GaussianLayer`.
  package let terms: (Double, Double)
  /// L^T (grad phi) L is `linear` - `concave`; both are positive semidefinite near a solution.
  package let linear: BlockDiagonal
  /// The part of -L^T (grad phi) L where phi is concave, as 1/N corrections by means are; nil means zero.
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

extension Formulation {
  /// What the prior adds to the log evidence, over -N/2, at weights that were found earlier
  /// (`PriorTerm.excess`): tr Q - log det Q - r, or -tr(Q Qbar) + log det(1 + Q) (docs/theory.md, section 7).
  ///
  /// - Throws: `LinearAlgebraError` where the weights are not positive definite.
  package func priorExcess(_ weights: KernelWeights) throws(LinearAlgebraError) -> Double {
    switch self {
    case .infiniteWidth: 0
    case .minimum: try GaussianLayer().excess(weights)
    case .saddle: try ConjugatePair.excess(weights)
    }
  }
}
