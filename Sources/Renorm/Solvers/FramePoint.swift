internal import LinearAlgebra

/// The effective action at Q = L L^T (Qbar in section 4), in the frame L: a step is Q+ = L exp(X) L^T with a symmetric X.
///
/// The next frame L exp(X/2) is the parallel transport of this one along the geodesic of the metric
/// tr(Q^-1 dQ Q^-1 dQ), so vectors keep their coordinates from frame to frame. In a frame the metric is the
/// Frobenius one and the Hessian of tr Q - log det Q is L^T L.
struct FramePoint {
  /// L.
  let frame: BlockDiagonal
  /// Q = L L^T.
  let covariance: BlockDiagonal
  /// R = (I + Q)^-1 of section 4, at its maximum for this Qbar; nil for odd activations.
  let mean: BlockDiagonal?
  let value: DataTermValue
  /// S(Q) = tr Q - log det Q + data part; in section 4 its maximum over the conjugate parameter, up to a constant.
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
  /// A bound of what rounding leaves of the gradient's norm, for the search.
  let gradientRounding: Double
  /// An estimate of it.
  let gradientNoise: Double
  /// What rounding leaves of the action.
  let actionRounding: Double

  /// - Throws: `LinearAlgebraError` where A or Q cannot be factored.
  init(_ term: some DataTerm, frame: BlockDiagonal, width: Double) throws(LinearAlgebraError) {
    self.frame = frame
    let q = frame.map { ($0 * $0.asTranspose).symmetricPart }
    var conjugate: BlockDiagonal?
    value = try term.evaluate(q) { (projections) throws(LinearAlgebraError) in
      let x = try ConjugateParameter(maximisingAt: q, projections, width: width).value
      conjugate = x
      return try x.mapEigenvalues { 1 / $0 }
    }
    covariance = q
    mean = try conjugate?.mapEigenvalues { 1 / $0 }
    prior = frame.map { ($0.asTranspose * $0).symmetricPart }
    let identity = BlockDiagonal.identity(sizes: frame.sizes)
    inverseGradient = value.inverseGradient.congruence(by: frame)
    let targetGradient = value.targetGradient.congruence(by: frame)
    let trace = prior.trace
    let logDeterminant: Double
    var residual = 0.0
    if let conjugate, let mean {
      logDeterminant = -(try conjugate.logDeterminant()) + conjugate.innerProduct(q)
      // Means make L^T (I + Q) L differ from the identity, at the order 1/N.
      self.targetGradient = targetGradient + conjugate.congruence(by: frame) - identity
      residual = try Self.meanResidual(q, mean, value.meanGradient)
    } else {
      logDeterminant = try prior.logDeterminant()
      self.targetGradient = targetGradient
    }
    action = trace - logDeterminant + value.value
    let gradient = prior + inverseGradient - self.targetGradient - identity
    self.gradient = gradient.coordinates
    gradientNorm = (gradient.innerProduct(gradient) + residual * residual).squareRoot()
    let unit = Double.ulpOfOne
    gradientRounding = unit * (prior.norm + value.gradientScale)
    gradientNoise =
      value.kernelRounding + 4 * unit * (prior.norm + inverseGradient.norm + self.targetGradient.norm)
    actionRounding = 16 * unit * (abs(trace) + abs(logDeterminant) + abs(value.value) + value.gradientScale)
    guard action.isFinite, gradientNorm.isFinite else { throw .notFinite(order: frame.order) }
  }

  /// ||Qbar^(-1/2) (Qbar - R + R Gm R) Qbar^(-1/2)||_F, the second stationarity equation of section 4.
  private static func meanResidual(
    _ q: BlockDiagonal, _ r: BlockDiagonal, _ gradient: BlockDiagonal?
  ) throws(LinearAlgebraError) -> Double {
    guard let gradient else { return 0 }
    let root = try q.mapEigenvalues { 1 / $0.squareRoot() }
    return (q - r + gradient.congruence(by: r)).congruence(by: root).norm
  }

  /// Whether this point improves on another: a smaller action, or where rounding hides that, a smaller gradient.
  func improves(on other: FramePoint) -> Bool {
    action <= other.action
      || (action <= other.action + max(actionRounding, other.actionRounding) && gradientNorm < other.gradientNorm)
  }
}
