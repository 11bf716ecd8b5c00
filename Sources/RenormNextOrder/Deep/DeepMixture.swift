internal import LinearAlgebra
internal import RenormKernels

/// A deep linear network exactly, at every width (docs/depth.md): f given q_1..q_L is a Gaussian process with
/// the kernel w K_L, w = q_1 .. q_L, and q_l independent and Gamma(N_l/2, rate N_l/2) under the prior, so that
/// posterior averages are integrals over w alone.
struct DeepMixture {
  let result: TheoryResult

  /// The most values of w at which predictions are made.
  private static let nodes = 400

  /// - Throws: `RenormError.numericalFailure` for a kernel that is not finite, `.shapeMismatch` for points of
  ///   another shape.
  init(_ posterior: Posterior, points: Matrix) throws(RenormError) {
    let (network, training) = (posterior.network, posterior.training)
    guard let q = posterior.solution.layers?.orderParameters,
      let first = zip(network.widths, q).first(where: { $0.0 != .infinite })
    else {
      throw .unsupported(what: "the mixture of one hidden layer as one of several", instead: "take depth 2")
    }
    let tilt = Double(first.0.units ?? 0) * (first.1 - 1) / 2
    let law = GammaProduct(widths: network.widths.map { $0.units.map(Double.init) }, tilt: tilt)
    // K_R = (q_1 .. q_L) K_L at the leading order.
    let scale = 1 / q.reduce(1, *)
    let spectrum = try factoring("the kernel") { () throws(LinearAlgebraError) in
      try SymmetricEigen(scale * posterior.renormalizedKernel)
    }
    let eigenvalues = spectrum.values.map { max($0, 0) }
    let turned = spectrum.vectors.asTranspose * training.targets.column(0)
    let temperature = network.temperature
    let logs = law.logDensity.indices.map { k in
      let w = exponential(law.coordinate(k))
      return zip(eigenvalues, turned).reduce(law.logDensity[k]) { sum, mode in
        let a = temperature + w * mode.0
        return sum - 0.5 * (logarithm(a) + mode.1 * mode.1 / a)
      }
    }
    let largest = logs.max() ?? 0
    let densities = logs.map { exponential($0 - largest) }
    let total = densities.reduce(0, +)
    let average = { (values: [Double]) in dot(densities, values) / total }

    // Predictions vary slowly with w: a part of the lattice serves, as its sums converge exponentially too.
    let kept = densities.indices.filter { densities[$0] > 1e-18 }
    let stride = max(1, kept.count / Self.nodes)
    let chosen = kept.enumerated().filter { $0.offset % stride == 0 }.map(\.element)
    let weights = chosen.map { densities[$0] }
    let sum = weights.reduce(0, +)
    let cross =
      spectrum.vectors.asTranspose * (scale * (try posterior.renormalizedKernel(training.inputs, points)))
    let prior = try Self.variances(posterior, points, scale)
    var (mean, square) = (
      [Double](repeating: 0, count: points.columns), [Double](repeating: 0, count: points.columns)
    )
    let squares = Matrix(
      rows: cross.rows, columns: cross.columns, elements: cross.elements.map { $0 * $0 })
    for (k, weight) in zip(chosen, weights) {
      let w = exponential(law.coordinate(k))
      let own = cross.asTranspose * zip(eigenvalues, turned).map { w * $1 / (temperature + w * $0) }
      let seen = squares.asTranspose * eigenvalues.map { w * w / (temperature + w * $0) }
      for p in mean.indices {
        mean[p] += weight / sum * own[p]
        square[p] += weight / sum * (own[p] * own[p] + w * prior[p] - seen[p])
      }
    }
    let count = Double(training.targets.elements.count)
    result = TheoryResult(
      orderParameter: .diagonal(law.factors.map(average)),
      prediction: Prediction(
        mean: Matrix(columns: [mean]), variance: Matrix(columns: [zip(square, mean).map { $0 - $1 * $1 }])),
      logEvidence: largest + logarithm(total * law.step) - 0.5 * count * logarithm(2 * .pi),
      paths: law.paths.map(average))
  }

  /// K_L(x, x).
  private static func variances(
    _ posterior: Posterior, _ points: Matrix, _ scale: Double
  ) throws(RenormError) -> [Double] {
    var result: [Double] = []
    for block in points.columns.blocks(of: 64) {
      let inputs = points.selectingColumns(block)
      result += try posterior.renormalizedKernel(inputs, inputs).diagonal.scaled(by: scale)
    }
    return result
  }
}
