internal import LinearAlgebra

/// The fixed-point map Q+ = (1 + Gamma)^-1, a Newton step where the data part is linear in Q.
enum NaturalStep {
  /// H with L+ = L H; nil where 1 + Gamma is not positive definite.
  static func step(_ point: ActionPoint) -> BlockDiagonal? {
    let linear = point.linear + point.inverseGradient - point.targetGradient
    guard (try? linear.logDeterminant()) != nil else { return nil }
    return try? linear.mapEigenvalues { 1 / $0.squareRoot() }
  }
}
