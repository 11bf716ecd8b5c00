extension Network {
  /// The value of a real parameter; nil where the network has none of this name.
  public func number(_ parameter: NetworkParameter) -> Double? { description[parameter]?.number }

  /// The same network with another value of a real parameter: T, a precision, a length scale, a slope.
  ///
  /// - Throws: `RenormError.invalidParameter` for a parameter that the network does not have, and for a value
  ///   out of its domain; `.unsupported` for the parameter of a component that is not built in.
  public func with(_ parameter: NetworkParameter, _ value: Double) throws(RenormError) -> Network {
    switch parameter {
    case .temperature: return try with(temperature: value)
    case .lambda1: return try with(lambda1: value)
    case .lambda0: return try copy(lambda0: value)
    case .lambdaBias where lambdaBias != nil: return try copy(lambdaBias: value)
    default: break
    }
    func changed<Component>(
      _ registry: Registry<Component>, _ name: String, _ values: ParameterValues
    ) throws(RenormError) -> Component? {
      guard values[parameter]?.number != nil else { return nil }
      guard registry[name] != nil else {
        throw .unsupported(
          what: "another \(parameter.words) of '\(name)', which is not built in",
          instead: "make the network anew")
      }
      return try registry.named(name, values.merging([parameter: .number(value)]))
    }
    if let activation = try changed(Activations.builtIn, activation.name, activation.parameters) {
      return try copy(activation: activation)
    }
    if let filter = try changed(FilterPriors.builtIn, filter.name, filter.parameters) {
      return try copy(filter: filter)
    }
    if let readout = try changed(Readouts.builtIn, readout.name, readout.parameters) {
      return try copy(readout: readout)
    }
    if let nodePrior = try changed(NodePriors.builtIn, nodePrior.name, nodePrior.parameters) {
      return try copy(nodePrior: nodePrior)
    }
    throw .invalidParameter(
      name: "parameter", value: "'\(parameter.key)', which this network does not have",
      accepted: numbers.map(\.key).joined(separator: ", "))
  }

  /// The real parameters that the network has, in the order of the table.
  public var numbers: [NetworkParameter] {
    let description = description
    return Network.parameters.filter { $0.domain.isContinuous && description[$0]?.number != nil }
  }

  private func copy(
    activation: (any Activation)? = nil, lambda0: Double? = nil, lambdaBias: Double? = nil,
    filter: (any FilterPrior)? = nil, readout: (any Readout)? = nil, nodePrior: (any NodePrior)? = nil
  ) throws(RenormError) -> Network {
    try Network(
      architecture: architecture, activation: activation ?? self.activation, widths: widths,
      temperature: temperature, lambda0: lambda0 ?? self.lambda0, lambdas: lambdas, deepTheory: deepTheory,
      lambdaBias: lambdaBias ?? self.lambdaBias, filter: filter ?? self.filter,
      readout: readout ?? self.readout,
      nodePrior: nodePrior ?? self.nodePrior, likelihood: likelihood)
  }
}
