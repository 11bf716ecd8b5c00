internal import LinearAlgebra

/// One kernel that serves all widths, temperatures and lambda1: FC, one position, or a readout prior of rank
/// one.
///
/// K = sum_ij S_ij K_ij with S = B B^T, B an n-vector, so that Q = q S and K_R = (q/(lambda1 n)) K: global
/// renormalization, one number q (or D x D numbers between outputs), which acts as a change of lambda1 to
/// lambda1/q (docs/theory.md, sections 5 and 6; Pacelli et al., Nat. Mach. Intell. 2023; Aiudi et al., Nat.
/// Commun. 16 (2025)).
///
/// Its reduction to tridiagonal form makes an evaluation of the action, and the prediction at a point, cost
/// O(P).
struct SingleKernel: TrainingKernels {
  private let local: LocalKernels
  private let readout: ReadoutFactor
  private let range: RangeExamples
  /// Kc = K - m m^T, K at lambda1 n = 1.
  private let centred: PackedSymmetric
  /// m(X) = sum_i B_i m_i(X), P numbers; nil for odd activations.
  private let means: [Double]?
  private let reduced: ReducedKernel
  let space: OrderParameterSpace

  /// - Throws: `RenormError.numericalFailure` for a kernel that is not finite.
  init(
    _ network: Network, _ range: RangeExamples, _ local: LocalKernels, _ readout: ReadoutFactor,
    _ space: OrderParameterSpace
  ) throws(RenormError) {
    let means = network.activation.isOdd ? nil : readout.pooledMeans(local.means(range.inputs))
    var kernel = local.contract(readout.covariance(positions: local.positions), range.inputs)
    if let means { kernel.add(-1, outer: means, means) }
    centred = PackedSymmetric(lowerTriangleOf: kernel)
    // Not by `factoring`: a closure would keep the kernel, and its place would be copied instead of used.
    do {
      reduced = try ReducedKernel(
        centredKernel: range.whitened(kernel: consume kernel),
        means: means.map { range.whitened(Matrix(columns: [$0])).elements },
        targets: range.whitened(range.targets), amplification: range.amplification)
    } catch {
      throw .factorization(of: "the kernel", error)
    }
    self.local = local
    self.readout = readout
    self.range = range
    self.means = means
    self.space = space
  }

  var infiniteWidthSpace: OrderParameterSpace {
    .positions(groups: local.pairs.groups, basis: readout.basis)
  }

  func dataTerm(_ network: Network, _ parameters: ActionParameters) -> any DataTerm {
    SingleKernelDataTerm(
      kernel: reduced, space: space, parameters: parameters, relationSquares: range.relationSquares)
  }

  func outside(_ temperature: Double) -> OutsideRange { range.outside(temperature, isWhitened: true) }

  /// scale (q Kc + R m m^T) with the numbers q and R of one output; R = q = 1 at infinite width, and R = 0
  /// where there are no means. scale * Kc where the order parameter couples several outputs.
  func trainingKernel(_ scale: Double, _ solution: Solution) -> PackedSymmetric {
    // Several outputs multiply this kernel by their order parameter; one output is absorbed in it.
    if solution.space.index == .output { return scale * centred }
    var kernel = (scale * solution.weights.covariance.blocks[0][0, 0]) * centred
    let mean = solution.formulation == .infiniteWidth ? 1 : solution.weights.mean?.blocks[0][0, 0] ?? 0
    if let means { kernel.add(scale * mean, square: means) }
    return kernel
  }

  func heldOut(_ inputs: Matrix, bytes: Int) -> any PointKernels {
    // Kc = K - m m^T; the means enter as a feature of their own.
    let weights = readout.covariance(positions: local.positions)
    let rule = RenormalizedKernel(
      local: local, weights: weights, meanWeights: means == nil ? nil : -1 * weights)
    return HeldOutKernel(
      factor: .one, cross: reduced.reduction.rotate(range.whitened(rule.cross(range.inputs, inputs))),
      variances: rule.diagonal(inputs),
      features: means == nil ? [] : readout.pooledMeans(local.means(inputs)),
      range: range.coordinates(of: inputs)?.map { reduced.reduction.rotate(range.unwhitened($0)) })
  }

  /// The regression in the coordinates of the reduction, with K_R = scale (Q (x) Kc + R (x) m m^T).
  func regression(
    _ network: Network, _ solved: SolvedAction
  ) throws(RenormError) -> (any Regression)? {
    let solution = solved.solution
    let scale = network.kernelScale(local.positions)
    // At infinite width, and for one output, all outputs share one kernel.
    let order = range.targets.columns
    let spread = { (block: Matrix) in
      solution.space.index == .output ? block : block[0, 0] * .identity(order)
    }
    let spectrum = try factoring("the order parameter") { () throws(LinearAlgebraError) in
      try SymmetricEigen(spread(solution.weights.covariance.blocks[0]))
    }
    let mean =
      solution.formulation == .infiniteWidth
      ? .identity(order) : solution.weights.mean.map { spread($0.blocks[0]) }
    return try GaussianChannels(
      factoring: { (weight) throws(LinearAlgebraError) in
        try reduced.reduction.shifted(by: network.temperature, scale: weight)
      }, targets: reduced.targets, basis: spectrum.vectors, weights: spectrum.values.map { scale * $0 },
      feature: reduced.means.flatMap { values in
        mean.map { FeaturePrior(values: values, covariance: scale * $0) }
      }, outside: outside(network.temperature),
      noise: [Double](repeating: network.temperature, count: reduced.reduction.order),
      rounding: ElementRounding(
        kernelSize: reduced.elementSize / reduced.amplification, amplification: reduced.amplification),
      toTrainingOrder: { range.unwhitened(reduced.reduction.rotateBack($0)) })
  }
}
