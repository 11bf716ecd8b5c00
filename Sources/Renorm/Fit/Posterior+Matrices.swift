internal import LinearAlgebra

/// The matrices behind a prediction, for work on the theory itself.
extension Posterior {
  /// The renormalized kernel K_R on the training set, P x P (docs/theory.md, sections 3 and 4):
  /// 1/(lambda1 n) sum_ij [ Qbar_ij Kc_ij + R_ij m_i m_j^T ], Q_ij K_ij for odd activations.
  ///
  /// Several outputs of one kernel couple by their order parameter, K_R = Q (x) Kc / lambda1 on vec(Y): this is
  /// the second factor, without the part of the means (`outputMeans`). Where they couple at every position
  /// (section 5) it is P D x P D, example mu of output c at mu D + c.
  public var renormalizedKernel: Matrix {
    let packed = trainingKernel
    return Matrix(rows: packed.order, columns: packed.order) { packed[$0, $1] }
  }

  /// K_R(x, x') between the columns of two sets of inputs, p x p', as `renormalizedKernel`.
  ///
  /// - Throws: `RenormError.shapeMismatch` unless the inputs have as many rows as the training inputs.
  public func renormalizedKernel(_ left: Matrix, _ right: Matrix) throws(RenormError) -> Matrix {
    for inputs in [left, right] { try check(inputs) }
    if let supplied = network.supplied, !supplied.isTraining(left), !supplied.isTraining(right) {
      try network.requireComputedKernels("the kernel between held-out points")
    }
    return Parallel.withThreads(kernel.local.threads) { kernel.cross(left, right) }
  }

  /// The eigenvalues of K_R on the training set, in ascending order: P numbers, or P D where outputs are
  /// coupled: as K_R = (1/lambda1) Q (x) Kc, the products of those of Kc/lambda1 and of Q, and with means those
  /// of the matrix of order P D. Those above T are the directions that the data determine.
  ///
  /// - Throws: `RenormError.numericalFailure` where the kernel is not finite.
  public func kernelEigenvalues() throws(RenormError) -> [Double] {
    if let means = outputMeans {
      return try Parallel.withThreads(kernel.local.threads) { () throws(RenormError) in
        var outer = Matrix(rows: means.values.count, columns: means.values.count)
        outer.add(1, outer: means.values, means.values)
        let whole =
          solution.weights.covariance.blocks[0].kronecker(renormalizedKernel)
          + means.covariance.kronecker(outer)
        return try factoring("the kernel") { () throws(LinearAlgebraError) in try SymmetricEigen(whole).values }
      }
    }
    let (own, outputs) = try Parallel.withThreads(kernel.local.threads) { () throws(RenormError) in
      try factoring("the kernel") { () throws(LinearAlgebraError) in
        (
          try SymmetricEigen(renormalizedKernel).values,
          solution.space.index == .output ? try SymmetricEigen(solution.coordinates).values : [1]
        )
      }
    }
    return outputs.flatMap { own.scaled(by: $0) }.sorted()
  }

  /// The posterior covariance of f between the columns of `inputs`,
  ///
  ///     cov(x, x') = K_R(x, x') - k(x)^T A^-1 k(x'),   k(x) = K_R(X, x),
  ///
  /// p x p, of which `predict` gives the diagonal; for an output of several, of f_c with itself.
  ///
  /// - Throws: `RenormError.shapeMismatch` unless the inputs have as many rows as the training inputs,
  ///   `.invalidParameter` for an output that there is not.
  public func predictiveCovariance(of inputs: Matrix, output: Int = 0) throws(RenormError) -> Matrix {
    try check(inputs)
    if network.supplied?.isTraining(inputs) == false {
      try network.requireComputedKernels("the covariance between held-out points")
    }
    guard (0..<training.outputs).contains(output) else {
      throw .invalidParameter(name: "output", value: "\(output)", accepted: "0 to \(training.outputs - 1)")
    }
    return Parallel.withThreads(kernel.local.threads) {
      var (cross, prior) = (kernel.cross(range.inputs, inputs), kernel.cross(inputs, inputs))
      let outputs = kernel.outputs
      // Outputs of Gaussian noise are chosen here, those of latents are combinations.
      let isSelected = outputs > 1 && network.isGaussian
      if isSelected {
        let own = (0..<inputs.columns).map { $0 * outputs + output }
        cross = cross.selectingColumns(own)
        prior = prior.selectingColumns(own).selectingRows(own)
      }
      let found = range.coordinates(of: inputs)
      return regression.covariance(
        cross: cross, prior: prior,
        feature: regression.hasFeature ? readout.pooledMeans(kernel.local.means(inputs)) : [],
        output: isSelected ? 0 : output,
        inside: outputs > 1 ? found?.spread(to: output, of: outputs) : found
      ) {
        prediction(at: HeldOutPoints(inputs: inputs, training: range)).variance.column(output)
      }
    }
  }

