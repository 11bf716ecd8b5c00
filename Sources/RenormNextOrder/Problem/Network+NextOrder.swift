extension Network {
  /// Refuses what has no next order, before any work: whatever is not known here to be covered.
  ///
  /// - Throws: `RenormError.unsupported` at infinite width, for several outputs, node priors, several hidden
  ///   layers unless fully connected with erf or linear, other architectures than FC, LCN and CNN, and
  ///   parameters that the draws of a hidden unit do not know, unless at their default.
  ///
  /// - Parameter order: `mixture` is all of it for linear networks, deep ones included.
  package func checkNextOrder(outputs: Int, order: ExpansionOrder = .next) throws(RenormError) {
    if width == .infinite {
      throw .unsupported(what: "the next order in 1/N at infinite width", instead: "take a finite width")
    }
    guard outputs == 1 else {
      throw .unsupported(
        what: "the next order in 1/N for \(outputs) outputs", instead: "take one output or two classes")
    }
    if depth > 1 {
      let isCovered =
        order == .mixture
        ? activation.isLinear
        : order == .next && (activation.isLinear || activation is Erf && deepTheory == .linearPart)
      guard isCovered, isGaussian, architecture is FullyConnected else {
        throw .unsupported(
          what: "the order '\(order.rawValue)' in 1/N with depth \(depth)",
          instead:
            "take depth 1, or 'next' for a fully connected erf network of the deep theory 'linear-part', "
            + "or 'mixture' or 'next' for a linear one")
      }
      return
    }
    try requireComputedKernels("the next order in 1/N")
    guard nodePrior.law == nil else {
      throw .unsupported(
        what: "the next order in 1/N with the node prior '\(nodePrior.name)'",
        instead: "take the node prior 'none'")
    }
    guard architecture is FullyConnected || architecture is LocallyConnected || architecture is Convolutional
    else {
      throw .unsupported(
        what: "the next order in 1/N with the architecture '\(architecture.name)'",
        instead: "take fc, lcn or cnn")
    }
    let description = description
    let unknown = Network.parameters.first {
      !Self.coveredByNextOrder.contains($0) && description[$0] != nil && description[$0] != $0.defaultValue
    }
    if let unknown {
      throw .unsupported(
        what: "the next order in 1/N with a value of '\(unknown.key)'",
        instead: unknown.defaultValue.map { "take \($0.text)" } ?? "leave it out")
    }
  }

  /// The same, and several hidden layers: for what is made of one hidden layer's expansion.
  package func checkHiddenUnit(outputs: Int) throws(RenormError) {
    guard depth == 1 else {
      throw .unsupported(what: "the expansion of a hidden unit with depth \(depth)", instead: "take depth 1")
    }
    try checkNextOrder(outputs: outputs)
  }

  /// The parameters that kernels, order parameter and draws of a hidden unit of the next order depend on as
  /// they should. Activations enter by their values and kernels, readouts by S alone; filter priors, biases
  /// and padding by the patches.
  private static let coveredByNextOrder: Set<NetworkParameter> = Set(
    [
      .architecture, .activation, .mask, .stride, .padding, .filterPrior, .readout, .nodePrior, .width,
      .temperature, .lambda0, .lambda1, .lambdaBias,
    ] + Activations.builtIn.parameters + FilterPriors.builtIn.parameters + Readouts.builtIn.parameters
      + NodePriors.builtIn.parameters)
}
