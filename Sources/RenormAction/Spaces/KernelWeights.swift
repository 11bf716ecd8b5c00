internal import Foundation
package import LinearAlgebra

/// Weights of the two parts of a renormalized kernel (docs/theory.md, section 4),
///
///     K_R = 1/(lambda1 n) sum_ij [ W_ij Kc_ij + R_ij m_i m_j^T ],   Kc_ij = K_ij - m_i m_j^T.
///
/// Both are in the coordinates of the order parameter: of order n for a CNN, r for a readout factor B (the
/// weights are B W' B^T then), n blocks of 1 for an LCN. Odd activations have m = 0 and no R. For several
/// outputs of one kernel they are over outputs instead, D x D: K_R = 1/(lambda1 n) [ W (x) Kc + R (x) m m^T ].
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

extension KernelWeights {
  /// The logarithms of positive numbers on diagonals, those of W and then of R: the unknowns of a deep network.
  package var logarithms: [Double] {
    (covariance.blocks + (mean?.blocks ?? [])).flatMap(\.diagonal).map { log($0) }
  }

  /// The weights of which these are the logarithms: of W, and where `hasMeans` as many of R.
  package init(logarithms x: [Double], hasMeans: Bool) {
    let blocks = x.map { Matrix(rows: 1, columns: 1, repeating: exp($0)) }
    let depth = hasMeans ? x.count / 2 : x.count
    self.init(
      covariance: BlockDiagonal(Array(blocks[..<depth])),
      mean: hasMeans ? BlockDiagonal(Array(blocks[depth...])) : nil)
  }
}
