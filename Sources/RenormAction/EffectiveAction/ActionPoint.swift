internal import LinearAlgebra

/// The effective action and its derivatives at one order parameter Q (Qbar in docs/theory.md, section 4).
///
/// A *frame* is a matrix L with Q = L L^T. In it a step is a symmetric matrix X, which leads to
///
///     Q+ = L exp(X) L^T,   with the frame L+ = L exp(X/2):
///
/// Q+ is positive definite whatever X is. X lies in the tangent space of the cone of positive definite matrices
/// with the affine-invariant metric tr(Q^-1 dQ Q^-1 dQ) (R. Bhatia, Positive Definite Matrices, 2007, chapter
/// 6): t -> L exp(tX) L^T is a geodesic, L+ is the parallel transport of L along it, so vectors keep their
/// coordinates from frame to frame, and the metric is the Frobenius one. The gradient is L^T (dS/dQ) L. The
/// second derivative of tr Q - log det Q along X is <X, L^T L X>, which is |X|^2 at Q = 1.
///
/// Vectors are the `coordinates` of block-diagonal symmetric matrices, scaled so that the dot product is the
/// Frobenius one.
struct ActionPoint {
  /// L.
  let frame: BlockDiagonal
  /// Q = L L^T.
  let covariance: BlockDiagonal
  /// R = (I + Q)^-1 of section 4, at its maximum for this Qbar; nil for odd activations.
  let mean: BlockDiagonal?
  /// The data part of S.
  let value: DataTermValue
  /// S(Q) = prior + data part.
  let action: Double
  /// The prior part of S.
  let prior: PriorPoint
  /// L^T (grad phi) L less its concave part, phi = prior + log det Q (`PriorTerm`): L^T L where phi = tr Q.
  let linear: BlockDiagonal
  /// L^T D L for the part D of the data's gradient that comes from A^-1, D_ij = 1/(N lambda1 n) tr(K_ij A^-1).
  let inverseGradient: BlockDiagonal
  /// L^T U L for the part U that comes from u u^T and enters with a minus sign, U_ij = 1/(N lambda1 n) u^T K_ij
  /// u; with what is concave in the prior.
  let targetGradient: BlockDiagonal
  /// The Riemannian gradient L^T (dS/dQ) L = L^T L - 1 + L^T (D - U) L, as coordinates.
  let gradient: [Double]
  /// ||L^T (dS/dQ) L||_F = ||Q^(1/2) (dS/dQ) Q^(1/2)||_F; at a saddle together with the residual of the second
  /// equation. The error of Q relative to Q, up to the curvature.
  let gradientNorm: Double
  /// A bound of what rounding leaves of the gradient's norm, for the search.
  let gradientRounding: Double
  /// An estimate of what rounding, of the kernel and of sums, leaves of the gradient's norm.
  let gradientNoise: Double
  /// What rounding leaves of the action.
  let actionRounding: Double

  /// - Throws: `LinearAlgebraError` where A or Q cannot be factored.
  init(_ action: EffectiveAction<some DataTerm>, frame: BlockDiagonal) throws(LinearAlgebraError) {
    self.frame = frame
    covariance = frame.map { ($0 * $0.asTranspose).symmetricPart }
    let data = try action.data.point(at: covariance)
    let prior = try action.prior.point(frame: frame, covariance: covariance, projections: data.projections)
    value = try data.value(mean: prior.mean)
    self.prior = prior
    mean = prior.mean
    linear = prior.linear
    inverseGradient = value.inverseGradient.congruence(by: frame)
    let dataTargetGradient = value.targetGradient.congruence(by: frame)
    targetGradient = prior.concave.map { dataTargetGradient + $0 } ?? dataTargetGradient
    let residual = try action.prior.residual(
      of: prior, covariance: covariance, meanGradient: value.meanGradient)
    self.action = prior.value + value.value
    let gradient = linear + inverseGradient - targetGradient - .identity(sizes: frame.sizes)
    self.gradient = gradient.coordinates
    gradientNorm = (gradient.innerProduct(gradient) + residual * residual).squareRoot()
    let unit = Double.ulpOfOne
    // Each counts an error of 2^-52 of the terms that cancel; 4 and 16 are margins for the operations behind a
    // term, not measured ones.
    gradientRounding = unit * (linear.norm + value.gradientScale)
    gradientNoise =
      value.kernelRounding + 4 * unit * (linear.norm + inverseGradient.norm + targetGradient.norm)
    actionRounding =
      16 * unit * (abs(prior.terms.0) + abs(prior.terms.1) + abs(value.value) + value.gradientScale)
    guard self.action.isFinite, gradientNorm.isFinite else { throw .notFinite(order: frame.order) }
  }

  /// A bound, up to a margin of 10, of how small the curvature of the action can be here, at most 1: where all
  /// that holds Q up is the data, S along log Q curves as the least eigenvalue of Q alone.
  func softness() throws(LinearAlgebraError) -> Double {
    var least = 0.1
    for block in covariance.blocks { least = min(least, try SymmetricEigen(block).values.first ?? least) }
    return 10 * max(least, 0)
  }

  /// Whether this point improves on another: a smaller action, or where rounding hides that, a smaller
  /// gradient.
  func improves(on other: ActionPoint) -> Bool {
    action <= other.action
      || (action <= other.action + max(actionRounding, other.actionRounding)
        && gradientNorm < other.gradientNorm)
  }
}
