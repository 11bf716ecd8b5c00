package import LinearAlgebra

/// A bank of fixed kernels K_ij of P examples, with K_ji = K_ij^T, of which the action needs weighted sums with
/// symmetric weights only.
///
/// What an index counts (positions, tasks, layers) and how the kernels are held is the bank's affair. Laws: the block
/// matrix of all K_ij is positive semidefinite; `contract` is the adjoint of `weightedSum`, and `products` of both.
package protocol KernelBank: Sendable {
  /// P.
  var order: Int { get }
  /// The pairs of indices whose kernels there are; others are zero.
  var pairs: IndexPairs { get }
  /// The relative rounding of an element, as `KernelRounding` counts it.
  var elementRounding: Double { get }

  /// The lower triangle of sum_ij W_ij K_ij, P x P, for symmetric n x n weights.
  func weightedSum(_ weights: Matrix) -> Matrix

  /// The n x n matrices sum_(mu nu) (K_ij)_(mu nu) H_(mu nu), symmetrised in i and j, for a symmetric H of which the
  /// lower triangle is read, and for H = u u^T.
  func contract(lower h: Matrix, outer u: [Double]) -> (lower: Matrix, outer: Matrix)

  /// The products of the symmetric kernel of every pair (K_ii, or K_ij + K_ji) with the columns of a P x R matrix, R at
  /// most 8: R matrices of size P x pairs.
  func products(_ vectors: Matrix) -> [Matrix]
}

extension KernelBank {
  /// The lower triangle of scale * sum_ij [ W_ij Kc_ij + R_ij m_i m_j^T ], Kc_ij = K_ij - m_i m_j^T, for means m of
  /// size P x n; without means that of scale * sum_ij W_ij K_ij.
  package func renormalizedKernel(
    _ scale: Double, covariance w: Matrix, mean r: Matrix, _ means: Matrix?
  ) -> Matrix {
    var kernel = weightedSum(scale * w)
    if let means { kernel.add(scale, congruence: means, r - w, means) }
    return kernel
  }
}
