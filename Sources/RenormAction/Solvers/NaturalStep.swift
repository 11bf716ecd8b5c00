internal import LinearAlgebra

/// The fixed-point map Q+ = (1 + Gamma)^-1 of the stationarity equation dS/dQ = 1 - Q^-1 + Gamma = 0
/// (docs/theory.md, section 3): the exact minimum of tr Q - log det Q and the tangent of the data part. It
/// serves beyond `BankCurvature.largestDimension` pairs, where no curvature is computed.
enum NaturalStep {
  /// H = (L^T (1 + Gamma) L)^(-1/2), the next frame being L H; nil where 1 + Gamma is not positive definite.
  static func step(_ point: ActionPoint) -> BlockDiagonal? {
    let linear = point.linear + point.inverseGradient - point.targetGradient
    guard (try? linear.logDeterminant()) != nil else { return nil }
    return try? linear.mapEigenvalues { 1 / $0.squareRoot() }
  }
}
