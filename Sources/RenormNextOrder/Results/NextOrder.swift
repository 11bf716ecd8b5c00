public import LinearAlgebra
internal import RenormKernels

/// A fitted network past leading order in 1/N (docs/next-order.md).
///
/// To first order in the fourth cumulants of a hidden unit the posterior is a mixture of Gaussian processes
/// over the order parameter, whose weights are multiplied by 1 + delta:
///
///     order parameter   <Q> + Cov(Q, delta)             mean       <m> + Cov(m, delta) + dm
///     log evidence      log E_Q N(y; 0, A(Q)) + delta   variance   <v> + Var(m) + Cov(v, delta) + dv
///
/// The mixture is expanded to order 1/N in closed form; delta, dm and dv are averages over draws of one hidden
/// unit less their values for Gaussian features, and vanish for linear activations. Activations with means are
/// treated by their raw kernels, so the reference of the expansion is section 3 for all of them. Related:
/// Zavatone-Veth et al., NeurIPS 2021.
///
/// Several hidden layers (docs/depth.md): linear networks have the mixture alone, which is not expanded and is
/// exact; of others the means are corrected by dm of the units of all layers, and the rest stays as it is.
public struct NextOrder: Sendable {
  /// What was computed.
  public let order: ExpansionOrder
  /// The first-order change of the log evidence by fourth cumulants, at the leading order parameter.
  public let delta: Double
  /// The root mean square over points of (corrected mean - leading mean) / v^(1/2), less what noise adds to it.
  public let sigma: Double
  /// How far the results can be trusted; nil where the order leaves cumulants out that do not vanish.
  public let trust: Trust?
  /// What the fit says.
  public let leading: TheoryResult
  /// The mixture alone.
  public let mixture: TheoryResult
  /// Mixture and cumulants; the mixture where those vanish or were not asked for.
  public let corrected: TheoryResult
  /// Corrections that were left out, as they are below their own noise.
  public let omitted: [NextOrderPart]
  /// Whether all but the means stays at leading order: several hidden layers.
  let correctsMeansAlone: Bool
  /// nil without draws.
  public let standardErrors: NextOrderErrors?
  /// Draws of a hidden unit behind delta, and behind the means.
  public let draws: Int
  public let meanDraws: Int
  /// Draws of a block; 0 without draws.
  let blockSize: Int
  let seed: UInt32
  /// The change of the mean of (y - mean(x))^2 over the points; nil without targets.
  public let biasShift: Double?

  /// What a user should know about the result; each is one line.
  public var warnings: [String] {
    var warnings: [String] = []
    if !omitted.isEmpty {
      warnings.append(
        "corrections below their own noise are left out (\(omitted.map(\.rawValue).joined(separator: ", "))); "
          + "more draws than \(draws) would decide them")
    }
    if correctsMeansAlone {
      warnings.append(
        "with several hidden layers the next order corrects the means; order parameters, variances and the "
          + "evidence are those of leading order")
    }
    if trust == nil {
      warnings.append(
        "the mixture alone is half of the next order and can be worse than leading order; take 'next'")
    }
    let negative = corrected.prediction.variance.elements.count { !($0 > 0) }
    if negative > 0 {
      warnings.append(
        "the corrected variance is not positive at \(negative) of \(corrected.prediction.count) points: the "
          + "expansion does not hold there")
    }
    return warnings
  }

  /// The change of the mean variance over the points.
  public var varianceShift: Double { corrected.prediction.meanVariance - leading.prediction.meanVariance }
  /// The change of the log evidence.
  public var evidenceShift: Double { corrected.logEvidence - leading.logEvidence }

  /// Corrects a fit.
  ///
  /// - Parameters:
  ///   - points: inputs at which means and variances are corrected and sigma is taken, as for
  ///     `Posterior.predict`; at
  ///     least one.
  ///   - targets: targets at the points, for `biasShift` and its error.
  /// - Throws: `RenormError.unsupported` at infinite width, for several outputs and with node priors,
  ///   `.invalidParameter`,
  ///   `.shapeMismatch`, `.outOfMemory`, and `.numericalFailure` where the order parameter is no minimum.
  public init(
    _ posterior: Posterior, points: Matrix, targets: [Double]? = nil,
    options: NextOrderOptions = NextOrderOptions()
  ) throws(RenormError) {
    try self.init(posterior, points: points, targets: targets, options: options, drawsLinear: false)
  }

