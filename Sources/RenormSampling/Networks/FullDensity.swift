internal import Foundation
internal import LinearAlgebra
public import Renorm
internal import RenormAction

/// The posterior of all weights of a finite FC, LCN or CNN network, hidden and readout:
///
///     log p(w, v) = -1/2 |z|^2 - 1/2 |zeta|^2 - 1/(2T) sum (y - f(x))^2 - (P D/2) log T,
///
/// z = sqrt(lambda0) w, v_a = lambda1^(-1/2) B zeta_a with the factor S = B B^T of the readout's covariance.
/// or with another likelihood sum log p(y | f(x)) in the place of the last two terms (docs/classification.md).
/// For Gaussian noise, integrated over zeta it is `CollapsedDensity`, up to a factor (2 pi)^(N r D/2).
///
/// With a node prior the scales tau of the units are the state of a position (`LogDensity.stateCount`),
/// v_a = (tau_a/lambda1)^(1/2) B zeta_a, and log p is that given tau.
///
/// Positions are the hidden weights in the order of `CollapsedDensity`, then the readout: that of unit a,
/// coordinate b and output d at a + N (b + r d). For the energy E = -T log p of discretised Langevin dynamics
/// on the weights themselves, as published training runs use it, take `.weights` for the coordinates.
public struct FullDensity: LogDensity {
  /// What positions are.
  public enum Coordinates: String, Sendable, Codable {
    /// z and zeta: the prior is standard normal.
    case standardNormal
    /// z/sqrt(lambda0), the bias z/sqrt(lambda_bias) and zeta/sqrt(lambda1): w, b and v where the covariances
    /// of filters and readout are the identity.
    case weights
  }

  let model: NetworkModel
  /// How scales of units are drawn; nil without a node prior.
  let scaleStep: ScaleStep?
  /// z and zeta per unit of a position, one for each.
  private let scales: [Double]
  let targets: WorkMatrix
  /// Another likelihood than Gaussian noise, with the rows of the targets.
  private let latent: (likelihood: any LatentLikelihood, labels: [[Double]])?
  private let normalization: Double
  public let quantities: [String]
  public let judgedQuantities: [Int]

  /// The density of all weights of a network on a training set, which may be empty.
  ///
  /// - Throws: as `CollapsedDensity.init`.
  public init(
    _ network: Network, _ data: Dataset, observing points: ObservedPoints = ObservedPoints(),
    coordinates: Coordinates = .standardNormal
  ) throws(RenormError) {
    model = try NetworkModel(network, data, points, isConditional: false)
    let layer = model.layer
    if coordinates == .weights { try network.requireNoScales() }
    scaleStep = layer.scaleLaw.map { ScaleStep($0) }
    var scales = [Double](repeating: 1, count: layer.weights + layer.features * data.outputs)
    if coordinates == .weights {
      let size = layer.patchSize
      for k in 0..<layer.firstWeights {
        // The bias is the last weight of a filter.
        let isBias = layer.hasBias && k % size == size - 1
        scales[k] = ((isBias ? network.lambdaBias : nil) ?? network.lambda0).squareRoot()
      }
      for (upper, lambda) in zip(layer.upper, network.lambdas) {
        for k in upper.start..<upper.start + upper.weights { scales[k] = lambda.squareRoot() }
      }
      let lambda = network.lambdas.last ?? 1
      for k in layer.weights..<scales.count { scales[k] = lambda.squareRoot() }
    }
    self.scales = scales
    targets = WorkMatrix(data.targets)
    latent = network.latentLikelihood(outputs: data.outputs).map { likelihood in
      (likelihood, (0..<data.count).map(data.targets.row))
    }
    normalization = latent == nil ? -Double(data.targets.elements.count) / 2 * log(network.temperature) : 0
    quantities = model.layout.names
    judgedQuantities = model.layout.judged
  }

  /// What `observe` returns.
  package var layout: DrawLayout { model.layout }

  /// The number of hidden weights.
  package var hiddenWeights: Int { model.layer.weights }

  /// The number of all weights.
  public var dimension: Int { hiddenWeights + readoutWeights }

  private var readoutWeights: Int { model.layer.features * layout.outputs }

  /// A draw from the prior in the density's own coordinates.
  public func initialPosition(_ normal: [Double]) -> [Double] {
    zip(normal, scales).map { $0 / $1 } + model.layer.priorScales(normal[dimension...])
  }

