/// A network in plain values, as command lines, reports and model files name it.
public struct NetworkDescription: Hashable, Sendable, Codable {
  /// `fc`, `lcn` or `cnn`.
  public var architecture: String
  /// Patches of a local architecture.
  public var window: Window?
  /// Name of the activation.
  public var activation: String
  /// N; nil at infinite width.
  public var width: Int?
  /// T.
  public var temperature: Double
  /// Prior precision of the hidden weights.
  public var lambda0: Double
  /// Prior precision of the readout weights.
  public var lambda1: Double
  /// Name of the readout prior.
  public var readout: String
  /// Length scale of the readout prior in grid units, where it has one.
  public var lengthScale: Double?

  /// A description; nothing is checked until a network is made of it.
  public init(
    architecture: String, window: Window? = nil, activation: String = "erf", width: Int?, temperature: Double,
    lambda0: Double = 1, lambda1: Double = 1, readout: String = "independent", lengthScale: Double? = nil
  ) {
    self.architecture = architecture
    self.window = window
    self.activation = activation
    self.width = width
    self.temperature = temperature
    self.lambda0 = lambda0
    self.lambda1 = lambda1
    self.readout = readout
    self.lengthScale = lengthScale
  }
}

extension Network {
  /// The network that a description names.
  ///
  /// - Throws: `RenormError.invalidParameter` naming the value that is not accepted.
  public init(_ description: NetworkDescription) throws(RenormError) {
    try self.init(
      architecture: Architectures.named(description.architecture, window: description.window),
      activation: Activations.named(description.activation),
      width: description.width.map { .finite($0) } ?? .infinite, temperature: description.temperature,
      lambda0: description.lambda0, lambda1: description.lambda1,
      readout: Readouts.named(description.readout, lengthScale: description.lengthScale))
  }

  /// The network in plain values.
  public var description: NetworkDescription {
    NetworkDescription(
      architecture: architecture.name, window: architecture.window, activation: activation.name,
      width: width.units, temperature: temperature, lambda0: lambda0, lambda1: lambda1, readout: readout.name,
      lengthScale: readout.lengthScale)
  }
}
