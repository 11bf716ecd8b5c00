internal import LinearAlgebra

/// Kernels between a family's training set and held-out points, for the evaluation of many members.
public struct HeldOutKernels: Sendable {
  fileprivate let kernels: any PointKernels
  fileprivate let family: KernelFamily.Identity

  /// Whether the kernels are computed for every member, as they do not fit in memory beside those of the
  /// family.
  package var areComputedAnew: Bool { kernels.areComputedAnew }
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
    try network.supplied?.checkInputs(inputs)
    return Parallel.withThreads(local.threads) {
      HeldOutKernels(kernels: kernels.heldOut(inputs, bytes: plan.limit - plan.bytes), family: identity)
    }
  }

  /// Determines a member's order parameter and predicts.
  ///
  /// A family with one kernel (FC, mean pooling) needs O(P) for an evaluation of the action and O(P) for a
  /// point, without a factorisation; others factor their kernel once more, as `fit` does.
  ///
  /// - Parameters:
  ///   - member: a network that differs from the family's in T, N and lambda1 only.
  ///   - points: held-out points that `heldOut` of this family prepared.
  ///   - start: the solution of a neighbour, from which fewer evaluations are needed.
  /// - Throws: as `fit`; `.unsupported` for points of another family, `.notFinitePrediction`.
  public func member(
    _ member: Network, at points: HeldOutKernels, from start: Solution? = nil
  ) throws(RenormError) -> (result: FitResult, prediction: Prediction) {
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
  ) throws(RenormError) -> (result: FitResult, prediction: Prediction) {
    let space = kernels.space
    guard coordinates.rows == space.order, coordinates.columns == space.order,
      coordinates.elements.allSatisfy(\.isFinite)
    else {
      throw .invalidParameter(
        name: "start", value: "a matrix of \(coordinates.rows) x \(coordinates.columns)",
        accepted: "finite coordinates of order \(space.order)")
    }
    return try Parallel.withThreads(local.threads) { () throws(RenormError) in
      try self.member(member, at: points, from: BlockDiagonal(of: coordinates, sizes: space.blockSizes))
    }
  }

  private func member(
    _ member: Network, at points: HeldOutKernels, from start: BlockDiagonal?
  ) throws(RenormError) -> (result: FitResult, prediction: Prediction) {
    guard points.family === identity else {
      throw .unsupported(what: "held-out points of another family", instead: "prepare them with this one")
    }
    let solved = try solved(member, from: start)
    let (result, prediction): (FitResult, Prediction)
    if let regression = try kernels.regression(member, solved) {
      result = FitResult(member, solved.solution, regression, training, range, on: local.grid)
      prediction = regression.prediction(
        at: points.kernels, member.renormalizedKernel(solved.solution, local: local),
        scale: member.kernelScale(local.positions))
    } else {
      let posterior = try posterior(member, solved)
      (result, prediction) = (posterior.result, posterior.prediction(at: points.kernels))
    }
    try prediction.check()
    return (result, prediction)
  }

  /// A start beyond two neighbours A and B on a line of members: exp(log B + ratio (log B - log A)), in the
  /// coordinates of `Solution.coordinates`. Linear in log Q, as an order parameter often changes by powers of
  /// the parameter, and positive definite whatever the ratio.
  ///
  /// - Parameter ratio: the step from B over the step from A to B, in the parameter's logarithm.
  /// - Returns: B where the matrices are not positive definite or not of this family's order.
  public func extrapolated(from a: Matrix, through b: Matrix, ratio: Double) -> Matrix {
    let space = kernels.space
    guard ratio.isFinite, [a.rows, a.columns, b.rows, b.columns].allSatisfy({ $0 == space.order }),
      let first = try? BlockDiagonal(of: a, sizes: space.blockSizes).logarithm(),
      let last = try? BlockDiagonal(of: b, sizes: space.blockSizes).logarithm(),
      let result = try? (last + ratio * (last - first)).exponential().dense,
      result.elements.allSatisfy(\.isFinite)
    else { return b }
    return result
  }
}
