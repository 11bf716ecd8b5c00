internal import LinearAlgebra

extension KernelFamily {
  /// The effective action S of a member and its gradient at an order parameter (docs/theory.md, sections 3 to
  /// 5):
  ///
  ///     S(Q)   = tr Q - log det Q + (1/N) [ log det A + y^T A^-1 y ],   A = T I + K_R(Q)
  ///     K_R(Q) = 1/(lambda1 n) sum_ij Q_ij K_ij
  ///     dS/dQ  = 1 - Q^-1 + Gamma,   Gamma_ij = 1/(N lambda1 n) tr(K_ij (A^-1 - u u^T)),   u = A^-1 y,
  ///
  /// per N/2 and up to constants (Aiudi et al., Nat. Commun. 16 (2025)); for an activation with means the
  /// maximum over the conjugate of section 4, as a function of Qbar. One factorisation of A, or O(P D^2) for
  /// one kernel.
  ///
  /// - Parameter q: Q in coordinates, symmetric positive definite of order `Solution.space.order`: n x n for a
  ///   CNN, of which an LCN uses the diagonal; r x r for a readout prior of rank r; D x D for several outputs
  ///   of one kernel.
  /// - Returns: S, and dS/dQ of the shape of `q`; elements outside the blocks of the space are zero.
  /// - Throws: `RenormError.invalidParameter` for a matrix of another order or one that is not finite and
  ///   symmetric, `.unsupported` at infinite width and for a network that is not of the family,
  ///   `.numericalFailure` where Q or A is not positive definite.
  public func action(
    _ member: Network? = nil, at q: Matrix
  ) throws(RenormError) -> (value: Double, gradient: Matrix) {
    let space = kernels.space
    guard q.rows == space.order, q.columns == space.order, q.elements.allSatisfy(\.isFinite), q == q.transposed
    else {
      throw .invalidParameter(
        name: "order parameter", value: "a matrix of \(q.rows) x \(q.columns)",
        accepted: "finite symmetric coordinates of order \(space.order)")
    }
    let member = member ?? network
    guard let parameters = try parameters(member) else {
      throw .unsupported(what: "an effective action at infinite width", instead: "take a finite width")
    }
    return try Parallel.withThreads(local.threads) { () throws(RenormError) in
      let (value, gradient) = try kernels.action(
        member, parameters, at: BlockDiagonal(of: q, sizes: space.blockSizes))
      return (value, gradient.dense)
    }
  }
}
