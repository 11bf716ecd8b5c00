package import LinearAlgebra

/// The local kernels of a hidden layer,
/// K_ij(x, x') = E[s(h_i(x)) s(h_j(x'))], C_ij(x, x') = x_i . x'_j / (lambda0 M),
/// as a rule that computes them for blocks of examples; nothing is stored here.
///
/// They depend on data, lambda0, activation and patches only, not on temperature, width, lambda1 or readout.
package struct LocalKernels: Sendable {
  package let grid: PatchGrid
  /// Pairs of positions that share a filter; K_ij is needed for them only.
  package let pairs: IndexPairs
  package let activation: any Activation
  package let lambda0: Double
  package let threads: Int

  package var positions: Int { grid.positions }

  package init(
    architecture: any Architecture, activation: any Activation, lambda0: Double, image: ImageShape, threads: Int
  ) throws(RenormError) {
    grid = try architecture.grid(on: image)
    pairs = IndexPairs(groups: architecture.sharedFilterGroups(positions: grid.positions))
    self.activation = activation
    self.lambda0 = try positive(lambda0, "lambda0")
    self.threads = threads
  }

  /// The means m_i(x) = E[s(h_i(x))], one row per example: P x n.
  package func means(_ examples: Matrix) -> Matrix {
    let patches = Patches(examples, of: self)
    return Matrix(rows: examples.columns, columns: positions) { example, i in
      activation.mean(variance: patches.variance(i, example))
    }
  }
}
