internal import LinearAlgebra

/// A channel: one eigenvector V_c of the D x D order parameter W, along which the outputs decouple. With the
/// kernel reduced to tridiagonal form, Kc = Z H Z^T, and w_c the eigenvalue, its covariance is
///
///     F = T I + s H,   s = w_c/(lambda1 n),
///
/// tridiagonal of order P: factors, solutions and traces cost O(P) (docs/theory.md, section 5). All vectors are
/// in the basis Z.
struct OutputChannel {
  let factor: ShiftedTridiagonal
  /// s.
  let scale: Double
  /// tr F^-1 = (P - s tr(F^-1 H))/T.
  let inverseTrace: Double
  /// The largest element of the diagonal of F.
  let largest: Double
  /// The channel's part of A^-1 y, P numbers; before the mean is subtracted, F^-1 y.
  private(set) var u: [Double]
  /// F^-1 m; nil for odd activations.
  let b: [Double]?
  /// m^T F^-1 m.
  let h: Double
  /// m^T F^-1 y.
  let meanTarget: Double
  private let means: [Double]?

  /// - Parameters:
  ///   - weight: the eigenvalue w_c.
  ///   - targets: Z^T Y V_c.
  ///   - means: Z^T m.
  /// - Throws: `LinearAlgebraError` where F is not positive definite.
  init(
    _ reduction: TridiagonalReduction, _ parameters: ActionParameters, weight: Double, targets: [Double],
    means: [Double]?
  ) throws(LinearAlgebraError) {
    scale = parameters.kernelScale * weight
    factor = try reduction.shifted(by: parameters.temperature, scale: scale)
    let trace = factor.logDeterminantDerivative
    inverseTrace = max(0, (Double(reduction.order) - scale * trace) / parameters.temperature)
    largest = parameters.temperature + scale * (reduction.diagonal.max() ?? 0)
    u = factor.solve(targets)
    b = means.map(factor.solve)
    self.means = means
    if let means, let b {
      h = dot(means, b)
      meanTarget = dot(b, targets)
    } else {
      h = 0
      meanTarget = 0
    }
  }

  /// log det F.
  var logDeterminant: Double { factor.logDeterminant }
  /// tr(F^-1 H).
  var trace: Double { factor.logDeterminantDerivative }

  /// Replaces F^-1 y by F^-1 (y - m beta), beta the posterior mean of the channel's coefficient of m.
  mutating func subtractMean(_ beta: Double) {
    guard let b else { return }
    u = zip(u, b).map { $0 - beta * $1 }
  }

  /// m^T A^-1 y.
  var meanResidual: Double { means.map { dot($0, u) } ?? 0 }
}
