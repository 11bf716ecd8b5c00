public import LinearAlgebra

/// Kernels between a family's training set and held-out points, for the evaluation of many members.
public struct HeldOutKernels: Sendable {
  /// Z^T Kc(X, x), Kc(x, x) and m(x), for a family with one reduced kernel.
  fileprivate struct Reduced: Sendable {
    let cross: Matrix
    let variances: [Double]
    let means: [Double]
  }

  /// The points, whose kernels are computed anew for every member unless they are reduced.
  fileprivate let inputs: Matrix
  fileprivate let reduced: Reduced?
  fileprivate let family: KernelFamily.Identity
}

/// One network of a family: its order parameter and what it predicts.
public struct FamilyMember: Sendable {
  /// The network.
  public let network: Network
  /// How the order parameter was found; a start for neighbours.
  public let solution: Solution
  /// The order parameter, as in `Posterior`.
  public let orderParameter: Matrix
  /// Predictions at the held-out points.
  public let prediction: Prediction
  /// As in `Posterior`.
  public let logEvidence: Double?
  /// Mean over training examples and outputs of (y - mean(x))^2.
  public let trainingError: Double
}

extension KernelFamily {
  /// Prepares held-out points, the columns of `inputs`, for `member`.
  ///
  /// - Throws: `RenormError.shapeMismatch` unless the inputs have as many rows as the training inputs.
  public func heldOut(_ inputs: Matrix) throws(RenormError) -> HeldOutKernels {
    guard inputs.rows == training.shape.count else {
      throw .shapeMismatch(expected: "\(training.shape)", got: "\(inputs.rows) values")
    }
    guard case .single(_, let trainingMeans, let kernel) = kernels else {
      return HeldOutKernels(inputs: inputs, reduced: nil, family: identity)
    }
    let weights = readout.toPositions(.identity(1))
    // Kc = K - m m^T; the means enter as a feature of their own.
    let centred = RenormalizedKernel(
      local: local, weights: weights, meanWeights: trainingMeans == nil ? nil : -1 * weights)
    return HeldOutKernels(
      inputs: inputs,
      reduced: .init(
        cross: kernel.reduction.rotate(centred.cross(training.inputs, inputs)),
        variances: centred.diagonal(inputs),
        means: trainingMeans == nil ? [] : readout.pooledMeans(local.means(inputs))), family: identity)
  }

  /// Determines a member's order parameter and predicts.
  ///
  /// A family with one kernel (FC, mean pooling) needs O(P) for an evaluation of the action and O(P) for a
  /// point, without a factorisation; others predict as `fit` does.
  ///
  /// - Throws: as `fit`.
  public func member(
    _ member: Network, at points: HeldOutKernels, from start: Solution? = nil
  ) throws(RenormError) -> FamilyMember {
    guard points.family === identity else {
      throw .unsupported(what: "held-out points of another family", instead: "prepare them with this one")
    }
    guard let reduced = points.reduced, case .single(_, _, let kernel) = kernels else {
      let posterior = try fit(member, from: start)
      return FamilyMember(
        network: member, solution: posterior.solution, orderParameter: posterior.orderParameter,
        prediction: try posterior.predict(points.inputs), logEvidence: posterior.logEvidence,
        trainingError: posterior.trainingError)
    }
    let solution = try solve(member, from: start)
    let channels = try channels(member, solution, kernel)
    let (mean, variance) = channels.predict(
      cross: reduced.cross, variances: reduced.variances, feature: reduced.means)
    // f = y - T A^-1 y at the training points, in any orthonormal basis.
    let residual = member.temperature * channels.coefficients
    return FamilyMember(
      network: member, solution: solution,
      orderParameter: solution.orderParameter(readout, outputs: training.outputs),
      prediction: Prediction(mean: mean, variance: variance),
      logEvidence: solution.logEvidence(
        width: member.width, logDeterminant: channels.logDeterminant, quadraticForm: channels.quadraticForm,
        count: training.targets.elements.count),
      trainingError: meanSquare(residual))
  }

  /// The regression in the coordinates of the reduction, with K_R = scale (Q (x) Kc + R (x) m m^T).
  private func channels(
    _ member: Network, _ solution: Solution, _ kernel: ReducedKernel
  ) throws(RenormError) -> GaussianChannels<ShiftedTridiagonal> {
    let scale = member.kernelScale(local.positions)
    let isOverOutputs = solution.isOverOutputs(training.outputs)
    // At infinite width, and for one output, all outputs share one kernel.
    let order = training.outputs
    let spread = { (block: Matrix) in isOverOutputs ? block : block[0, 0] * .identity(order) }
    let spectrum = try factoring("the order parameter") { () throws(LinearAlgebraError) in
      try SymmetricEigen(spread(solution.weights.covariance.blocks[0]))
    }
    let mean = solution.formulation == .infiniteWidth ? .identity(order) : solution.weights.mean.map { spread($0.blocks[0]) }
    return try GaussianChannels(
      factoring: { (weight) throws(LinearAlgebraError) in
        try kernel.reduction.shifted(by: member.temperature, scale: weight)
      }, targets: kernel.targets, basis: spectrum.vectors, weights: spectrum.values.map { scale * $0 },
      feature: kernel.means.flatMap { values in
        mean.map { FeaturePrior(values: values, covariance: scale * $0) }
      })
  }
}
