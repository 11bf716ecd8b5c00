public import LinearAlgebra

/// Kernels between a family's training set and held-out points, for the evaluation of many members.
public struct HeldOutKernels: Sendable {
  /// Kernels in the coordinates of a reduction, or of an averaged kernel at lambda1 = 1.
  fileprivate struct Single: Sendable {
    /// Z^T Kc(X, x), or K(X, x).
    let cross: Matrix
    /// Kc(x, x), or K(x, x).
    let variances: [Double]
    /// m(x).
    let means: [Double]
  }

  fileprivate enum Storage: Sendable {
    case reduced(Single)
    case averaged(Single)
    case bank(HeldOutBank)
    /// The points, whose kernels are computed anew for every member.
    case points(Matrix)
  }

  fileprivate let storage: Storage
  fileprivate let family: KernelFamily.Identity

  /// Whether the kernels are computed for every member, as they do not fit in memory beside those of the family.
  package var areComputedAnew: Bool { if case .points = storage { true } else { false } }
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
  /// Fraction of training examples whose class is predicted; nil for regression.
  public let trainingAccuracy: Double?
  /// What a user should know about the result; each is one line.
  public let warnings: [String]
}

extension KernelFamily {
  /// Prepares held-out points, the columns of `inputs`, for `member`.
  ///
  /// The kernels of all pairs of positions (LCN and CNN) are held where they fit below the memory limit beside
  /// those of the training set, else computed anew for every member.
  ///
  /// - Throws: `RenormError.shapeMismatch` unless the inputs have as many rows as the training inputs.
  public func heldOut(_ inputs: Matrix) throws(RenormError) -> HeldOutKernels {
    guard inputs.rows == training.shape.count else {
      throw .shapeMismatch(expected: "\(training.shape)", got: "\(inputs.rows) values")
    }
    return Parallel.withThreads(local.threads) { HeldOutKernels(storage: storage(inputs), family: identity) }
  }

  private func storage(_ inputs: Matrix) -> HeldOutKernels.Storage {
    let weights = readout.toPositions(.identity(readout.rank))
    switch kernels {
    case .single(_, let trainingMeans, let kernel):
      // Kc = K - m m^T; the means enter as a feature of their own.
      let centred = RenormalizedKernel(
        local: local, weights: weights, meanWeights: trainingMeans == nil ? nil : -1 * weights)
      return .reduced(
        .init(
          cross: kernel.reduction.rotate(centred.cross(training.inputs, inputs)),
          variances: centred.diagonal(inputs),
          means: trainingMeans == nil ? [] : readout.pooledMeans(local.means(inputs))))
    case .averaged:
      let kernel = RenormalizedKernel(local: local, weights: weights, meanWeights: nil)
      return .averaged(
        .init(cross: kernel.cross(training.inputs, inputs), variances: kernel.diagonal(inputs), means: []))
    case .bank(_, let means):
      let count = HeldOutBank.count(local, examples: training.count, points: inputs.columns)
      guard inputs.columns > 0, count < max(0, plan.limit - plan.bytes) / 8 else { return .points(inputs) }
      return .bank(HeldOutBank(local, training.inputs, points: inputs, trainingMeans: means))
    }
  }

  /// Determines a member's order parameter and predicts.
  ///
  /// A family with one kernel (FC, mean pooling) needs O(P) for an evaluation of the action and O(P) for a
  /// point, without a factorisation; others factor their kernel once more, as `fit` does.
  ///
  /// - Throws: as `fit`.
  public func member(
    _ member: Network, at points: HeldOutKernels, from start: Solution? = nil
  ) throws(RenormError) -> FamilyMember {
    try Parallel.withThreads(local.threads) { () throws(RenormError) in
      try self.member(member, at: points, from: start?.weights.covariance)
    }
  }

  /// Determines a member's order parameter and predicts, starting from `Solution.coordinates` of a neighbour
  /// that was found earlier; the result is that of a start from the neighbour's solution, bit for bit.
  ///
  /// - Throws: `RenormError.invalidParameter` for coordinates of another order, and as `fit`.
  public func member(
    _ member: Network, at points: HeldOutKernels, startingAt coordinates: Matrix
  ) throws(RenormError) -> FamilyMember {
    let sizes = startSizes
    let order = sizes.reduce(0, +)
    guard coordinates.rows == order, coordinates.columns == order, coordinates.elements.allSatisfy(\.isFinite)
    else {
      throw .invalidParameter(
        name: "start", value: "a matrix of \(coordinates.rows) x \(coordinates.columns)",
        accepted: "finite coordinates of order \(order)")
    }
    return try Parallel.withThreads(local.threads) { () throws(RenormError) in
      try self.member(member, at: points, from: BlockDiagonal(of: coordinates, sizes: sizes))
    }
  }

