internal import LinearAlgebra

/// The data term of a network with one kernel K and D outputs: FC, or a mean-pooled CNN.
///
/// K_R = scale (W (x) K) with a D x D order parameter. One tridiagonal reduction of K and the spectrum of W
/// decouple it into D problems of size P, so an evaluation costs O(P D^2). With means m the kernel is
/// scale (W (x) Kc + R (x) m m^T); the second part has rank D and enters through the matrix inversion lemma.
struct SingleKernelDataTerm: DataTerm {
  private let reduction: TridiagonalReduction
  /// Z^T Y, P x D.
  private let targets: Matrix
  /// Z^T m; nil for odd activations.
  private let means: [Double]?
  private let parameters: ActionParameters

  /// Reduces Kc (= K for odd activations), of which only the lower triangle is read.
  ///
  /// - Throws: `LinearAlgebraError.notFinite`.
  init(
    centredKernel: consuming Matrix, means: [Double]?, targets: Matrix, parameters: ActionParameters
  ) throws(LinearAlgebraError) {
    let reduction = try TridiagonalReduction(centredKernel)
    self.reduction = reduction
    self.targets = reduction.rotate(targets)
    self.means = means.map { reduction.rotate(Matrix(rows: $0.count, columns: 1, elements: $0)).elements }
    self.parameters = parameters
  }

  var blockSizes: [Int] { [targets.columns] }
  var hasMeans: Bool { means != nil }

  func evaluate(_ weights: KernelWeights) throws(LinearAlgebraError) -> DataTermValue {
    let spectrum = try SymmetricEigen(weights.covariance.blocks[0])
    let rotation = spectrum.vectors
    let channelTargets = targets * rotation
    var channels: [Channel] = []
    for (c, eigenvalue) in spectrum.values.enumerated() {
      channels.append(
        try Channel(
          reduction, parameters, weight: eigenvalue, targets: channelTargets.column(c), means: means))
    }
    let coupling = try weights.mean.map { (mean) throws(LinearAlgebraError) in
      // R (x) m m^T is a feature m with coefficients beta ~ N(0, scale R).
      try CoefficientPosterior(
        prior: parameters.kernelScale * (rotation.asTranspose * (mean.blocks[0] * rotation)),
        precisions: channels.map(\.h), targets: channels.map(\.meanTarget))
    }
    if let coupling { for c in channels.indices { channels[c].subtractMean(coupling.mean[c]) } }

    let logDeterminant = channels.reduce(coupling?.logDeterminant ?? 0) { $0 + $1.logDeterminant }
    let quadraticForm = channels.indices.reduce(0) { $0 + dot(channelTargets.column($1), channels[$1].u) }
    let scale = parameters.kernelScale / parameters.width
    let toOutputs = { (g: Matrix) in
      SymmetricBlocks([scale * (rotation * g * rotation.asTranspose).symmetricPart])
    }
    return DataTermValue(
      value: (logDeterminant + quadraticForm) / parameters.width,
      covarianceGradient: toOutputs(covarianceGradient(channels, coupling)),
      meanGradient: coupling.map { toOutputs($0.meanGradient(channels)) },
      logDeterminant: logDeterminant, quadraticForm: quadraticForm)
  }

  /// sum (Kc)_(mu nu) G_(mu c, nu d) over the channels c, d in which W is diagonal.
  private func covarianceGradient(_ channels: [Channel], _ coupling: CoefficientPosterior?) -> Matrix {
    let hu = channels.map { reduction.multiply($0.u) }
    let hb = channels.map { channel in channel.b.map { reduction.multiply($0) } }
    return Matrix(rows: channels.count, columns: channels.count) { c, d in
      var sum = (c == d ? channels[c].trace : 0) - dot(channels[c].u, hu[d])
      if let coupling, let b = channels[c].b, let hb = hb[d] {
        sum -= coupling.covariance[c, d] * dot(b, hb)
      }
      return sum
    }
  }
}

/// One direction of the output space in which W is diagonal: F = T I + s H with s = scale * eigenvalue.
private struct Channel {
  /// log det F.
  let logDeterminant: Double
  /// tr(F^-1 H).
  let trace: Double
  /// The block A^-1 y; before the mean is subtracted, F^-1 y.
  private(set) var u: [Double]
  /// F^-1 m.
  let b: [Double]?
  /// m^T F^-1 m.
  let h: Double
  /// m^T F^-1 y.
  let meanTarget: Double
  private let means: [Double]?

  init(
    _ reduction: TridiagonalReduction, _ parameters: ActionParameters, weight: Double, targets: [Double],
    means: [Double]?
  ) throws(LinearAlgebraError) {
    let factor = try reduction.shifted(by: parameters.temperature, scale: parameters.kernelScale * weight)
    logDeterminant = factor.logDeterminant
    trace = factor.logDeterminantDerivative
    u = factor.solve(targets)
    b = means.map(factor.solve)
    self.means = means
    if let means, let b {
      h = dot(means, b)
      meanTarget = dot(b, targets)
    } else {
      h = 0
      meanTarget = 0
    }
  }

  /// Replaces F^-1 y by F^-1 (y - m beta).
  mutating func subtractMean(_ beta: Double) {
    guard let b else { return }
    u = zip(u, b).map { $0 - beta * $1 }
  }

  /// m^T A^-1 y.
  var meanResidual: Double { means.map { dot($0, u) } ?? 0 }
}

extension CoefficientPosterior {
  /// m^T G_cd m over channels.
  fileprivate func meanGradient(_ channels: [Channel]) -> Matrix {
    Matrix(rows: channels.count, columns: channels.count) { c, d in
      (c == d ? channels[c].h : 0) - channels[c].h * covariance[c, d] * channels[d].h
        - channels[c].meanResidual * channels[d].meanResidual
    }
  }
}
