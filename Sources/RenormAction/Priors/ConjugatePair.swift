package import LinearAlgebra

/// The pair of order parameters of an activation with means m_i(x) = E[s(h_i(x))], such as relu
/// (docs/theory.md, section 4): Qbar enters the kernel, and Q is its conjugate,
///
///     prior(Qbar) = max over Q of -tr(Q Qbar) + log det(I + Q) + (what of the data term depends on R),
///
/// R = (I + Q)^-1 the weight of the means in K_R = 1/(lambda1 n) sum_ij [ Qbar_ij Kc_ij + R_ij m_i m_j^T ]. The
/// maximum sees the data through two small projections of the means, and lives in `ConjugateParameter`; with X
/// = I + Q the value here is tr Qbar - tr(X Qbar) + log det X, and what depends on the data is counted by the
/// data term. The derivative along Qbar is 1 - X, so that in phi = prior + log det Qbar (`PriorTerm`)
///
///     L^T (grad phi) L = L^T L - (L^T X L - 1).
///
/// Without means X = Qbar^-1, and the prior is that of `GaussianLayer` less n. The stationarity equations are
/// Q = Gc, the gradient, and Qbar = R - R Gm R, the residual.
package struct ConjugatePair: PriorTerm {
  /// N.
  private let width: Double

  package init(width: Double) { self.width = width }

  package var formulation: Formulation { .saddle }

  /// Finds X = I + Q at this Qbar, and with it R = X^-1.
  ///
  /// - Throws: `LinearAlgebraError` where the maximum over X does not exist (N = 1).
  package func point(
    frame: BlockDiagonal, covariance: BlockDiagonal, projections: MeanProjections?
  ) throws(LinearAlgebraError) -> PriorPoint {
    let projections = projections ?? .none(order: covariance.order)
    let conjugate = try ConjugateParameter(maximisingAt: covariance, projections, width: width).value
    let linear = frame.map { ($0.asTranspose * $0).symmetricPart }
    let identity = BlockDiagonal.identity(sizes: frame.sizes)
    return PriorPoint(
      terms: (linear.trace, -(try conjugate.logDeterminant()) + conjugate.innerProduct(covariance)),
      linear: linear,
      // Means make L^T (I + Q) L differ from the identity, at the order 1/N.
      concave: conjugate.congruence(by: frame) - identity,
      mean: try conjugate.mapEigenvalues { 1 / $0 })
  }

  /// ||Qbar^(-1/2) (Qbar - R + R Gm R) Qbar^(-1/2)||_F, the second stationarity equation in the metric of Qbar:
  /// what the inner maximisation and rounding leave of it. 0 without means.
  package func residual(
    of point: PriorPoint, covariance: BlockDiagonal, meanGradient: BlockDiagonal?
  ) throws(LinearAlgebraError) -> Double {
    guard let meanGradient, let r = point.mean else { return 0 }
    let root = try covariance.mapEigenvalues { 1 / $0.squareRoot() }
    return (covariance - r + meanGradient.congruence(by: r)).congruence(by: root).norm
  }

  package func excess(_ weights: KernelWeights) throws(LinearAlgebraError) -> Double {
    try Self.excess(weights)
  }

  /// -tr(Q Qbar) + log det(I + Q) with Q = R^-1 - 1: 0 at infinite width, where Q = 0 and Qbar = R = 1.
  ///
  /// - Throws: `LinearAlgebraError` where R is not positive definite.
  package static func excess(_ weights: KernelWeights) throws(LinearAlgebraError) -> Double {
    guard let mean = weights.mean else { return try GaussianLayer().excess(weights) }
    let conjugate = try mean.mapEigenvalues { 1 / $0 }
    return weights.covariance.trace - conjugate.innerProduct(weights.covariance) - (try mean.logDeterminant())
  }
}

extension MeanProjections {
  /// Those of means that vanish: M = 0 and r = 0.
  fileprivate static func none(order: Int) -> MeanProjections {
    MeanProjections(
      gram: Matrix(rows: order, columns: order), targets: [Double](repeating: 0, count: order))
  }
}
