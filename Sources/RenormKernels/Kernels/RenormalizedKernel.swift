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
///
/// Outputs that Q couples at every position (section 5) have weights with indices (i, c) at i D + c, and k(X,
/// X') is P D x P' D with example mu of output c at mu D + c.
package struct RenormalizedKernel: Sendable {
  /// K_ij and m_i; those of the first layer of a deep network.
  package let local: LocalKernels
  /// The kernels of the places of a deep network where nonlinearities enter; nil for one hidden layer.
  package let layers: DeepKernels?
  /// The kernels that matrices P_1..P_L weigh; nil where there are none.
  package let chain: (any LayerKernels)?
  /// W, n x n; n D x n D for coupled outputs; of a deep network the weights of its bank, on the diagonal, or
  /// P_1..P_L in blocks.
  package let weights: Matrix
  /// D, n x n, or n D x n D; nil where no means enter.
  package let meanWeights: Matrix?
  /// The number of coupled outputs; 1 where there are none.
  package let outputs: Int

  package init(
    local: LocalKernels, layers: DeepKernels? = nil, chain: (any LayerKernels)? = nil, weights: Matrix,
    meanWeights: Matrix?, outputs: Int = 1
  ) {
    self.chain = chain
    self.local = local
    self.layers = layers
    self.weights = weights
    self.meanWeights = meanWeights
    self.outputs = outputs
  }

  /// Points whose kernels with a training set are made at once: bounds what is held at 512 numbers for each
  /// example, all pairs of a chain of layers included.
  package var pointBlock: Int { max(1, 512 / (outputs * max(1, (chain?.pairs.orderedCount ?? 1) / 4))) }

  /// m_i(x), P x n; (m (x) 1), P D x n D, for coupled outputs.
  private func means(_ examples: Matrix) -> Matrix { local.means(examples).spread(over: outputs) }

  /// k(X, X') between the columns of two matrices of inputs, P x P'.
  package func cross(_ left: Matrix, _ right: Matrix) -> Matrix {
    if let layers { return layers.contract(weights, left, right) }
    if let chain { return chain.contract(weights, outputs: outputs, left, right) }
    var kernel =
      outputs == 1
      ? local.contract(weights, left, right) : local.contract(weights, outputs: outputs, left, right)
    if let meanWeights { kernel.add(1, congruence: means(left), meanWeights, means(right)) }
    return kernel
  }

  /// The lower triangle of k(X, X) for one set of examples, P x P, at half of the cost; without means.
  package func training(_ examples: Matrix) -> Matrix {
    layers?.contract(weights, examples) ?? chain?.contract(weights, outputs: outputs, examples, nil)
      ?? local.contract(weights, examples)
  }

  /// k(x, x) between the coupled outputs of every example, D x D each; without means.
  package func outputCovariances(_ examples: Matrix) -> [Matrix] {
    if let chain { return chain.outputCovariances(weights, outputs: outputs, examples) }
    var result = [Matrix](repeating: Matrix(rows: outputs, columns: outputs), count: examples.columns)
    let positions = local.positions
    for d in 0..<outputs {
      for c in d..<outputs {
        // K_ij(x, x) is symmetric in i and j, so that the symmetric part of the weights is all that counts.
        let own = Matrix(rows: positions, columns: positions) { i, j in
          weights[i * outputs + c, j * outputs + d]
        }
        for (p, value) in local.contractDiagonal(own.symmetricPart, examples).enumerated() {
          result[p][c, d] = value
          result[p][d, c] = value
        }
      }
    }
    return result
  }

  /// k(x, x) for every example: P numbers (P D), the prior variance of f(x).
  package func diagonal(_ examples: Matrix) -> [Double] {
    if let layers { return layers.contractDiagonal(weights, examples) }
    if let chain { return chain.contractDiagonal(weights, outputs: outputs, examples) }
    var result =
      outputs == 1
      ? local.contractDiagonal(weights, examples) : local.contractDiagonal(weights, outputs: outputs, examples)
    if let meanWeights {
      let means = means(examples)
      let weighted = means * meanWeights
      for p in result.indices {
        for i in 0..<means.columns { result[p] += means[p, i] * weighted[p, i] }
      }
    }
    return result
  }
}
