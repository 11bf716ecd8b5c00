/// A network in plain values, as command lines, reports and model files name it: a value for each row of
/// `Network.parameters` that applies.
public struct NetworkDescription: Hashable, Sendable {
  /// The values.
  public var values: ParameterValues

  /// A description; nothing is checked until a network is made of it.
  public init(_ values: ParameterValues) { self.values = values }

  /// The value of a parameter; nil where it has none.
  public subscript(parameter: NetworkParameter) -> ParameterValue? {
    get { values[parameter] }
    set { values[parameter] = newValue }
  }
}

extension NetworkDescription {
  /// `fc`, `lcn` or `cnn`.
  public var architecture: String { self[.architecture]?.name ?? "" }
  /// Name of the activation.
  public var activation: String { self[.activation]?.name ?? "" }
  /// Name of the filter prior.
  public var filter: String { self[.filterPrior]?.name ?? "independent" }
  /// Name of the readout prior.
  public var readout: String { self[.readout]?.name ?? "" }
  /// Name of the prior of the scales of hidden units.
  public var nodePrior: String { self[.nodePrior]?.name ?? "none" }
  /// Name of the likelihood of the targets.
  public var likelihood: String { self[.likelihood]?.name ?? "gaussian" }
  /// N.
  public var width: Width {
    get { self[.width]?.width ?? .infinite }
    set { self[.width] = .width(newValue) }
  }
  /// T.
  public var temperature: Double { self[.temperature]?.number ?? .nan }
  /// Prior precision of the hidden weights.
  public var lambda0: Double { self[.lambda0]?.number ?? .nan }
  /// Prior precision of the weights that read the hidden layer, in a deep network the first.
  public var lambda1: Double { self[.lambda1]?.number ?? .nan }
  /// Patches of a local architecture.
  public var window: Window? {
    self[.mask]?.extent.map {
      Window(mask: $0, stride: self[.stride]?.extent, padding: self[.padding]?.padding ?? .valid)
    }
  }

  /// The values that kernels depend on: equal for networks that share kernels.
  public var kernels: NetworkDescription {
    var result = self
    for parameter in values.parameters where !parameter.isInKernels { result[parameter] = nil }
    // The kernels of all layers but the last are inside of the next.
    if depth > 1 { result[.lambda1] = self[.lambda1] }
    return result
  }
}
