package import LinearAlgebra

/// A bank of kernels: fixed P x P matrices K_ij, one for each pair of indices i, j, with K_ji = K_ij^T. The
/// action needs three things of them (docs/theory.md, sections 2 and 3; Aiudi et al., Nat. Commun. 16 (2025)):
///
///     weightedSum    sum_ij W_ij K_ij, from which A(Q) = T + 1/(lambda1 n) sum_ij Q_ij K_ij
///     contract       tr(K_ij H) for all i, j, in dS/dQ_ij = ... + 1/(N lambda1 n) tr(K_ij (A^-1 - u u^T))
///     products       K_ij v for a few vectors v: the second derivatives of the data part
///
/// Weights are symmetric, so a sum over i, j is a sum over pairs i >= j of the symmetric matrices K_ii and
/// K_ij + K_ij^T; "the kernel of a pair" is this matrix.
///
/// What an index counts (positions, tasks, layers) and how the kernels are held is the bank's affair. Laws: the
/// block matrix of all K_ij is positive semidefinite; `contract` is the adjoint of `weightedSum`,
/// <W, contract(H)> = <weightedSum(W), H>; and both agree with `products`.
package protocol KernelBank: Sendable {
  /// Number of examples P.
  var order: Int { get }
  /// The pairs of indices whose kernels there are; others are zero.
  var pairs: IndexPairs { get }
  /// The size of an element's rounding error relative to the kernel's root mean square: 2^-52 for kernels held
  /// in double precision. `KernelRounding` makes an error of the order parameter of it.
  var elementRounding: Double { get }

  /// The lower triangle of sum_ij W_ij K_ij, P x P, for symmetric n x n weights.
  func weightedSum(_ weights: Matrix) -> Matrix

  /// Two n x n matrices sum_(mu nu) (K_ij)_(mu nu) H_(mu nu) = tr(K_ij H), symmetrised in i and j, in one pass:
  /// for a symmetric P x P matrix H of which the lower triangle is read, and for H = u u^T (u^T K_ij u).
  func contract(lower h: Matrix, outer u: [Double]) -> (lower: Matrix, outer: Matrix)

  /// The products of the kernel of every pair (K_ii, or K_ij + K_ij^T) with the columns of a P x R matrix, R at
  /// most 8: R matrices of size P x pairs.
  func products(_ vectors: Matrix) -> [Matrix]

  /// The same products as linear maps, for banks of so many pairs that matrices of their number are too large;
  /// nil, the default, where `products` serves.
  func vectorMaps(_ vectors: Matrix) -> VectorMaps?
}

/// Linear maps between weights and R vectors v_r of length P, with the v_r fixed.
package struct VectorMaps: Sendable {
  /// (sum_ij W_ij K_ij) v_r for symmetric weights, P x R.
  package let forward: @Sendable (Matrix) -> Matrix
  /// sum_r w_r^T K_ij v_r, symmetrised in i and j, for vectors w_r: the adjoint.
  package let adjoint: @Sendable (Matrix) -> Matrix

  package init(
    forward: @escaping @Sendable (Matrix) -> Matrix, adjoint: @escaping @Sendable (Matrix) -> Matrix
  ) {
    self.forward = forward
    self.adjoint = adjoint
  }
}

extension KernelBank {
  package func vectorMaps(_ vectors: Matrix) -> VectorMaps? { nil }
}

extension KernelBank {
  /// The lower triangle of K_R = scale * sum_ij [ W_ij Kc_ij + R_ij m_i m_j^T ], Kc_ij = K_ij - m_i m_j^T
  /// (docs/theory.md, section 4), evaluated as scale * (sum_ij W_ij K_ij + m (R - W) m^T).
  ///
  /// - Parameters:
  ///   - scale: 1/(lambda1 n).
  ///   - w: W, n x n: Qbar, or Q where there are no means.
  ///   - r: R, n x n; not read where there are no means.
  ///   - means: m, P x n; nil where they vanish.
  package func renormalizedKernel(
    _ scale: Double, covariance w: Matrix, mean r: Matrix, _ means: Matrix?
  ) -> Matrix {
    var kernel = weightedSum(scale * w)
    if let means { kernel.add(scale, congruence: means, r - w, means) }
    return kernel
  }
}
