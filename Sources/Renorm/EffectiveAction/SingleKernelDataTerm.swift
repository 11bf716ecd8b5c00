internal import GSLNumerics
internal import LinearAlgebra

/// The data term of a network with one kernel K and D outputs: FC, or a mean-pooled CNN.
///
/// K_R = scale (W (x) K) with a D x D order parameter. One tridiagonal reduction of K and the spectrum of W
/// decouple it into D problems of size P, so an evaluation costs O(P D^2). With means m the kernel is
/// scale (W (x) Kc + R (x) m m^T); the second part has rank D and enters through the matrix inversion lemma.
struct SingleKernelDataTerm: DataTerm {
  let kernel: ReducedKernel
  let parameters: ActionParameters

  var reduction: TridiagonalReduction { kernel.reduction }
  private var targets: Matrix { kernel.targets }
  private var means: [Double]? { kernel.means }

  var blockSizes: [Int] { [targets.columns] }
  var hasMeans: Bool { means != nil }

  func evaluate(
    _ covariance: BlockDiagonal, mean rule: (MeanProjections) throws(LinearAlgebraError) -> BlockDiagonal
  ) throws(LinearAlgebraError) -> DataTermValue {
    let spectrum = try SymmetricEigen(covariance.blocks[0])
    let rotation = spectrum.vectors
    let channelTargets = targets * rotation
    var channels = try channels(spectrum)
    let coupling = try means.map { (_) throws(LinearAlgebraError) in
      try meanCoupling(channels, rotation, rule)
    }
    if let coupling { for c in channels.indices { channels[c].subtractMean(coupling.mean[c]) } }

    let logDeterminant = channels.reduce(coupling?.logDeterminant ?? 0) { $0 + $1.logDeterminant }
    let quadraticForm = channels.indices.reduce(0) { $0 + dot(channelTargets.column($1), channels[$1].u) }
    let scale = parameters.kernelScale / parameters.width
    let toOutputs = { (g: Matrix) in
      BlockDiagonal([scale * (rotation * g * rotation.asTranspose).symmetricPart])
    }
    let rounding = KernelRounding(
      elements: channels.map { Double.ulpOfOne * $0.scale * kernel.elementSize },
      normsSquared: channels.map { dot($0.u, $0.u) }, inverseTraces: channels.map(\.inverseTrace), parameters)
    let normSquared = channels.reduce(0) { $0 + dot($1.u, $1.u) }
    let inverseTrace = channels.reduce(0) { $0 + $1.inverseTrace }
    return DataTermValue(
      value: (logDeterminant + quadraticForm) / parameters.width,
      inverseGradient: toOutputs(inverseGradient(channels, coupling)),
      targetGradient: toOutputs(targetGradient(channels)),
      meanGradient: coupling.map { toOutputs($0.meanGradient(channels)) },
      logDeterminant: logDeterminant, quadraticForm: quadraticForm,
      gradientScale: (channels.map(\.largest).max() ?? 0) * (inverseTrace + normSquared) / parameters.width,
      kernelRounding: rounding.gradient, factorization: nil)
  }

  /// R (x) m m^T is a feature m with coefficients beta ~ N(0, scale R), coupled over the channels.
  private func meanCoupling(
    _ channels: [OutputChannel], _ rotation: Matrix,
    _ rule: (MeanProjections) throws(LinearAlgebraError) -> BlockDiagonal
  ) throws(LinearAlgebraError) -> CoefficientPosterior {
    let scale = parameters.kernelScale
    let gram = Matrix.diagonal(channels.map(\.h))
    let targets = channels.map(\.meanTarget)
    let mean = try rule(
      MeanProjections(
        gram: scale * (rotation * gram * rotation.asTranspose).symmetricPart,
        targets: rotation * targets.scaled(by: scale.squareRoot())))
    return try CoefficientPosterior(
      prior: scale * (rotation.asTranspose * (mean.blocks[0] * rotation)), precision: gram, targets: targets)
  }

  /// The channels in which an order parameter with the given spectrum is diagonal.
  func channels(_ spectrum: SymmetricEigen) throws(LinearAlgebraError) -> [OutputChannel] {
    let channelTargets = targets * spectrum.vectors
    var channels: [OutputChannel] = []
    for (c, eigenvalue) in spectrum.values.enumerated() {
      channels.append(
        try OutputChannel(
          reduction, parameters, weight: eigenvalue, targets: channelTargets.column(c), means: means))
    }
    return channels
  }

  /// sum (Kc)_(mu nu) (A^-1)_(mu c, nu d) over the channels c, d in which W is diagonal.
  private func inverseGradient(_ channels: [OutputChannel], _ coupling: CoefficientPosterior?) -> Matrix {
    let hb = channels.map { channel in channel.b.map { reduction.multiply($0) } }
    return Matrix(rows: channels.count, columns: channels.count) { c, d in
      let trace = c == d ? channels[c].trace : 0
      guard let coupling, let b = channels[c].b, let hb = hb[d] else { return trace }
      return trace - coupling.covariance[c, d] * dot(b, hb)
    }
  }

  /// u_c^T Kc u_d over channels.
  private func targetGradient(_ channels: [OutputChannel]) -> Matrix {
    let hu = channels.map { reduction.multiply($0.u) }
    return Matrix(rows: channels.count, columns: channels.count) { c, d in dot(channels[c].u, hu[d]) }
  }
}

extension CoefficientPosterior {
  /// m^T G_cd m over channels.
  fileprivate func meanGradient(_ channels: [OutputChannel]) -> Matrix {
    Matrix(rows: channels.count, columns: channels.count) { c, d in
      (c == d ? channels[c].h : 0) - channels[c].h * covariance[c, d] * channels[d].h
        - channels[c].meanResidual * channels[d].meanResidual
    }
  }
}