  /// Memory of one chain.
  public struct Workspace {
    let network: NetworkModel.Memory
    /// y - f(x), P x D; T d log p/df for a likelihood that is not Gaussian.
    let residual: WorkArray
    /// The training loss.
    let loss: WorkArray
  }

  public func makeWorkspace() -> Workspace {
    Workspace(
      network: NetworkModel.Memory(
        model, weights: dimension + stateCount, perPoint: layout.outputs, hasSpare: false),
      residual: WorkArray(targets.view.rows * targets.view.columns), loss: WorkArray(1))
  }

  /// log p and its gradient. With f = gamma^(1/2) F zeta and the residual e = y - f, P x D,
  ///
  ///     dlog p/dzeta = -zeta + (gamma^(1/2)/T) F^T e,   dlog p/dF = (gamma^(1/2)/T) e zeta^T,
  ///
  /// the latter carried back through the hidden layer; -z for the hidden weights. In the coordinates `weights`
  /// each is multiplied by d z/dw = sqrt(lambda0), sqrt(lambda_bias) or sqrt(lambda1).
  public func evaluate(_ position: [Double], gradient: inout [Double], _ workspace: inout Workspace) -> Double {
    precondition(
      position.count == dimension + stateCount && gradient.count == dimension, "\(dimension) weights")
    let (network, layer) = (workspace.network, model.layer)
    let value = start(position, workspace)
    guard value.isFinite else { return -.infinity }
    let count = model.training.count
    let (features, readout, residual) = (
      layer.featureMatrix(count, network.training), readout(network), residual(workspace)
    )
    let derivatives = network.derivatives.matrix(count, layer.features)
    let scale = layer.featureScale.squareRoot() / model.temperature
    derivatives.setProduct(residual, readout.transposed, scale: scale)
    layer.scale(derivatives, by: unitScales(network))
    gradient.withUnsafeMutableBufferPointer { gradient in
      guard let base = gradient.baseAddress else { return }
      for k in 0..<dimension { base[k] = -network.weights.pointer[k] }
      MatrixView(base + hiddenWeights, layer.features, layout.outputs)
        .setProduct(features.transposed, residual, scale: scale, adding: 1)
      layer.addGradient(
        features: derivatives, at: network.weights.pointer, model.training, network.training, to: base)
      for k in 0..<dimension { base[k] *= scales[k] }
    }
    return value
  }

  /// The numbers of `DrawLayout` for all weights at `position`; NaN where the density cannot be evaluated.
  public func observe(_ position: [Double], _ workspace: inout Workspace) -> [Double] {
    let (network, layer) = (workspace.network, model.layer)
    let value = start(position, workspace)
    guard value.isFinite else { return [Double](repeating: .nan, count: layout.count) }
    let hidden = MatrixView(network.weights.pointer, hiddenWeights, 1)
    var record = [
      value, hidden.squaredNorm / Double(hiddenWeights),
      workspace.loss.pointer[0],
    ]
    record.reserveCapacity(layout.count)
    record += model.orderParameter(readoutMoments(network))
    var means = Matrix(rows: layout.testCount, columns: layout.outputs)
    var pruning = Pruning(self, network)
    var start = 0
    for points in model.tests {
      let observed = layer.computeFeatures(network.weights.pointer, points, network.observed)
      layer.scale(observed, by: unitScales(network))
      let values = network.cross.matrix(points.count, layout.outputs)
      values.setProduct(observed, readout(network), scale: layer.featureScale.squareRoot())
      for d in 0..<layout.outputs {
        for p in 0..<points.count { means[start + p, d] = values[p, d] }
      }
      pruning?.add(observed, scale: layer.featureScale.squareRoot(), start: start)
      start += points.count
    }
    // Directions of the outputs that labels do not see are left out, as in a prediction.
    if let h = latent?.likelihood.contrasts { means = means * h * h.asTranspose }
    record += means.elements
    model.appendSimilarity(to: &record, network)
    if !layer.upper.isEmpty {
      let zeta = readout(network).matrix
      let moments = (1 / Double(layout.outputs)) * (zeta * zeta.asTranspose)
      record += UpperLayer.paths(
        layer.upper, network.weights.pointer, moments: moments, basis: layer.basis)
      record += layer.upper.map { upper in
        (upper.matrix(network.weights.pointer).squaredNorm - Double(upper.weights)) / Double(upper.inputs) + 1
      }
    }
    if !layout.readoutSizes.isEmpty {
      model.appendReadouts(
        to: &record, readout(network).matrix.elements, network.weights.pointer, scales: unitScales(network))
    }
    record += layer.scaleRecord(unitScales(network)) + (pruning?.errors ?? [])
    return record
  }

