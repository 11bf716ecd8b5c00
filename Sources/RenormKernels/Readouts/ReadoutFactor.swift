internal import Foundation
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
  /// The eigenvalues of S, ascending; nil for the identity.
  package let eigenvalues: [Double]?

  /// Factors S by its spectrum (`SemidefiniteFactor`), or takes the factor that the prior knows.
  ///
  /// - Throws: `RenormError.invalidParameter`, or `.unusableData` for a matrix of a file, unless S is symmetric, positive semidefinite and not zero.
  package init(_ readout: any Readout, on grid: PatchGrid) throws(RenormError) {
    guard let covariance = readout.covariance(on: grid) else {
      (basis, eigenvalues) = (nil, nil)
      rank = grid.positions
      return
    }
    let factor = try SemidefiniteFactor(
      of: covariance, order: grid.positions, "readout covariance", prior: readout.name,
      file: readout.parameters[.readoutFile]?.matrix?.source)
    basis = readout.factor(on: grid) ?? factor.basis
    rank = basis?.columns ?? factor.basis.columns
    eigenvalues = factor.eigenvalues
  }

  /// The effective rank of S, exp(-sum_k p_k log p_k) with its eigenvalues p_k divided by their sum: n for
  /// independent weights, 1 for equal ones (O. Roy and M. Vetterli, EUSIPCO 2007).
  package var effectiveRank: Double {
    guard let eigenvalues else { return Double(rank) }
    let sum = eigenvalues.reduce(0) { $0 + max($1, 0) }
    return exp(eigenvalues.reduce(0) { $1 > 0 ? $0 - $1 / sum * log($1 / sum) : $0 })
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