  /// The posterior law of a hidden unit's scale, p(tau | data) proportional to p(tau) det(1 + tau Q)^(-1/2), Q
  /// the conjugate order parameter (docs/theory.md, section 9); nil without a node prior. At infinite width it
  /// is the prior.
  ///
  /// - Throws: `RenormError.numericalFailure` where the order parameter is not positive definite.
  public func nodeScales() throws(RenormError) -> ScaleLaw? {
    guard let law = network.nodePrior.law else { return nil }
    guard let conjugate = try network.conjugateScales(solution) else { return law }
    return law.posterior(conjugate: conjugate.eigenvalues)
  }

  /// Whether points have the shape of the training inputs.
  func check(_ inputs: Matrix) throws(RenormError) {
    guard inputs.rows == training.shape.count else {
      throw .shapeMismatch(expected: "\(training.shape)", got: "\(inputs.rows) values")
    }
    try network.supplied?.checkInputs(inputs)
  }
}

extension GaussianChannels {
  /// The posterior covariance of one output d between b points,
  ///
  ///     sum_c V_dc^2 [ s_c k(x, x') - s_c^2 k(x, X) (T I + s_c k(X, X))^-1 k(X, x') ],
  ///
  /// and what the uncertainty of the means' coefficients adds.
  ///
  /// - Parameters:
  ///   - cross: k(X, x), P x b.
  ///   - prior: k(x, x'), b x b.
  ///   - values: m(x); empty where there is no feature.
  func covariance(
    cross: Matrix, prior: Matrix, feature values: [Double], output: Int, inside: RangeCoordinates?,
    variances: () -> [Double]
  ) -> Matrix {
    var result = Matrix(rows: prior.rows, columns: prior.columns)
    for (c, weight) in weights.enumerated() {
      let share = basis[output, c] * basis[output, c]
      result = result + (share * weight) * prior
      result = result - (share * weight * weight) * factor(c).explainedCovariance(cross)
    }
    if let directions = featureDirections(cross: cross, values: values, output: output) {
      result = result + directions
    }
    result = result.symmetricPart
    if let inside, !hasFeature {
      replaceInside(&result, inside, cross: cross, output: output, variances: variances())
    }
    return result
  }

  /// Replaces the covariances of points in the range of the training set, k(x, X) = b^T k(X, X), which are
  /// sum_c V_dc^2 b^T N A_c^-1 s_c k(X, x') without a difference, by these; where there is no feature.
  ///
  /// - Parameter variances: of the points, on the diagonal.
  private func replaceInside(
    _ result: inout Matrix, _ range: RangeCoordinates, cross: Matrix, output: Int, variances: [Double]
  ) {
    for (k, p) in range.points.enumerated() {
      let b = zip(noise, range.values.column(k)).map { $0 * $1 }
      var row = [Double](repeating: 0, count: result.columns)
      for (c, weight) in weights.enumerated() {
        let h = Matrix(columns: [factor(c).solve(b)])
        row.add(basis[output, c] * basis[output, c] * weight, (cross.asTranspose * h).column(0))
      }
      for q in row.indices {
        result[p, q] = q == p ? variances[p] : row[q]
        result[q, p] = result[p, q]
      }
    }
  }
}

extension Network {
  /// The local kernel K_ij(x, x') = E[s(h_i(x)) s(h_j(x'))] between the columns of two sets of inputs, p x p'
  /// (docs/theory.md, section 2); m_i(x) m_j(x') between positions that do not share filters, where h_i and
  /// h_j are independent.
  ///
  /// - Throws: `RenormError.maskLargerThanImage`, `.invalidParameter` for positions outside the grid,
  ///   `.shapeMismatch` unless the inputs have as many rows as the image has values.
  public func localKernel(
    _ left: Matrix, _ right: Matrix, on image: ImageShape, positions i: Int, _ j: Int
  ) throws(RenormError) -> Matrix {
    let (local, _) = try kernels(on: image, threads: 1)
    for inputs in [left, right] { try local.check([i, j], inputs, image) }
    return Parallel.withThreads(1) {
      local.pairKernel(Patches(left, of: local), i, Patches(right, of: local), j)
    }
  }
}
