public import LinearAlgebra

/// The similarity of hidden representations of p inputs at two positions,
/// < (1/N) sum_a s(h_ai(x)) s(h_aj(x')) >, before and after training (docs/theory.md, section 8).
public struct Similarity: Equatable, Sendable {
  /// The average over the prior, p x p: K_ij(x, x'), rows x and columns x'.
  public let before: Matrix
  /// The average over the posterior, p x p, for Gaussian features.
  public let after: Matrix
  /// What a user should know about the result; each is one line.
  public let warnings: [String]

  /// What training changes, p x p; of order 1/N.
  public var change: Matrix { after - before }
}

extension Posterior {
  /// The similarity of the columns of `inputs` at positions i and j,
  ///
  ///     before: K_ij(x, x')
  ///     after:  K_ij(x, x') - 1/(lambda1 N n) sum_kl Q_kl K_ik(x, X) (A^-1 - u u^T) K_lj(X, x'),   u = A^-1 y.
  ///
  /// The readout integrated out, a unit has the weight exp(-s^T S s/(2 n lambda1 N)), s_k its features summed
  /// over examples with the variables conjugate to f. For features that are Gaussian with s this changes the
  /// mean of s(h_ai(x)) s(h_aj(x')) by the last term. Exact for the linear activation to relative order 1/N.
  /// For others it is the part of the change that Gaussian features would have; their fourth cumulants
  /// contribute at the same order, and can outweigh it.
  ///
  /// With several outputs, u and A^-1 carry outputs and Q couples them; the sums run over all. Positions of an
  /// LCN have filters of their own: for i != j both are zero. At infinite width nothing changes. Aiudi et al.,
  /// Nat. Commun. 16 (2025).
  ///
  /// Costs n P p activations and n P^2 p operations.
  ///
  /// - Throws: `RenormError.invalidParameter` for positions outside the grid, `.shapeMismatch` unless the
  ///   inputs have as many rows as the training inputs, `.unsupported` for an activation that is not odd
  ///   and for several hidden layers.
  public func similarity(of inputs: Matrix, positions i: Int, _ j: Int) throws(RenormError) -> Similarity {
    let local = kernel.local
    try local.check([i, j], inputs, training.shape)
    try network.supplied?.checkInputs(inputs)
    if network.supplied?.isTraining(inputs) == false {
      try network.requireComputedKernels("the similarity of held-out points")
    }
    guard network.activation.isOdd else {
      throw .unsupported(
        what: "the similarity after training with the activation '\(network.activation.name)'",
        instead: "the formula holds for odd activations; take erf or linear")
    }
    guard network.nodePrior.law == nil else {
      throw .unsupported(
        what: "the similarity after training with the node prior '\(network.nodePrior.name)'",
        instead: "take the node prior 'none'")
    }
    guard network.depth == 1 else {
      throw .unsupported(
        what: "the similarity after training with depth \(network.depth)", instead: "take depth 1")
    }
    try network.requireGaussianNoise("the similarity after training")
    guard let channels = regression as? GaussianChannels<Cholesky> else {
      preconditionFailure("Gaussian noise without its regression")
    }
    return try Parallel.withThreads(local.threads) { () throws(RenormError) in
      try similarity(Patches(inputs, of: local), i, j, channels)
    }
  }

  private func similarity(
    _ points: Patches, _ i: Int, _ j: Int, _ channels: GaussianChannels<Cholesky>
  ) throws(RenormError) -> Similarity {
    let local = kernel.local
    let before = local.pairKernel(points, i, points, j)
    guard let units = network.width.units else {
      return Similarity(before: before, after: before, warnings: [])
    }
    let examples = Patches(range.inputs, of: local)
    let left = try weightedKernels(examples, points, position: i)
    let right = i == j ? left : try weightedKernels(examples, points, position: j)
    var gain = Matrix(rows: before.rows, columns: before.columns)
    for case (let a?, let b?) in zip(left, right) { gain = gain + channels.gain(a, b) }
    let after = before - (network.kernelScale(local.positions) / Double(units)) * gain
    return Similarity(before: before, after: after, warnings: warnings(after, isSquare: i == j))
  }

