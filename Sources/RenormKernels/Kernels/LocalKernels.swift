package import LinearAlgebra

/// The local kernels of a hidden layer, as a rule that computes them for blocks of examples (docs/theory.md,
/// section 2):
///
///     C_ij(x, x') = x_i . x'_j/(lambda0 M)
///     K_ij(x, x') = E[s(a) s(b)],   (a, b) ~ N(0, [[C_ii(x, x), C_ij(x, x')], [C_ij(x, x'), C_jj(x', x')]])
///     m_i(x)      = E[s(a)],        a ~ N(0, C_ii(x, x))
///
/// x_i is the patch of M inputs under position i; a and b are pre-activations h_i(x), h_j(x') of one hidden
/// unit under the prior w ~ N(0, 1/lambda0). With a filter prior F, C_ij = x_i^T F x'_j/(lambda0 M); a hidden
/// bias adds 1/lambda_bias to every C. K_ji = K_ij^T, and K_ij has no symmetry of its own for i != j.
/// "Local" as in Aiudi et al., Nat. Commun. 16 (2025): a kernel for every pair of positions, where infinite
/// width knows their average only.
///
/// They depend on data, priors of hidden weights, activation and patches only, not on temperature, width,
/// lambda1 or readout, and are computed once for all of these. Nothing is stored here.
package struct LocalKernels: Sendable {
  package let grid: PatchGrid
  /// Pairs of positions that share a filter; K_ij is needed for them only.
  package let pairs: IndexPairs
  package let activation: any Activation
  /// Prior precision of the hidden weights.
  package let lambda0: Double
  /// Prior precision of the hidden bias; nil where there is none.
  package let lambdaBias: Double?
  /// The filter prior; nil for independent weights.
  package let filter: FilterFactor?
  package let threads: Int
  /// Kernels that another program computed, looked up in the place of covariances; nil where there are none.
  package let supplied: SuppliedKernels?

  /// n.
  package var positions: Int { grid.positions }

  /// Numbers of a patch as kernels see it, independent weights of a hidden unit: M, or the rank of the filter
  /// prior, and one more for a bias.
  package var patchLength: Int { (filter?.patchSize ?? grid.patchSize) + (lambdaBias == nil ? 0 : 1) }

  /// - Throws: `RenormError.maskLargerThanImage`, and `.invalidParameter` unless precisions are positive and
  ///   the filter prior is one.
  package init(
    architecture: any Architecture, activation: any Activation, lambda0: Double, lambdaBias: Double? = nil,
    filter: any FilterPrior = IndependentFilter(), image: ImageShape, threads: Int
  ) throws(RenormError) {
    grid = try architecture.grid(on: image)
    supplied = (architecture as? SuppliedArchitecture)?.kernels
    pairs = IndexPairs(groups: architecture.sharedFilterGroups(positions: grid.positions))
    self.activation = activation
    self.lambda0 = try positive(lambda0, "lambda0")
    self.lambdaBias = try lambdaBias.map { (value) throws(RenormError) in
      try positive(value, NetworkParameter.lambdaBias.words)
    }
    self.filter = try FilterFactor(filter, on: grid)
    self.threads = threads
  }

  /// Whether kernels are linear in the inputs: K_ij(x, x') = x_i . x'_j/(lambda0 M).
  package var areLinear: Bool { activation.isLinear && lambdaBias == nil }
  /// Whether K_ij(-x, x') = -K_ij(x, x').
  package var areOdd: Bool { activation.isOdd && lambdaBias == nil }
  /// Whether K_ij(c x, x') = c K_ij(x, x') for every c > 0.
  package var areHomogeneous: Bool { activation.isHomogeneous && lambdaBias == nil }

  /// The means m_i(x) = E[s(h_i(x))], one row per example: P x n. They vanish for odd activations.
  package func means(_ examples: Matrix) -> Matrix {
    if let supplied {
      return Matrix(rows: examples.columns, columns: positions) { supplied.mean($1, Int(examples[$1, $0])) }
    }
    let patches = Patches(examples, of: self)
    return Matrix(rows: examples.columns, columns: positions) { example, i in
      activation.mean(variance: patches.variance(i, example))
    }
  }
}

extension NetworkParameter {
  /// Prior precision of the hidden bias.
  public static let lambdaBias = NetworkParameter(
    "lambda-bias", words: "bias precision", symbol: Symbol("λ", "b"), .positive(unit: nil), isInKernels: true,
    help: "Prior precision of a bias of every hidden unit. (default: no bias)")
}