  /// - Parameter drawsLinear: whether cumulants of a linear activation, which vanish, are drawn all the same.
  package init(
    _ posterior: Posterior, points: Matrix, targets: [Double]?, options: NextOrderOptions, drawsLinear: Bool
  ) throws(RenormError) {
    try options.validate()
    guard points.columns > 0 else {
      throw .invalidParameter(
        name: "points", value: "none", accepted: "at least one, for example training inputs")
    }
    if let targets, targets.count != points.columns {
      throw .invalidParameter(
        name: "targets", value: "\(targets.count) numbers", accepted: "one for each of \(points.columns) points"
      )
    }
    let prediction = try posterior.predict(points)
    leading = TheoryResult(
      orderParameter: posterior.orderParameter, prediction: prediction,
      logEvidence: posterior.logEvidence ?? .nan, paths: posterior.solution.layers?.paths)
    order = options.order
    if posterior.network.depth > 1 {
      try posterior.network.checkNextOrder(outputs: posterior.training.outputs, order: options.order)
      if !posterior.network.activation.isLinear {
        let deep = try Parallel.withThreads(options.cores) { () throws(RenormError) in
          try DeepCumulants(posterior, points: points, prediction, targets, options)
        }
        (mixture, correctsMeansAlone) = (leading, true)
        omitted = deep.mean.isAboveNoise ? [] : [.means]
        corrected = leading.adding(omitted.isEmpty ? deep.mean.values : [])
        delta = deep.value.values[0]
        standardErrors = NextOrderErrors(
          delta: deep.value.rootMeanSquareError, sigma: nil, orderParameter: nil,
          means: deep.mean.rootMeanSquareError, variances: nil, bias: deep.bias?.rootMeanSquareError)
        (draws, meanDraws, blockSize, seed) = (deep.draws, deep.draws, 0, options.seed)
        sigma = prediction.sigma(of: deep.mean.values, noise: deep.mean.variances)
        // Variances stay at leading order, so no result is better than to be checked.
        trust = max(Trust(delta: delta, sigma: sigma), .check)
        biasShift = targets.map { [leading, corrected] in leading.biasShift(to: corrected, targets: $0) }
        return
      }
      let exact = try Parallel.withThreads(options.cores) { () throws(RenormError) in
        try DeepMixture(posterior, points: points).result
      }
      (mixture, corrected, correctsMeansAlone) = (exact, exact, false)
      (omitted, delta, standardErrors, draws, meanDraws, blockSize, seed) = ([], 0, nil, 0, 0, 0, options.seed)
      sigma = prediction.sigma(of: (exact.prediction.mean - prediction.mean).elements)
      trust = Trust(delta: 0, sigma: sigma)
      biasShift = targets.map { [leading] in leading.biasShift(to: exact, targets: $0) }
      return
    }
    correctsMeansAlone = false
    let hasDraws = options.order == .next && (drawsLinear || !posterior.network.activation.isLinear)
    let parts = try Parallel.withThreads(options.cores) { () throws(RenormError) in
      let expansion = try Expansion(posterior, points, options)
      return (expansion, hasDraws ? try expansion.cumulants(prediction, targets, options) : nil)
    }
    let (expansion, cumulants) = parts
    mixture = expansion.result(nil, omitting: [])
    omitted =
      cumulants.map { estimate in NextOrderPart.allCases.filter { !estimate.part($0).isAboveNoise } } ?? []
    corrected = cumulants == nil ? mixture : expansion.result(cumulants, omitting: omitted)
    delta = cumulants?.value.values[0] ?? 0
    standardErrors = cumulants.map { NextOrderErrors($0, expansion, hasTargets: targets != nil) }
    draws = cumulants?.draws ?? 0
    meanDraws = cumulants?.meanDraws ?? 0
    blockSize = cumulants?.blockSize ?? 0
    seed = options.seed
    sigma = expansion.sigma(cumulants, prediction)
    trust =
      hasDraws || posterior.network.activation.isLinear
      ? Trust(delta: delta, sigma: sigma, isOdd: posterior.network.activation.isOdd) : nil
    biasShift = targets.map { [leading, corrected] in leading.biasShift(to: corrected, targets: $0) }
  }
}