  /// - Parameter isSquare: whether the diagonal holds means of squares. They are not negative, and where s is
  ///   bounded not above its bound; for features taken as Gaussian they can be.
  private func warnings(_ after: Matrix, isSquare: Bool) -> [String] {
    guard !network.activation.isLinear else { return [] }
    let name = network.activation.name
    var warnings = [
      "the similarity after training is that of Gaussian features; for the activation '\(name)' terms of the "
        + "same order are left out, and can be larger"
    ]
    let bound = network.activation.bound.map { $0 * $0 } ?? .infinity
    let outside = isSquare ? after.diagonal.count { $0 < 0 || $0 > bound } : 0
    if outside > 0 {
      warnings.append(
        "for \(outside) of \(after.rows) examples it has a mean square of the hidden units "
          + (bound.isFinite ? "outside 0 to \(Int(bound))" : "below 0")
          + ", so it does not hold here; take a larger width")
    }
    return warnings
  }

  /// sum_k L_kb K_ki(X, x) for every column b of a factor Q = L L^T: P x p each, so that sum_kl Q_kl K_ik G
  /// K_lj is a sum over b; nil where column b vanishes on the group of i. With several outputs the channels
  /// hold Q, and L is the readout's; where Q is over positions and outputs, sum_k L_(kc)b K_ki(mu, x) stands in
  /// row mu D + c.
  private func weightedKernels(
    _ examples: Patches, _ points: Patches, position i: Int
  ) throws(RenormError) -> [Matrix?] {
    let local = kernel.local
    let group = local.pairs.groups.first { $0.contains(i) } ?? i..<i + 1
    let factor = try orderParameterFactor()
    let kernels = group.map { local.pairKernel(examples, $0, points, i) }
    let outputs = kernel.outputs
    return (0..<factor.columns).map { b in
      let parts = (0..<outputs).map { c -> Matrix? in
        let weights = group.map { factor[$0 * outputs + c, b] }
        guard weights.contains(where: { $0 != 0 }) else { return nil }
        var sum = Matrix(rows: examples.count, columns: points.count)
        for (weight, kernel) in zip(weights, kernels) where weight != 0 { sum = sum + weight * kernel }
        return sum
      }
      guard outputs > 1 else { return parts[0] }
      guard parts.contains(where: { $0 != nil }) else { return nil }
      return Matrix(rows: examples.count * outputs, columns: points.count) { row, x in
        parts[row % outputs]?[row / outputs, x] ?? 0
      }
    }
  }

  /// L, n x r: B times the Cholesky factor of Q'.
  private func orderParameterFactor() throws(RenormError) -> Matrix {
    let weights: Matrix
    if solution.space.index == .output {
      weights = .identity(readout.rank)
    } else {
      let covariance = solution.weights.covariance.dense
      weights = try factoring("the order parameter") { () throws(LinearAlgebraError) in
        try Cholesky(covariance).lowerTriangle
      }
    }
    guard let basis = readout.basis else { return weights }
    return basis.spread(over: solution.space.index == .output ? 1 : kernel.outputs) * weights
  }
}

extension GaussianChannels where Factor == Cholesky {
  /// sum_c s_c a^T (A_c^-1 - u_c u_c^T) b for kernels a and b, P x p, between the training set and two sets of
  /// points: what the change of the similarity is made of, p x p.
  fileprivate func gain(_ a: Matrix, _ b: Matrix) -> Matrix {
    var result = Matrix(rows: a.columns, columns: b.columns)
    for (c, weight) in weights.enumerated() {
      let factor = factor(c)
      result = result + weight * (factor.solveLower(a).asTranspose * factor.solveLower(b))
      let u = Matrix(columns: [coefficients.column(c)])
      result.add(-weight, congruence: a.asTranspose * u, .identity(1), b.asTranspose * u)
    }
    return result
  }
}

extension Network {
  /// The similarity of hidden representations under the prior, K_ij(x, x') between the columns of `inputs`
  /// (docs/theory.md, section 8), p x p; of means between positions that do not share filters. Any
  /// activation.
  ///
  /// - Throws: `RenormError.maskLargerThanImage`, `.invalidParameter` for positions outside the grid,
  ///   `.shapeMismatch` unless the inputs have as many rows as the image has values.
  public func priorSimilarity(
    of inputs: Matrix, on image: ImageShape, positions i: Int, _ j: Int
  ) throws(RenormError) -> Matrix {
    try localKernel(inputs, inputs, on: image, positions: i, j)
  }
}

extension LocalKernels {
  func check(_ positions: [Int], _ inputs: Matrix, _ image: ImageShape) throws(RenormError) {
    for position in positions where !(0..<self.positions).contains(position) {
      throw .invalidParameter(name: "position", value: "\(position)", accepted: "0 to \(self.positions - 1)")
    }
    guard inputs.rows == image.count else {
      throw .shapeMismatch(expected: "\(image)", got: "\(inputs.rows) values")
    }
  }
}
