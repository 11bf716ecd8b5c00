package import LinearAlgebra

/// A readout prior over the positions of one network, factored as S = B B^T with B of size n x r
/// (docs/theory.md, section 6): v_a = lambda1^(-1/2) B zeta_a with r independent standard normal numbers
/// zeta_a, and the order parameter Q = B Q' B^T with Q' of order r. Mean pooling has r = 1, B = n^(-1/2) (1,
/// ..., 1)^T.
package struct ReadoutFactor: Sendable {
  /// B; nil means the identity.
  package let basis: Matrix?
  /// The rank r of S.
  package let rank: Int

  /// Factors S = V diag(s) V^T by its spectrum, B = V diag(s)^(1/2) with the columns of positive eigenvalues;
  /// those below 1e-14 n of the largest (45 n units of 2^-52, above the rounding of a spectrum) count as zero.
  ///
  /// - Throws: `RenormError.invalidParameter` unless S is symmetric, positive semidefinite and not zero.
  package init(_ readout: any Readout, on grid: PatchGrid) throws(RenormError) {
    guard let covariance = readout.covariance(on: grid) else {
      basis = nil
      rank = grid.positions
      return
    }
    let n = grid.positions
    guard covariance.rows == n, covariance.columns == n, covariance.elements.allSatisfy(\.isFinite),
      covariance == covariance.transposed
    else {
      throw .invalidParameter(
        name: "readout covariance", value: "of \(readout.name)",
        accepted: "a symmetric matrix of finite numbers, \(n) x \(n)")
    }
    let eigen = try factoring("the readout covariance") { () throws(LinearAlgebraError) in
      try SymmetricEigen(covariance)
    }
    let rounding = 1e-14 * Double(n) * (eigen.values.last ?? 0)
    guard rounding > 0, (eigen.values.first ?? 0) >= -rounding else {
      throw .invalidParameter(
        name: "readout covariance", value: "of \(readout.name)",
        accepted: "a positive semidefinite matrix, not 0")
    }
    let kept = eigen.values.indices.filter { eigen.values[$0] > rounding }
    basis = Matrix(rows: grid.positions, columns: kept.count) { i, k in
      eigen.vectors[i, kept[k]] * eigen.values[kept[k]].squareRoot()
    }
    rank = kept.count
  }

  /// S = B B^T, n x n.
  package func covariance(positions n: Int) -> Matrix {
    guard let basis else { return .identity(n) }
    return basis * .identity(rank) * basis.asTranspose
  }
}

extension ReadoutFactor {
  /// The means m_i(x), P x n, summed over positions by the one column of a rank-one B: sum_i B_i m_i(x), P
  /// numbers.
  package func pooledMeans(_ means: Matrix) -> [Double] {
    guard let basis else { return means.column(0) }
    return (means * basis).column(0)
  }
}
