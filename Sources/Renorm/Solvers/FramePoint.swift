internal import LinearAlgebra

/// The effective action at Q = L L^T, in the frame L: a step is Q+ = L exp(X) L^T with a symmetric X.
///
/// The next frame L exp(X/2) is the parallel transport of this one along the geodesic of the metric
/// tr(Q^-1 dQ Q^-1 dQ), so vectors keep their coordinates from frame to frame. In a frame the metric is the
/// Frobenius one and the Hessian of tr Q - log det Q is L^T L.
struct FramePoint {
  /// L.
  let frame: BlockDiagonal
  let value: DataTermValue
  /// S(Q) = tr Q - log det Q + data part.
  let action: Double
  /// L^T L.
  let prior: BlockDiagonal
  /// L^T D L for the part D of the data's gradient that comes from A^-1.
  let inverseGradient: BlockDiagonal
  /// L^T U L for the part U that comes from u u^T and enters with a minus sign.
  let targetGradient: BlockDiagonal
  /// The Riemannian gradient L^T (dS/dQ) L, as coordinates.
  let gradient: [Double]
  /// ||L^T (dS/dQ) L||_F = ||Q^(1/2) (dS/dQ) Q^(1/2)||_F.
  let gradientNorm: Double
  /// What rounding leaves of the gradient's norm.
  let gradientRounding: Double
  /// What rounding leaves of the action.
  let actionRounding: Double

  /// - Throws: `LinearAlgebraError` where A or Q cannot be factored.
  init(_ term: some DataTerm, frame: BlockDiagonal) throws(LinearAlgebraError) {
    self.frame = frame
    let q = frame.map { ($0 * $0.asTranspose).symmetricPart }
    value = try term.evaluate(KernelWeights(covariance: q, mean: nil))
    prior = frame.map { ($0.asTranspose * $0).symmetricPart }
    let logDeterminant = try prior.logDeterminant()
    let trace = prior.trace
    action = trace - logDeterminant + value.value
    inverseGradient = value.inverseGradient.congruence(by: frame)
    targetGradient = value.targetGradient.congruence(by: frame)
    let gradient = prior + inverseGradient - targetGradient - .identity(sizes: frame.sizes)
    self.gradient = gradient.coordinates
    gradientNorm = gradient.norm
    let unit = Double.ulpOfOne
    gradientRounding = unit * (prior.norm + value.gradientScale)
    actionRounding = 16 * unit * (abs(trace) + abs(logDeterminant) + abs(value.value) + value.gradientScale)
    guard action.isFinite, gradientNorm.isFinite else { throw .notFinite(order: frame.order) }
  }

  /// Whether this point improves on another: a smaller action, or where rounding hides that, a smaller gradient.
  func improves(on other: FramePoint) -> Bool {
    action <= other.action
      || (action <= other.action + max(actionRounding, other.actionRounding) && gradientNorm < other.gradientNorm)
  }
}
