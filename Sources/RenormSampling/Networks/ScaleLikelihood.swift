internal import Foundation
internal import LinearAlgebra

/// What the data say of the scale tau of one hidden unit, given all else and with its readout zeta_a ~ N(0, 1),
/// v_a = tau^(1/2) zeta_a, integrated out: for D outputs, S = V diag(s) V^T and b of size r x D
///
///     log p(y | tau) = const - D/2 log det(1 + tau S) + tau/2 sum_d b_d^T (1 + tau S)^-1 b_d
///                    = const + 1/2 sum_k [ tau beta_k^2/(1 + tau s_k) - D log(1 + tau s_k) ],   beta = V^T b.
///
/// With C the covariance of the targets without the unit and its features F_a scaled by gamma^(1/2),
/// S = F_a^T C^-1 F_a and b = F_a^T C^-1 Y.
struct ScaleLikelihood: Equatable {
  /// s_k.
  let eigenvalues: [Double]
  /// beta_k^2, summed over outputs.
  let squares: [Double]
  /// D.
  let outputs: Double

  /// log p(y | tau) - log p(y | 0).
  func callAsFunction(_ tau: Double) -> Double {
    var sum = 0.0
    for k in eigenvalues.indices {
      let gain = 1 + tau * eigenvalues[k]
      sum += tau * squares[k] / gain - outputs * log(gain)
    }
    return sum / 2
  }
}

extension ScaleLikelihood {
  /// The same from S' = F_a^T A^-1 F_a and b' = F_a^T A^-1 Y, A the covariance with the unit at its present
  /// scale: S = S' (1 - tau S')^-1, b = (1 - tau S')^-1 b'.
  ///
  /// - Returns: nil where the unit explains so much of A that 1 - tau S' is mostly rounding.
  init?(present s: Matrix, _ b: Matrix, tau: Double) {
    guard let spectrum = try? SymmetricEigen(s) else { return nil }
    var (eigenvalues, squares) = ([Double](), [Double]())
    for (k, value) in spectrum.values.enumerated() {
      let left = 1 - tau * value
      // Eleven digits are left here.
      guard left > 1e-5 else { return nil }
      let square = (0..<b.columns).reduce(0.0) { sum, d in
        let beta = (0..<b.rows).reduce(0.0) { $0 + spectrum.vectors[$1, k] * b[$1, d] }
        return sum + beta * beta
      }
      eigenvalues.append(max(value, 0) / left)
      squares.append(square / (left * left))
    }
    self.init(eigenvalues: eigenvalues, squares: squares, outputs: Double(b.columns))
  }
}
