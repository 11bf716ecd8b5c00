package import LinearAlgebra

/// The pair of order parameters of an activation with means (docs/theory.md, section 4): Qbar enters the kernel, and Q
/// is its conjugate,
///
///     prior(Qbar) = max over Q of -tr(Q Qbar) + log det(I + Q) + (the part of the data term that depends on R),
///
/// R = (I + Q)^-1. The maximum sees the data through two small projections of the means, and lives in
/// `ConjugateParameter`. Without means it is Q = Qbar^-1 - 1 and the prior that of `GaussianLayer`, up to a constant.
package struct ConjugatePair: PriorTerm {
  /// N.
  private let width: Double

  package init(width: Double) { self.width = width }

  package var formulation: Formulation { .saddle }

  package func point(
    frame: BlockDiagonal, covariance: BlockDiagonal, projections: MeanProjections?
  ) throws(LinearAlgebraError) -> PriorPoint {
    let projections = projections ?? .none(order: covariance.order)
    let conjugate = try ConjugateParameter(maximisingAt: covariance, projections, width: width).value
    let linear = frame.map { ($0.asTranspose * $0).symmetricPart }
    let identity = BlockDiagonal.identity(sizes: frame.sizes)
    return PriorPoint(
      terms: (linear.trace, -(try conjugate.logDeterminant()) + conjugate.innerProduct(covariance)), linear: linear,
      // Means make L^T (I + Q) L differ from the identity, at the order 1/N.
      concave: conjugate.congruence(by: frame) - identity,
      mean: try conjugate.mapEigenvalues { 1 / $0 })
  }

  /// ||Qbar^(-1/2) (Qbar - R + R Gm R) Qbar^(-1/2)||_F, the second stationarity equation.
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

  /// -tr(Q Qbar) + log det(I + Q) with Q = R^-1 - 1.
  package static func excess(_ weights: KernelWeights) throws(LinearAlgebraError) -> Double {
    guard let mean = weights.mean else { return try GaussianLayer().excess(weights) }
    let conjugate = try mean.mapEigenvalues { 1 / $0 }
    return weights.covariance.trace - conjugate.innerProduct(weights.covariance) - (try mean.logDeterminant())
  }
}

extension MeanProjections {
  fileprivate static func none(order: Int) -> MeanProjections {
    MeanProjections(
      gram: Matrix(rows: order, columns: order), targets: [Double](repeating: 0, count: order))
  }
}
