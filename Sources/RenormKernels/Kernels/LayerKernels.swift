package import LinearAlgebra

/// Kernels of a deep network whose layers have matrices P_l as order parameters (docs/depth.md),
///
///     K_R = sum_l sum_ab (P_l)_ab K^l_ab,
///
/// as functions of two sets of examples. An index (a, b, ...) counts what P_l is over: nothing but outputs in a
/// fully connected network, positions in a convolutional one. Indices of different layers have no kernel
/// between them, as positions that do not share their filters; K_ba = K_ab^T.
package protocol LayerKernels: Sendable {
  /// The indices of every layer, l = 1..L one after the other, one group for each.
  var pairs: IndexPairs { get }

  /// K_ab(X, X') in the order of `IndexPairs.ordered`, P x P' each; over one set of examples where `right` is
  /// nil.
  func blocks(_ left: Matrix, _ right: Matrix?) -> [Matrix]

  /// K_ab(x, x) in the order of `IndexPairs.ordered`, P numbers each.
  func blockDiagonals(_ examples: Matrix) -> [[Double]]
}

extension LayerKernels {
  /// sum W_(ac)(bd) K_ab(X, X') between D outputs, P D x P' D with example mu of output c at mu D + c, for
  /// symmetric weights with index (a, c) at a D + c.
  package func contract(_ weights: Matrix, outputs: Int, _ left: Matrix, _ right: Matrix?) -> Matrix {
    blocks(left, right).joined(pairs.slotWeights(weights, outputs: outputs), outputs: outputs)
  }

  /// sum W_(ac)(bc) K_ab(x, x) for every example and output, at mu D + c.
  package func contractDiagonal(_ weights: Matrix, outputs d: Int, _ examples: Matrix) -> [Double] {
    let slotWeights = pairs.slotWeights(weights, outputs: d)
    let diagonals = blockDiagonals(examples)
    return Matrix(
      columns: (0..<d).map { c in
        diagonals.weightedSum(slotWeights.column(c + d * c))
      }
    ).interleaved
  }

  /// sum W_(ac)(bd) K_ab(x, x) between the outputs of every example, D x D each.
  package func outputCovariances(_ weights: Matrix, outputs d: Int, _ examples: Matrix) -> [Matrix] {
    let slotWeights = pairs.slotWeights(weights, outputs: d)
    let diagonals = blockDiagonals(examples)
    let sums = (0..<d * d).map { diagonals.weightedSum(slotWeights.column($0)) }
    return (0..<examples.columns).map { p in
      Matrix(rows: d, columns: d) { sums[$0 + d * $1][p] }.symmetricPart
    }
  }
}

extension [Matrix] {
  /// sum_k w_k(c, d) A_k (x) E_cd: elements (mu, c) and (nu, d) at mu D + c and nu D + d.
  ///
  /// - Parameter weights: k x (c + D d).
  func joined(_ weights: Matrix, outputs: Int) -> Matrix {
    guard outputs > 1, let first else { return weightedSum(weights.column(0)) }
    let (rows, columns) = (first.rows, first.columns)
    var result = Matrix(rows: rows * outputs, columns: columns * outputs)
    for d in 0..<outputs {
      for c in 0..<outputs {
        let sum = weightedSum(weights.column(c + outputs * d))
        for nu in 0..<columns {
          for mu in 0..<rows { result[mu * outputs + c, nu * outputs + d] = sum[mu, nu] }
        }
      }
    }
    return result
  }
}

extension DeepKernels: LayerKernels {
  package var pairs: IndexPairs { IndexPairs(groups: (0..<depth).map { $0..<$0 + 1 }) }

  /// B_1..B_L. Where one kernel is all it is the first.
  package func blocks(_ left: Matrix, _ right: Matrix?) -> [Matrix] {
    let kernels = bank(left, right).map { right == nil ? $0.mirrored : $0 }
    let rest = depth - kernels.count
    return kernels
      + [Matrix](repeating: Matrix(rows: left.columns, columns: (right ?? left).columns), count: rest)
  }

  package func blockDiagonals(_ examples: Matrix) -> [[Double]] {
    let diagonals = bankDiagonals(examples)
    let rest = depth - diagonals.count
    return diagonals + [[Double]](repeating: [Double](repeating: 0, count: examples.columns), count: rest)
  }
}
