extension NetworkParameter {
  /// The connectivity of the hidden layer.
  public static let architecture = NetworkParameter(
    "architecture", .names(Architectures.builtIn.names), isInKernels: true,
    help: "fc (fully connected), lcn (locally connected) or cnn (convolutional).")

  /// The activation s.
  public static let activation = NetworkParameter(
    "activation", .names(Activations.builtIn.names), default: .name("erf"), isInKernels: true,
    help: "Activation: \(Activations.builtIn.names.joined(separator: ", ")).")

  /// The prior of the filters over the pixels of the mask.
  public static let filterPrior = NetworkParameter(
    "filter-prior", .names(FilterPriors.builtIn.names), default: .name("independent"), isInKernels: true,
    help: "Prior of the hidden weights over the pixels of the mask, alike for every channel: "
      + "\(FilterPriors.builtIn.names.joined(separator: ", ")).")

  /// The prior of the readout over positions.
  public static let readout = NetworkParameter(
    "readout", .names(Readouts.builtIn.names), default: .name("independent"), isInKernels: true,
    help: "Prior of a cnn's readout over positions: \(Readouts.builtIn.names.joined(separator: ", ")).")

  /// The prior of the scales of hidden units.
  public static let nodePrior = NetworkParameter(
    "node-prior", .names(NodePriors.builtIn.names), default: .name("none"), isInKernels: false,
    help:
      "Prior of a random scale of each hidden unit's readout: \(NodePriors.builtIn.names.joined(separator: ", "))."
  )

  /// The likelihood of the targets.
  public static let likelihood = NetworkParameter(
    "likelihood", .names(Likelihoods.builtIn.names), default: .name("gaussian"), isInKernels: true,
    help:
      "Likelihood of the targets: \(Likelihoods.builtIn.names.joined(separator: ", ")) (labels are classes).")

  /// N.
  public static let width = NetworkParameter(
    "width", symbol: Symbol("N"), .width, isInKernels: false,
    help: "N, the number of hidden units (fc) or channels (lcn, cnn), or 'infinite'.")

  /// L, the number of hidden layers.
  public static let depth = NetworkParameter(
    "depth", symbol: Symbol("L"), .count(of: "hidden layers"), default: .count(1), isInKernels: true,
    help: "L, the number of hidden layers (fc; 2 at most for cnn), of one width unless widths are given.")

  /// How order parameters enter the kernel of a deep network.
  public static let deepTheory = NetworkParameter(
    "deep-theory", .names(DeepTheory.allCases.map(\.rawValue)), default: .name(DeepTheory.linearPart.rawValue),
    isInKernels: true,
    help:
      "How order parameters enter a deep network's kernel: \(DeepTheory.allCases.map(\.rawValue).joined(separator: ", "))."
  )

  /// N_1..N_L, where they are not equal.
  public static let widths = NetworkParameter(
    "widths", .list(.width), isInKernels: false,
    help: "N_1,...,N_L of the hidden layers, in the place of depth and width: each a number or 'infinite'.")

  /// lambda_1..lambda_L, where they are not equal.
  public static let lambdas = NetworkParameter(
    "lambdas", .list(.positive(unit: nil)), isInKernels: true,
    help:
      "l_1,...,l_L, the prior precisions of the weights that read each hidden layer. (default: lambda1 for all)"
  )

  /// T, the variance of the noise on every target.
  public static let temperature = NetworkParameter(
    "temperature", symbol: Symbol("T"), .positive(unit: nil), isInKernels: false,
    help: "T, the variance of the noise on every target.")

  /// Prior precision of the hidden weights.
  public static let lambda0 = NetworkParameter(
    "lambda0", words: "hidden precision", symbol: Symbol("λ", "0"), .positive(unit: nil), default: .number(1),
    isInKernels: true, help: "Prior precision of the hidden weights.")

  /// Prior precision of the readout weights.
  public static let lambda1 = NetworkParameter(
    "lambda1", words: "readout precision", symbol: Symbol("λ", "1"), .positive(unit: nil), default: .number(1),
    isInKernels: false, help: "Prior precision of the readout weights.")
}

extension Network {
  /// The table of parameters: those of every network, and those of the components that can be chosen by name.
  ///
  /// Options, keys and axes of sweeps, columns, reports and models are made of it; the order is that of
  /// columns.
  public static let parameters: [NetworkParameter] =
    [.architecture, .activation] + Activations.builtIn.parameters + Architectures.builtIn.parameters
    + [.filterPrior] + FilterPriors.builtIn.parameters + [.readout] + Readouts.builtIn.parameters
    + [.nodePrior] + NodePriors.builtIn.parameters + [.likelihood] + Likelihoods.builtIn.parameters + layers
    + numbers

