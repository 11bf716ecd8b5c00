package import LinearAlgebra

/// A weighted sum of local kernels, as a function of two sets of examples:
/// k(x, x') = sum_ij [ W_ij K_ij(x, x') + D_ij m_i(x) m_j(x') ].
///
/// The renormalized kernel (docs/theory.md, sections 3 and 4; Aiudi et al., Nat. Commun. 16 (2025))
///
///     K_R = 1/(lambda1 n) sum_ij [ Qbar_ij Kc_ij + R_ij m_i m_j^T ],   Kc_ij = K_ij - m_i m_j^T
///
/// has W = Qbar/(lambda1 n) and D = (R - Qbar)/(lambda1 n). Odd activations have no means, and W = Q/(lambda1
/// n).
package struct RenormalizedKernel: Sendable {
  /// K_ij and m_i; those of the first layer of a deep network.
  package let local: LocalKernels
  /// The kernels of the places of a deep network where nonlinearities enter; nil for one hidden layer.
  package let layers: DeepKernels?
  /// W, n x n.
  package let weights: Matrix
  /// D, n x n; nil where no means enter.
  package let meanWeights: Matrix?

  package init(local: LocalKernels, layers: DeepKernels? = nil, weights: Matrix, meanWeights: Matrix?) {
    self.local = local
    self.layers = layers
    self.weights = weights
    self.meanWeights = meanWeights
  }

  private var rule: any KernelRule { if let layers { layers } else { local } }

  /// k(X, X') between the columns of two matrices of inputs, P x P'.
  package func cross(_ left: Matrix, _ right: Matrix) -> Matrix {
    var kernel = rule.contract(weights, left, right)
    if let meanWeights { kernel.add(1, congruence: local.means(left), meanWeights, local.means(right)) }
    return kernel
  }

  /// The lower triangle of k(X, X) for one set of examples, P x P, at half of the cost; without means.
  package func training(_ examples: Matrix) -> Matrix { rule.contract(weights, examples) }

  /// k(x, x) for every example: P numbers, the prior variance of f(x).
  package func diagonal(_ examples: Matrix) -> [Double] {
    var result = rule.contractDiagonal(weights, examples)
    if let meanWeights {
      let means = local.means(examples)
      let weighted = means * meanWeights
      for p in result.indices {
        for i in 0..<means.columns { result[p] += means[p, i] * weighted[p, i] }
      }
    }
    return result
  }
}
