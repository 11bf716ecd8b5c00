package import LinearAlgebra
package import RenormAction

extension Network {
  /// A deep fully connected network (docs/depth.md).
  ///
  /// - Parameters:
  ///   - widths: N_1..N_L.
  ///   - lambdas: lambda_1..lambda_L; all 1 where nil.
  ///   - deepTheory: how order parameters enter the kernel.
  /// - Throws: `RenormError.invalidParameter` for values that are not positive, or unequal numbers of them,
  ///   `.unsupported` where the theory does not cover the activation.
  public init(
    widths: [Width], activation: any Activation = Erf(), temperature: Double, lambda0: Double = 1,
    lambdas: [Double]? = nil, deepTheory: DeepTheory = .linearPart
  ) throws(RenormError) {
    try self.init(
      architecture: FullyConnected(), activation: activation, widths: widths, temperature: temperature,
      lambda0: lambda0, lambdas: lambdas ?? widths.map { _ in 1 }, deepTheory: deepTheory,
      lambdaBias: nil, filter: IndependentFilter(), readout: IndependentReadout(), nodePrior: NoNodePrior(),
      likelihood: GaussianLikelihood())
  }

  /// L, the number of hidden layers.
  public var depth: Int { widths.count }

  /// Refuses what has no theory of several hidden layers.
  ///
  /// - Throws: `RenormError.invalidParameter`, `.unsupported`.
  func checkLayers() throws(RenormError) {
    guard depth > 0, lambdas.count == depth else {
      throw .invalidParameter(
        name: NetworkParameter.lambdas.words, value: "\(lambdas.count) numbers",
        accepted: "one for each of the \(depth) hidden layers, at least one")
    }
    guard depth > 1 else {
      guard architecture.upperWindow == nil else {
        throw .unsupported(what: "patches of a second hidden layer with depth 1", instead: "take depth 2")
      }
      return
    }
    let what = "depth \(depth)"
    guard architecture is FullyConnected || architecture is Convolutional else {
      throw .unsupported(
        what: "\(what) with the architecture '\(architecture.name)'", instead: "take fc, cnn, or depth 1")
    }
    if architecture is Convolutional { try checkConvolutionalLayers() }
    guard nodePrior.law == nil else {
      throw .unsupported(
        what: "\(what) with the node prior '\(nodePrior.name)'",
        instead: "take the node prior 'none', or depth 1")
    }
    guard lambdaBias == nil else {
      throw .unsupported(what: "\(what) with hidden biases", instead: "take no `lambda-bias`, or depth 1")
    }
    guard deepTheory == .linearPart || activation.isOdd else {
      throw .unsupported(
        what:
          "the deep theory '\(deepTheory.rawValue)' with the activation '\(activation.name)', which is not odd",
        instead: "take 'linear-part', or an odd activation")
    }
    guard deepTheory != .nested || activation is any ComposableActivation else {
      throw .unsupported(
        what: "the deep theory 'nested' with the activation '\(activation.name)'",
        instead: "take 'linear-part' or 'vanilla', or the activation erf or linear")
    }
  }

  private func checkConvolutionalLayers() throws(RenormError) {
    let what = "depth \(depth) with the architecture 'cnn'"
    guard depth == 2, architecture.upperWindow != nil else {
      throw .unsupported(
        what: depth == 2 ? "\(what) and one mask" : what,
        instead: "take two hidden layers and a mask for each, such as 7,2")
    }
    guard activation.isOdd else {
      throw .unsupported(
        what: "\(what) and the activation '\(activation.name)', which is not odd",
        instead: "take an odd activation, such as erf or tanh")
    }
    guard deepTheory == .linearPart else {
      throw .unsupported(
        what: "\(what) and the deep theory '\(deepTheory.rawValue)'", instead: "take 'linear-part'")
    }
    guard !hasSomeInfiniteWidths else {
      throw .unsupported(what: "\(what) and one layer of infinite width", instead: "take none, or both")
    }
  }

  /// Whether some layers have infinite width and others have not.
  var hasSomeInfiniteWidths: Bool { width != .infinite && widths.contains(.infinite) }

  /// The prior part of the action of a deep network.
  package var layerPrior: any LayerPrior {
    let ratios = widthRatios
    return activation.isOdd ? LayerChain(ratios: ratios) : LayerPairs(ratios: ratios)
  }

  /// N_l/N, infinite for layers of infinite width.
  var widthRatios: [Double] {
    let reference = Double(width.units ?? 1)
    return widths.map { width in width.units.map { Double($0) / reference } ?? .infinity }
  }

  /// N_l of the smallest layer over N.
  package var smallestWidthRatio: Double {
    let units = widths.compactMap(\.units).map(Double.init)
    return (units.min() ?? 1) / (width.units.map(Double.init) ?? 1)
  }
}

extension Network {
  /// The prior part of the action less that at infinite width, of which -N/2 times belongs to the log evidence.
  ///
  /// - Throws: `LinearAlgebraError` where the prior is not defined.
  package func priorExcess(
    _ weights: KernelWeights, _ space: OrderParameterSpace
  ) throws(LinearAlgebraError) -> Double {
    if space.index == .layer { return layerPrior.excess(weights.logarithms) }
    return try priorTerm(units: Double(width.units ?? 0)).excess(weights)
  }
}
