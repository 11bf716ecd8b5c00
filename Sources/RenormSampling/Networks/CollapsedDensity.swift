internal import LinearAlgebra
public import Renorm
internal import RenormAction

/// The posterior of the hidden weights w of a finite FC, LCN or CNN network, the readout integrated out
/// analytically:
///
///     log p(w) = -lambda0/2 |w|^2 - D/2 log det A - 1/2 sum_d y_d^T A^-1 y_d,     A = T 1 + F F^T,
///
/// F of size P x (N r) the scaled features: unit a contributes (lambda1 N n)^(-1/2) sum_i s(h_ai) B_ib with the
/// factor S = B B^T of the readout's covariance (docs/theory.md, sections 1 and 6). Only the smaller of A and T
/// 1 + F^T F is inverted. A here is that of one network at given weights; its average over the prior is the A
/// of infinite width. No approximation is made: the draws test the theory at any N and P.
///
/// Positions are z = sqrt(lambda0) w, so that the prior is standard normal in every coordinate: the M weights
/// of unit a in group g of positions start at M (a + N g); an LCN has one group per position, others a single
/// group.
///
/// With a node prior the scales tau of the units are the state of a position (`LogDensity.stateCount`): F has
/// the factors tau_a^(1/2), log p is that given tau, and `move` draws tau.
///
/// Given w the predictor is a Gaussian process, so draws record its mean and variance and the moments of the
/// readout instead of samples of them (Rao and Blackwell): see `layout`.
public struct CollapsedDensity: LogDensity {
  let model: NetworkModel
  let readout: ReadoutPosterior
  /// How scales of units are drawn; nil without a node prior.
  let scaleStep: ScaleStep?
  public let quantities: [String]
  public let judgedQuantities: [Int]

  /// The density of a network's hidden weights on a training set, which may be empty.
  ///
  /// - Throws: `RenormError`: `.unsupported` at infinite width, for an activation that is not a
  ///   `DifferentiableActivation` and for more than `DrawLayout.limit` observed numbers, `.unusableData` for
  ///   numbers that are not finite, `.shapeMismatch` for observed points of another shape,
  ///   `.maskLargerThanImage`.
  public init(
    _ network: Network, _ data: Dataset, observing points: ObservedPoints = ObservedPoints()
  ) throws(RenormError) {
    try self.init(network, data, observing: points, side: nil)
  }

  /// - Parameter side: which matrix to factor; the smaller where nil.
  init(
    _ network: Network, _ data: Dataset, observing points: ObservedPoints, side: ReadoutPosterior.Side?
  ) throws(RenormError) {
    try network.requireCollapsible()
    model = try NetworkModel(network, data, points, isConditional: true)
    readout = ReadoutPosterior(
      layer: model.layer, temperature: network.temperature, targets: data.targets, side: side)
    scaleStep = model.layer.scaleLaw.map { ScaleStep($0) }
    quantities = model.layout.names
    judgedQuantities = model.layout.judged
  }

  /// What `observe` returns.
  package var layout: DrawLayout { model.layout }

  /// The number of hidden weights: N M, times n for an LCN.
  public var dimension: Int { model.layer.weights }

  /// Memory of one chain.
  public struct Workspace {
    let network: NetworkModel.Memory
    let readout: ReadoutPosterior.Memory
  }

  public func makeWorkspace() -> Workspace {
    Workspace(
      network: NetworkModel.Memory(
        model, weights: dimension + stateCount, perPoint: readout.predictionScratch(points: 1)),
      readout: ReadoutPosterior.Memory(readout))
  }

  /// log p(z) = -|z|^2/2 + log p(y | F(z)), and its gradient: -z, and dlog p/dF (`ReadoutPosterior`) carried
  /// back through the hidden layer (`HiddenLayer.addGradient`).
  public func evaluate(_ position: [Double], gradient: inout [Double], _ workspace: inout Workspace) -> Double {
    precondition(
      position.count == dimension + stateCount && gradient.count == dimension, "\(dimension) hidden weights")
    let (network, layer) = (workspace.network, model.layer)
    let features = computeFeatures(position, workspace)
    let logLikelihood = readout.invert(features, workspace.readout)
    guard let value = logDensity(logLikelihood, workspace) else { return -.infinity }
    let derivatives = network.derivatives.matrix(model.training.count, layer.features)
    readout.setDerivatives(derivatives, features, workspace.readout)
    layer.scale(derivatives, by: scales(workspace))
    gradient.withUnsafeMutableBufferPointer { gradient in
      guard let gradient = gradient.baseAddress else { return }
      for k in 0..<dimension { gradient[k] = -network.weights.pointer[k] }
      layer.addGradient(
        features: derivatives, at: network.weights.pointer, model.training, network.training, to: gradient)
    }
    return value
  }

  /// F at a position, which is copied to memory, with the scales of the units.
  func computeFeatures(_ position: [Double], _ workspace: Workspace) -> MatrixView {
    let network = workspace.network
    _ = network.weights.buffer.update(fromContentsOf: position)
    let features = model.layer.computeFeatures(network.weights.pointer, model.training, network.training)
    model.layer.scale(features, by: scales(workspace))
    return features
  }

  /// tau of the position in memory; nothing to read without a node prior.
  func scales(_ workspace: Workspace) -> UnsafePointer<Double> {
    UnsafePointer(workspace.network.weights.pointer + dimension)
  }

  /// The log density where there is a likelihood and it is finite.
  func logDensity(_ logLikelihood: Double?, _ workspace: Workspace) -> Double? {
    let prior = -workspace.network.weights.matrix(dimension, 1).squaredNorm / 2
    guard let logLikelihood, (logLikelihood + prior).isFinite else { return nil }
    return logLikelihood + prior
  }
}

extension Network {
  /// - Throws: `RenormError.unsupported` where the readout has no closed-form posterior.
  func requireCollapsible() throws(RenormError) {
    guard isGaussian else {
      throw .unsupported(
        what: "the sampler 'collapsed' with the likelihood '\(likelihood.name)'",
        instead: "only Gaussian noise lets the readout be integrated out; take the sampler 'full'")
    }
  }
}
