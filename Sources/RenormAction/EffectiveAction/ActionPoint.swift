internal import LinearAlgebra

/// The effective action at Q = L L^T (Qbar in section 4), in the frame L: a step is Q+ = L exp(X) L^T with a symmetric X.
///
/// The next frame L exp(X/2) is the parallel transport of this one along the geodesic of the metric
/// tr(Q^-1 dQ Q^-1 dQ), so vectors keep their coordinates from frame to frame. In a frame the metric is the
/// Frobenius one and the Hessian of tr Q - log det Q is L^T L.
struct ActionPoint {
  /// L.
  let frame: BlockDiagonal
  /// Q = L L^T.
  let covariance: BlockDiagonal
  /// R = (I + Q)^-1 of section 4, at its maximum for this Qbar; nil for odd activations.
  let mean: BlockDiagonal?
  let value: DataTermValue
  /// S(Q) = prior + data part.
  let action: Double
  let prior: PriorPoint
  /// The part of L^T (dS/dQ) L that is linear in the step: L^T L where phi = tr Q.
  let linear: BlockDiagonal
  /// L^T D L for the part D of the data's gradient that comes from A^-1.
  let inverseGradient: BlockDiagonal
  /// L^T U L for the part U that comes from u u^T and enters with a minus sign.
  let targetGradient: BlockDiagonal
  /// The Riemannian gradient L^T (dS/dQ) L, as coordinates.
  let gradient: [Double]
  /// ||L^T (dS/dQ) L||_F = ||Q^(1/2) (dS/dQ) Q^(1/2)||_F.
  let gradientNorm: Double
  /// A bound of what rounding leaves of the gradient's norm, for the search.
  let gradientRounding: Double
  /// An estimate of it.
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
    let residual = try action.prior.residual(of: prior, covariance: covariance, meanGradient: value.meanGradient)
    self.action = prior.value + value.value
    let gradient = linear + inverseGradient - targetGradient - .identity(sizes: frame.sizes)
    self.gradient = gradient.coordinates
    gradientNorm = (gradient.innerProduct(gradient) + residual * residual).squareRoot()
    let unit = Double.ulpOfOne
    gradientRounding = unit * (linear.norm + value.gradientScale)
    gradientNoise =
      value.kernelRounding + 4 * unit * (linear.norm + inverseGradient.norm + targetGradient.norm)
    actionRounding =
      16 * unit * (abs(prior.terms.0) + abs(prior.terms.1) + abs(value.value) + value.gradientScale)
    guard self.action.isFinite, gradientNorm.isFinite else { throw .notFinite(order: frame.order) }
  }

  /// Whether this point improves on another: a smaller action, or where rounding hides that, a smaller gradient.
  func improves(on other: ActionPoint) -> Bool {
    action <= other.action
      || (action <= other.action + max(actionRounding, other.actionRounding) && gradientNorm < other.gradientNorm)
  }
}
