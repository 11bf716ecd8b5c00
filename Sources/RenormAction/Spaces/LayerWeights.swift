internal import Foundation
package import LinearAlgebra

/// Weights of a bank of kernels that are products of powers of the order parameters of layers: log w = J x, x
/// the logarithms of the order parameters (docs/depth.md). p_l = q_l q_(l+1) .. q_L has ones in row l from
/// column l on.
package struct LayerWeights: Equatable, Sendable {
  /// J, kernels x order parameters.
  package let exponents: Matrix

  package init(exponents: Matrix) { self.exponents = exponents }

  /// p_l = q_l .. q_L, l = 1..L.
  package static func paths(_ depth: Int) -> LayerWeights {
    LayerWeights(exponents: Matrix(rows: depth, columns: depth) { l, m in m >= l ? 1 : 0 })
  }

  /// pbar_l = Qbar_l .. Qbar_L of B_l, then pbar_(l+1) r_l of M_l; x is log Qbar_1..log Qbar_L, log r_1..log
  /// r_L.
  package static func pairs(_ depth: Int) -> LayerWeights {
    LayerWeights(
      exponents: Matrix(rows: 2 * depth, columns: 2 * depth) { row, column in
        let (l, m) = (row % depth, column % depth)
        if row < depth { return column < depth && m >= l ? 1 : 0 }
        return column < depth ? (m > l ? 1 : 0) : (m == l ? 1 : 0)
      })
  }

  /// The product q_1 .. q_L, of one kernel.
  package static func product(_ depth: Int) -> LayerWeights {
    LayerWeights(exponents: Matrix(rows: 1, columns: depth, repeating: 1))
  }

  /// q_1..q_L themselves.
  package static func own(_ depth: Int) -> LayerWeights { LayerWeights(exponents: .identity(depth)) }

  /// w = exp(J x).
  package func values(_ x: [Double]) -> [Double] { (exponents * x).map { exp($0) } }

  /// The gradient by x of a function with the gradient c by log w: J^T c.
  package func pullBack(_ c: [Double]) -> [Double] { exponents.asTranspose * c }

  /// The Hessian by x of a function with the Hessian H by log w: J^T H J.
  package func pullBack(_ hessian: Matrix) -> Matrix { exponents.asTranspose * (hessian * exponents) }
}