  /// A start beyond two neighbours A and B on a line of members: exp(log B + ratio (log B - log A)), in the
  /// coordinates of `Solution.coordinates`.
  ///
  /// - Parameter ratio: the step from B over the step from A to B, in the parameter's logarithm.
  /// - Returns: B where the matrices are not positive definite or not of this family's order.
  public func extrapolated(from a: Matrix, through b: Matrix, ratio: Double) -> Matrix {
    let sizes = startSizes
    let order = sizes.reduce(0, +)
    guard ratio.isFinite, [a.rows, a.columns, b.rows, b.columns].allSatisfy({ $0 == order }),
      let first = try? BlockDiagonal(of: a, sizes: sizes).logarithm(),
      let last = try? BlockDiagonal(of: b, sizes: sizes).logarithm(),
      let result = try? (last + ratio * (last - first)).exponential().dense,
      result.elements.allSatisfy(\.isFinite)
    else { return b }
    return result
  }

  /// The sizes of the blocks of a solution at finite width.
  private var startSizes: [Int] {
    if case .single = kernels { [training.outputs] } else { readout.blockSizes(local.pairs) }
  }

  private func member(
    _ member: Network, at points: HeldOutKernels, from start: BlockDiagonal?
  ) throws(RenormError) -> FamilyMember {
    guard points.family === identity else {
      throw .unsupported(what: "held-out points of another family", instead: "prepare them with this one")
    }
    if case .reduced(let reduced) = points.storage, case .single(_, _, let kernel) = kernels {
      return try reducedMember(member, reduced, kernel, from: start)
    }
    let (solution, value) = try minimum(member, startingAt: start)
    let kernel = member.renormalizedKernel(solution, local: local, readout: readout, outputs: training.outputs)
    // Without means, the solver's last factor is that of the predictor.
    if let factor = value?.factorization?.factor, solution.weights.mean == nil {
      let channels = try GaussianChannels(
        factoring: { (_) throws(LinearAlgebraError) in factor }, targets: training.targets, basis: .identity(1),
        weights: [1])
      return try result(
        member, solution, channels, prediction(member, channels, kernel, at: points.storage),
        residual: member.temperature * channels.coefficients)
    }
    let posterior = try Posterior(
      network: member, training: training, solution: solution, local: local, readout: readout,
      trainingKernel: self.kernel(member, solution))
    return try result(
      member, solution, posterior.channels, prediction(member, posterior.channels, kernel, at: points.storage),
      residual: training.targets - posterior.trainingMeans)
  }

  private func reducedMember(
    _ member: Network, _ points: HeldOutKernels.Single, _ kernel: ReducedKernel, from start: BlockDiagonal?
  ) throws(RenormError) -> FamilyMember {
    let solution = try solve(member, startingAt: start)
    let channels = try channels(member, solution, kernel)
    // f = y - T A^-1 y at the training points, in any orthonormal basis.
    let residual = member.temperature * channels.coefficients
    return try result(
      member, solution, channels,
      channels.prediction(cross: points.cross, variances: points.variances, feature: points.means),
      residual: training.classes == nil
        ? residual : kernel.reduction.rotateBack(residual) * channels.basis.asTranspose)
  }

  /// - Parameter residual: y - f at the training points; in any orthonormal basis for regression.
  private func result(
    _ member: Network, _ solution: Solution, _ channels: GaussianChannels<some CovarianceFactor>,
    _ prediction: Prediction, residual: Matrix
  ) throws(RenormError) -> FamilyMember {
    try prediction.check()
    return FamilyMember(
      network: member, solution: solution,
      orderParameter: solution.orderParameter(readout, outputs: training.outputs), prediction: prediction,
      logEvidence: solution.logEvidence(
        width: member.width, logDeterminant: channels.logDeterminant, quadraticForm: channels.quadraticForm,
        count: training.targets.elements.count),
      trainingError: meanSquare(residual),
      trainingAccuracy: training.classes == nil
        ? nil : classificationAccuracy(training.targets - residual, training.targets),
      warnings: ResultWarnings.of(member, on: local.grid, training, solution.convergence))
  }

  private func prediction(
    _ member: Network, _ channels: GaussianChannels<Cholesky>, _ kernel: RenormalizedKernel,
    at points: HeldOutKernels.Storage
  ) -> Prediction {
    switch points {
    case .points(let inputs): channels.predict(inputs, kernel, training: training.inputs, readout)
    case .bank(let bank): channels.prediction(cross: bank.cross(kernel), variances: bank.diagonal(kernel))
    case .averaged(let averaged), .reduced(let averaged):
      // Infinite width, where the kernels of a family differ in lambda1 only.
      channels.prediction(
        cross: member.kernelScale(local.positions) * averaged.cross,
        variances: averaged.variances.scaled(by: member.kernelScale(local.positions)))
    }
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
    let mean =
      solution.formulation == .infiniteWidth
      ? .identity(order) : solution.weights.mean.map { spread($0.blocks[0]) }
    return try GaussianChannels(
      factoring: { (weight) throws(LinearAlgebraError) in
        try kernel.reduction.shifted(by: member.temperature, scale: weight)
      }, targets: kernel.targets, basis: spectrum.vectors, weights: spectrum.values.map { scale * $0 },
      feature: kernel.means.flatMap { values in
        mean.map { FeaturePrior(values: values, covariance: scale * $0) }
      })
  }
}
