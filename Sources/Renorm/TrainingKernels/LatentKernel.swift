internal import LinearAlgebra

/// One kernel that serves all widths, temperatures and lambda1 (`SingleKernel`), for a likelihood that is not
/// Gaussian noise. Its curvatures differ from example to example, so that no reduction of the kernel makes an
/// evaluation cheap, and latents do not decouple.
struct LatentKernel: TrainingKernels {
  private let local: LocalKernels
  private let readout: ReadoutFactor
  private let range: RangeExamples
  /// K at lambda1 n = 1, the lower triangle.
  private let kernel: Matrix
  let space: OrderParameterSpace

  init(_ range: RangeExamples, _ local: LocalKernels, _ readout: ReadoutFactor, _ space: OrderParameterSpace) {
    kernel = local.contract(readout.covariance(positions: local.positions), range.inputs)
    (self.local, self.readout, self.range, self.space) = (local, readout, range, space)
  }

  var infiniteWidthSpace: OrderParameterSpace {
    .positions(groups: local.pairs.groups, basis: readout.basis)
  }

  func dataTerm(_ network: Network, _ parameters: ActionParameters) throws(RenormError) -> any DataTerm {
    let likelihood = try network.requireLatentLikelihood(outputs: range.targets.columns)
    // The readout factor is inside of the kernel: weights are the coordinates.
    return LatentDataTerm(
      bank: OutputKernelBank(kernel, outputs: space.outputs, amplification: range.amplification), space: space,
      bankSpace: .outputs(space.outputs), parameters, likelihood, network, range)
  }

  func outside(_ temperature: Double) -> OutsideRange { range.outside(temperature, isWhitened: false) }

  /// As that of `SingleKernel`: over outputs without their order parameter.
  func trainingKernel(_ scale: Double, _ solution: Solution) -> PackedSymmetric {
    let weight = solution.space.index == .output ? 1 : solution.weights.covariance.blocks[0][0, 0]
    return PackedSymmetric(lowerTriangleOf: (scale * weight) * kernel)
  }

  func heldOut(_ inputs: Matrix, bytes: Int) -> any PointKernels {
    HeldOutPoints(inputs: inputs, training: range)
  }

  func regression(
    _ network: Network, _ solved: SolvedAction
  ) throws(RenormError) -> (any Regression)? { nil }
}

extension LatentDataTerm {
  /// The data term of a network's likelihood on the examples of a training set.
  init(
    bank: Bank, space: OrderParameterSpace, bankSpace: OrderParameterSpace? = nil,
    _ parameters: ActionParameters,
    _ likelihood: any LatentLikelihood, _ network: Network, _ range: RangeExamples
  ) {
    self.init(
      bank: bank, space: space, bankSpace: bankSpace, parameters: parameters, likelihood: likelihood,
      labels: (0..<range.targets.rows).map(range.targets.row), approximation: network.likelihood.approximation)
  }
}
