package import GSLNumerics
package import LinearAlgebra

/// Gaussian likelihood on one kernel K with D outputs: FC, or a mean-pooled CNN (docs/theory.md, section 5; for
/// D = 1 Pacelli et al., Nat. Mach. Intell. 2023, and Baglioni et al., PRL 133 (2024)):
///
///     data(W) = (1/N) [ log det A + vec(Y)^T A^-1 vec(Y) ],   A = T + 1/(lambda1 n) (W (x) Kc + R (x) m m^T),
///
/// W = Q and no m for odd activations; Q is D x D and A of order P D. One tridiagonal reduction Kc = Z H Z^T
/// and the spectrum W = V diag(w) V^T decouple it into D channels T + w_c H/(lambda1 n) of order P, so an
/// evaluation costs O(P D^2). The part of the means has rank D: it is a feature m with D coefficients of prior
/// covariance R/(lambda1 n), which couples the channels, and enters through the matrix inversion lemma.
package struct SingleKernelDataTerm: DataTerm {
  /// Z, H, Z^T Y and Z^T m.
  package let kernel: ReducedKernel
  package let space: OrderParameterSpace
  package let parameters: ActionParameters
  /// v^T v, D x D, v what a relation between the examples that holds up to rounding leaves of the targets
  /// beside the range, over the size of an example; nil where there is none. v/T is in A^-1 Y, and meets what
  /// is left of the relation in every derivative along Q.
  private let relationSquares: Matrix?

  package var reduction: TridiagonalReduction { kernel.reduction }
  private var targets: Matrix { kernel.targets }
  private var means: [Double]? { kernel.means }

  /// - Parameter space: one block of order D.
  package init(
    kernel: ReducedKernel, space: OrderParameterSpace, parameters: ActionParameters,
    relationSquares: Matrix? = nil
  ) {
    self.relationSquares = relationSquares
    precondition(space.blockSizes == [kernel.targets.columns], "a space of blocks \(space.blockSizes)")
    self.kernel = kernel
    self.space = space
    self.parameters = parameters
  }

  package var hasMeans: Bool { means != nil }

  /// The spectrum of W, and F_c = T + w_c H/(lambda1 n) factored for each channel: O(P D^2 + D^3).
  package func point(at covariance: BlockDiagonal) throws(LinearAlgebraError) -> SingleKernelDataPoint {
    let spectrum = try SymmetricEigen(covariance.blocks[0])
    return SingleKernelDataPoint(
      term: self, rotation: spectrum.vectors, channels: try channels(spectrum),
      channelTargets: targets * spectrum.vectors)
  }

  /// The channels in which an order parameter with the given spectrum is diagonal, one for each eigenvalue.
  ///
  /// - Throws: `LinearAlgebraError` where T + w_c H/(lambda1 n) is not positive definite.
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
}

extension SingleKernelDataTerm {
  /// What is left of a relation makes of u_c^T Kc u_d the change a_c b_d + b_c a_d at most, a_c^2 = u_c^T Kc
  /// u_c and b_d = 20 k^(1/2) |v V_d|/T, k the size of an element of Kc; nil where relations are exact. With 20,
  /// the error of R, which feels relations most, is at most .8 of the estimate in 46 problems of relu solved
  /// with 60 digits.
  fileprivate func relationChange(
    _ channels: [OutputChannel], _ rotation: Matrix
  ) -> (a: [Double], b: [Double])? {
    relationSquares.map { squares in
      let size = kernel.elementSize / kernel.amplification
      let own = (rotation.asTranspose * squares * rotation).diagonal
      return (
        channels.map { max(dot($0.u, reduction.multiply($0.u)), 0).squareRoot() },
        own.map { 20 * (size * max($0, 0)).squareRoot() / parameters.temperature }
      )
    }
  }