  /// log p at a position, with features and residuals left in memory.
  private func start(_ position: [Double], _ workspace: Workspace) -> Double {
    let network = workspace.network
    setWeights(position, network)
    let features = model.layer.computeFeatures(network.weights.pointer, model.training, network.training)
    model.layer.scale(features, by: unitScales(network))
    let residual = residual(workspace)
    let scale = model.layer.featureScale.squareRoot()
    let prior = normalization - network.weights.matrix(dimension, 1).squaredNorm / 2
    if let latent {
      residual.setProduct(features, readout(network), scale: scale)
      return prior + logLikelihood(latent.likelihood, latent.labels, workspace)
    }
    residual.copy(targets.view)
    residual.setProduct(features, readout(network), scale: -scale, adding: 1)
    workspace.loss.pointer[0] = residual.squaredNorm / Double(max(residual.rows * residual.columns, 1))
    return prior - residual.squaredNorm / (2 * model.temperature)
  }

  /// Weights in units of their priors, and the scales of the units behind them.
  func setWeights(_ position: [Double], _ network: NetworkModel.Memory) {
    let weights = network.weights.pointer
    for k in 0..<dimension { weights[k] = scales[k] * position[k] }
    for k in dimension..<position.count { weights[k] = position[k] }
  }

  /// tau of the weights in memory; nothing to read without a node prior.
  func unitScales(_ network: NetworkModel.Memory) -> UnsafePointer<Double> {
    UnsafePointer(network.weights.pointer + dimension)
  }

  /// sum log p(y | f), which leaves T d log p/df in the place of f, and the mean of -log p as predictions have
  /// it in the place of the loss.
  private func logLikelihood(
    _ likelihood: any LatentLikelihood, _ labels: [[Double]], _ workspace: Workspace
  ) -> Double {
    let (rows, outputs) = (labels.count, layout.outputs)
    let f = workspace.residual.pointer
    var (sum, loss) = (0.0, 0.0)
    for mu in 0..<rows {
      let row = (0..<outputs).map { f[mu + rows * $0] }
      let g = likelihood.contrasts.map { ($0.asTranspose * row) } ?? row
      let local = likelihood.derivatives(at: g, label: labels[mu])
      sum += local.value
      let logarithms = likelihood.logProbabilities(at: g)
      loss -= logarithms.isEmpty ? local.value : logarithms[classIndex(labels[mu])]
      let derivative = likelihood.contrasts.map { $0 * local.gradient } ?? local.gradient
      for d in 0..<outputs { f[mu + rows * d] = model.temperature * derivative[d] }
    }
    workspace.loss.pointer[0] = loss / Double(max(rows, 1))
    return sum
  }

  /// zeta, N r x D.
  func readout(_ network: NetworkModel.Memory) -> MatrixView {
    MatrixView(network.weights.pointer + hiddenWeights, model.layer.features, layout.outputs)
  }

  private func residual(_ workspace: Workspace) -> MatrixView {
    workspace.residual.matrix(targets.view.rows, targets.view.columns)
  }

  /// (1/N) sum_a zeta_a zeta_a^T over the readout's coordinates; over the outputs, averaged over coordinates,
  /// for several.
  private func readoutMoments(_ network: NetworkModel.Memory) -> Matrix {
    let zeta = readout(network)
    let columns = layout.outputs > 1 ? zeta : zeta.reshaped(model.layer.units, model.layer.rank)
    let (scales, units) = (unitScales(network), model.layer.units)
    func weight(_ row: Int) -> Double { model.layer.scaleLaw == nil ? 1 : scales[row % units] }
    return Matrix(rows: columns.columns, columns: columns.columns) { c, d in
      (0..<columns.rows).reduce(0) { $0 + weight($1) * columns[$1, c] * columns[$1, d] } / Double(columns.rows)
    }
  }
}

extension Network {
  /// - Throws: `RenormError.unsupported` with a node prior: dynamics of all weights do not move scales.
  func requireNoScales() throws(RenormError) {
    guard nodePrior.law == nil else {
      throw .unsupported(
        what: "the sampler 'langevin' with the node prior '\(nodePrior.name)'",
        instead: "take the sampler 'collapsed' or 'full'")
    }
  }
}
