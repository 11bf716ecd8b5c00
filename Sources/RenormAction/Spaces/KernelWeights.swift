package import LinearAlgebra

/// Weights of the two parts of a renormalized kernel,
/// K_R = 1/(lambda1 n) sum_ij [ W_ij Kc_ij + R_ij m_i m_j^T ], Kc_ij = K_ij - m_i m_j^T (docs/theory.md, section 4).
///
/// Odd activations have m = 0 and no R. Over outputs instead of positions for several outputs.
package struct KernelWeights: Sendable {
  /// W: Qbar, or Q of section 3.
  package var covariance: BlockDiagonal
  /// R = (I + Q)^-1; nil where the means vanish.
  package var mean: BlockDiagonal?

  package init(covariance: BlockDiagonal, mean: BlockDiagonal?) {
    self.covariance = covariance
    self.mean = mean
  }
}