  /// The parameters of the hidden layers of a deep network; every network has them.
  static let layers: [NetworkParameter] = [.depth, .deepTheory, .widths, .lambdas]

  /// The parameters that every network has beside its components.
  public static let numbers: [NetworkParameter] = [.width, .temperature, .lambda0, .lambda1, .lambdaBias]
}

extension NetworkDescription {
  /// The parameters that a network of these components has: every network its own, others where a component of
  /// this network lists them, and a readout prior where all positions share their filters.
  public var parameters: Set<NetworkParameter> {
    var result = Self.common
    result.formUnion(Architectures.builtIn[architecture]?.parameters ?? [])
    result.formUnion(Activations.builtIn[activation]?.parameters ?? [])
    result.formUnion(FilterPriors.builtIn[filter]?.parameters ?? [])
    result.formUnion(NodePriors.builtIn[nodePrior]?.parameters ?? [])
    result.formUnion(Likelihoods.builtIn[likelihood]?.parameters ?? [])
    if Self.takingReadouts.contains(architecture) {
      result.insert(.readout)
      result.formUnion(Readouts.builtIn[readout]?.parameters ?? [])
    }
    if depth < 2 { result.remove(.deepTheory) }
    return result
  }

  /// What every network has.
  private static let common = Set(Network.parameters).subtracting(
    Architectures.builtIn.parameters + Activations.builtIn.parameters + FilterPriors.builtIn.parameters
      + Readouts.builtIn.parameters + NodePriors.builtIn.parameters + Likelihoods.builtIn.parameters + [
        .readout
      ])

  /// The architectures of which all positions share their filters.
  private static let takingReadouts = Set(
    Architectures.builtIn.all.filter { (try? $0($0.defaults))?.sharesOneFilter ?? false }.map(\.name))

  /// Whether a network of these components has the parameter.
  public func has(_ parameter: NetworkParameter) -> Bool { parameters.contains(parameter) }

  /// The description with defaults for what is missing, and without what this network does not have.
  public var completed: NetworkDescription {
    var result = self
    result.resolveLayers()
    // A file says which prior is meant.
    if result[.readout] == nil, result[.readoutFile] != nil { result[.readout] = .name("file") }
    if result[.filterPrior] == nil, result[.filterFile] != nil { result[.filterPrior] = .name("file") }
    for parameter in Network.parameters where result[parameter] == nil {
      result[parameter] = parameter.defaultValue
    }
    let own = result.parameters
    if !own.contains(.readout) { result[.readout] = NetworkParameter.readout.defaultValue }
    for parameter in Network.parameters where parameter != .readout && !own.contains(parameter) {
      result[parameter] = nil
    }
    if result[.stride] == nil { result[.stride] = result[.mask] }
    if result[.upperStride] == nil { result[.upperStride] = result[.upperMask] }
    return result
  }
}

extension Network {
  /// The network that a description names.
  ///
  /// - Throws: `RenormError.invalidParameter` naming the value that is missing or not accepted.
  public init(_ description: NetworkDescription) throws(RenormError) {
    let values = description.values
    let (widths, lambdas) = try description.layers()
    try self.init(
      architecture: Architectures.builtIn.named(description.architecture, values),
      activation: Activations.builtIn.named(description.activation, values),
      widths: widths, temperature: description.temperature, lambda0: description.lambda0, lambdas: lambdas,
      deepTheory: description.deepTheory(), lambdaBias: values[.lambdaBias]?.number,
      filter: FilterPriors.builtIn.named(description.filter, values),
      readout: Readouts.builtIn.named(description.readout, values),
      nodePrior: NodePriors.builtIn.named(description.nodePrior, values),
      likelihood: Likelihoods.builtIn.named(description.likelihood, values))
  }

  /// The network in plain values.
  public var description: NetworkDescription {
    var own: ParameterValues = [
      .depth: .count(depth), .widths: .list(widths.map { .width($0) }),
      .lambdas: .list(lambdas.map { .number($0) }),
      .architecture: .name(architecture.name), .activation: .name(activation.name),
      .filterPrior: .name(filter.name), .readout: .name(readout.name),
      .width: .width(width), .temperature: .number(temperature), .lambda0: .number(lambda0),
      .lambda1: .number(lambda1), .nodePrior: .name(nodePrior.name), .likelihood: .name(likelihood.name),
    ]
    if depth > 1 { own[.deepTheory] = .name(deepTheory.rawValue) }
    own[.lambdaBias] = lambdaBias.map { .number($0) }
    var result = NetworkDescription(
      own.merging(architecture.parameters).merging(activation.parameters).merging(filter.parameters)
        .merging(readout.parameters).merging(nodePrior.parameters).merging(likelihood.parameters))
    result.resolveLayers()
    return result
  }
}