  package func gradientNoise(
    at value: DataTermValue, covariance: BlockDiagonal, mean: BlockDiagonal?, draws: Int,
    random: RandomGenerator
  ) throws(LinearAlgebraError) -> [BlockDiagonal]? {
    try point(at: covariance).gradientNoise(mean, draws: draws, random)
  }
}

/// Factored covariances F_c = T I + scale w_c Kc of the channels c in which the order parameter is diagonal.
package struct SingleKernelDataPoint: DataPoint {
  fileprivate let term: SingleKernelDataTerm
  /// V, the basis of the channels, D x D.
  fileprivate let rotation: Matrix
  fileprivate let channels: [OutputChannel]
  /// Z^T Y V, P x D.
  fileprivate let channelTargets: Matrix

  private var scale: Double { term.parameters.kernelScale }
  /// m^T F_c^-1 m, diagonal over the channels, D x D.
  private var gram: Matrix { .diagonal(channels.map(\.h)) }
  /// m^T F_c^-1 Y V_c, D numbers.
  private var meanTargets: [Double] { channels.map(\.meanTarget) }

  package var projections: MeanProjections? {
    guard term.hasMeans else { return nil }
    return MeanProjections(
      gram: scale * (rotation * gram * rotation.asTranspose).symmetricPart,
      targets: rotation * meanTargets.scaled(by: scale.squareRoot()))
  }

  /// With R: sums over channels, log det A = sum_c log det F_c + log det(1 + R M), and derivatives by W, first
  /// between channels, then V ( ) V^T between outputs.
  package func value(mean: BlockDiagonal?) throws(LinearAlgebraError) -> DataTermValue {
    let (channels, coupling) = try coupled(mean)
    let width = term.parameters.width
    let logDeterminant = channels.reduce(coupling?.logDeterminant ?? 0) { $0 + $1.logDeterminant }
    let quadraticForm = channels.indices.reduce(0) { $0 + dot(channelTargets.column($1), channels[$1].u) }
    let rounding = KernelRounding(
      elements: channels.map { Double.ulpOfOne * $0.scale * term.kernel.elementSize },
      normsSquared: channels.map { dot($0.u, $0.u) },
      noiseTraces: channels.map { term.parameters.temperature * $0.inverseTrace },
      leastNoise: term.parameters.temperature, term.parameters)
    let normSquared = channels.reduce(0) { $0 + dot($1.u, $1.u) }
    let inverseTrace = channels.reduce(0) { $0 + $1.inverseTrace }
    return DataTermValue(
      value: (logDeterminant + quadraticForm) / width, misfit: quadraticForm / width,
      inverseGradient: toOutputs(inverseGradient(channels, coupling)),
      targetGradient: toOutputs(targetGradient(channels)),
      meanGradient: coupling.map { toOutputs($0.meanGradient(channels)) },
      gradientScale: (channels.map(\.largest).max() ?? 0) * (inverseTrace + normSquared) / width,
      kernelRounding: rounding.gradient + relationRounding(channels), factorization: nil)
  }

  /// The part of the rounding of the gradient's norm, relative to Q, that is left of a relation.
  private func relationRounding(_ channels: [OutputChannel]) -> Double {
    guard let (a, b) = term.relationChange(channels, rotation) else { return 0 }
    let scales = channels.map { max($0.scale, 0) }
    let squares = { (x: [Double]) in zip(scales, x).reduce(0) { $0 + $1.0 * $1.1 * $1.1 } }
    return 6 * (squares(a) * squares(b)).squareRoot() / term.parameters.width
  }

  /// The channels with u = A^-1 y, and the posterior of the means' coefficients.
  private func coupled(
    _ mean: BlockDiagonal?
  ) throws(LinearAlgebraError) -> (channels: [OutputChannel], coupling: CoefficientPosterior?) {
    // R (x) m m^T is a feature m with coefficients beta ~ N(0, scale R), coupled over the channels.
    let coupling = try mean.map { (mean) throws(LinearAlgebraError) in
      try CoefficientPosterior(
        prior: scale * (rotation.asTranspose * (mean.blocks[0] * rotation)), precision: gram,
        targets: meanTargets)
    }
    var channels = channels
    if let coupling { for c in channels.indices { channels[c].subtractMean(coupling.mean[c]) } }
    return (channels, coupling)
  }

  /// A gradient over the channels as one with respect to W.
  private func toOutputs(_ g: Matrix) -> BlockDiagonal {
    BlockDiagonal([(scale / term.parameters.width) * (rotation * g * rotation.asTranspose).symmetricPart])
  }

  /// Draws of what an error e of K makes of the gradient: between channels u_c^T K u_d changes by u_c^T e u_d
  /// - 2 u_c^T K F_d^-1 s_d e u_d, symmetrised; of the trace the size alone is drawn.
  fileprivate func gradientNoise(
    _ mean: BlockDiagonal?, draws: Int, _ random: RandomGenerator
  ) throws(LinearAlgebraError) -> [BlockDiagonal] {
    let channels = try coupled(mean).channels
    let u = Matrix(columns: channels.map(\.u))
    let root = try SymmetricEigen((u.asTranspose * u).symmetricPart).map { max($0, 0).squareRoot() }
    let hu = Matrix(columns: channels.map { term.reduction.multiply($0.u) })
    let element = Double.ulpOfOne * term.kernel.elementSize
    let relation = term.relationChange(channels, rotation)
    return (0..<draws).map { _ in
      var errors = Matrix(
        rows: u.rows, columns: u.columns, elements: u.elements.map { _ in random.gaussian() })
      errors = element * (errors * root)
      let changes = Matrix(
        columns: channels.enumerated().map { c, channel in
          channel.factor.solve(errors.column(c)).scaled(by: -2 * channel.scale)
        })
      let traces = channels.map {
        let temperature = term.parameters.temperature
        return element * KernelRounding.traceFactor(temperature * $0.inverseTrace, leastNoise: temperature)
          * random.gaussian()
      }
      var change = (hu.asTranspose * changes + u.asTranspose * errors).symmetricPart + Matrix.diagonal(traces)
      if let (a, b) = relation {
        let left = Matrix(columns: [a.map { $0 * random.gaussian() }])
        let right = Matrix(columns: [b.map { $0 * random.gaussian() }])
        change = change + 2 * (left * right.asTranspose).symmetricPart
      }
      return toOutputs(change)
    }
  }

  /// sum (Kc)_(mu nu) (A^-1)_(mu c, nu d) over the channels c, d in which W is diagonal.
  private func inverseGradient(_ channels: [OutputChannel], _ coupling: CoefficientPosterior?) -> Matrix {
    let hb = channels.map { channel in channel.b.map { term.reduction.multiply($0) } }
    return Matrix(rows: channels.count, columns: channels.count) { c, d in
      let trace = c == d ? channels[c].trace : 0
      guard let coupling, let b = channels[c].b, let hb = hb[d] else { return trace }
      return trace - coupling.covariance[c, d] * dot(b, hb)
    }
  }

  /// u_c^T Kc u_d, D x D over channels.
  private func targetGradient(_ channels: [OutputChannel]) -> Matrix {
    let hu = channels.map { term.reduction.multiply($0.u) }
    return Matrix(rows: channels.count, columns: channels.count) { c, d in dot(channels[c].u, hu[d]) }
  }
}

extension CoefficientPosterior {
  /// m^T G_cd m, D x D over channels, G = A^-1 - u u^T.
  fileprivate func meanGradient(_ channels: [OutputChannel]) -> Matrix {
    Matrix(rows: channels.count, columns: channels.count) { c, d in
      (c == d ? channels[c].h : 0) - channels[c].h * covariance[c, d] * channels[d].h
        - channels[c].meanResidual * channels[d].meanResidual
    }
  }
}
