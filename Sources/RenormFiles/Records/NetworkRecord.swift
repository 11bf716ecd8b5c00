public import Renorm

/// The keys that say what a network is and how many examples it was trained on. They are keys of every report
/// itself.
///
/// A report of this program has all of `keys`. Of a report of another program, or of an older version, only
/// `architecture` must be there; a key that is missing is nil.
@dynamicMemberLookup
public struct NetworkRecord: Codable, Equatable, Sendable {
  /// The keys of the first reports; `record.width` is `record.keys.width`.
  public let keys: NetworkKeys
  /// Parameters of the table (`Network.parameters`) that came later, where they differ from their default. Each
  /// has the key of its column.
  public let parameters: ParameterValues

  /// The network of a fit.
  package init(_ posterior: Posterior) {
    self.init(posterior.network.description, posterior.grid, posterior.training)
  }

  /// A network and the examples that it is trained on.
  ///
  /// - Throws: `RenormError` where its patches do not fit the images.
  package init(_ network: Network, _ training: Dataset) throws(RenormError) {
    self.init(network.description, try network.architecture.grid(on: training.shape), training)
  }

  private init(_ network: NetworkDescription, _ grid: PatchGrid, _ training: Dataset) {
    keys = NetworkKeys(network, grid, training)
    parameters = Self.laterParameters(network)
  }

  /// The values of later parameters that differ from their default.
  private static func laterParameters(_ network: NetworkDescription) -> ParameterValues {
    var parameters = ParameterValues()
    for parameter in later {
      guard let value = network[parameter], value != parameter.defaultValue else { continue }
      // Models hold the matrix.
      parameters[parameter] = value.matrix.map { .matrix($0.withoutMatrix) } ?? value
    }
    return parameters
  }

  /// Whether a network differs in some later parameter from what a reader of the first version takes it for.
  static func hasLaterParameters(_ network: NetworkDescription) -> Bool {
    !laterParameters(network).parameters.isEmpty
  }

  public subscript<Value>(dynamicMember key: KeyPath<NetworkKeys, Value>) -> Value { keys[keyPath: key] }

  /// The value of a parameter of the table, nil where the report does not say; of one that came later than the
  /// first reports, the default where a report of this program is silent.
  package func value(_ parameter: NetworkParameter) -> ParameterValue? {
    if let own = NetworkKeys.values[parameter] { return own(keys) }
    return parameters[parameter] ?? (keys.reportVersion == nil ? nil : parameter.defaultValue)
  }

  /// The parameters that are none of `NetworkKeys`, in the order of the table.
  package static let later = Network.parameters.filter { NetworkKeys.values[$0] == nil }

  public init(from decoder: any Decoder) throws {
    keys = try NetworkKeys(from: decoder)
    let container = try decoder.container(keyedBy: ParameterKey.self)
    var parameters = ParameterValues()
    for parameter in Self.later {
      let key = ParameterKey(parameter)
      guard container.contains(key), try !container.decodeNil(forKey: key) else { continue }
      parameters[parameter] = try container.decode(parameter.domain, forKey: key)
    }
    self.parameters = parameters
  }

  public func encode(to encoder: any Encoder) throws {
    try keys.encode(to: encoder)
    var container = encoder.container(keyedBy: ParameterKey.self)
    for parameter in Self.later {
      try container.encode(parameters[parameter], forKey: ParameterKey(parameter))
    }
  }
}

/// The keys of a network that all reports of this program have.
public struct NetworkKeys: Codable, Equatable, Sendable {
  /// `RecordFormat.version` of the writer.
  @Nullable public var reportVersion: Int?
  /// The version of the program that wrote the report.
  @Nullable public var version: String?
  /// `fc`, `lcn` or `cnn`.
  public let architecture: String
  /// Name of the activation.
  @Nullable public var activation: String?
  /// N, hidden units or channels; null at infinite width.
  @Nullable public var width: Int?
  /// Whether N was taken to infinity at fixed P.
  @Nullable public var infiniteWidth: Bool?
  /// T, the variance of the noise on every target.
  @Nullable public var temperature: Double?
  /// Prior precision of the hidden weights.
  @Nullable public var lambda0: Double?
  /// Prior precision of the readout weights.
  @Nullable public var lambda1: Double?
  /// Name of the readout's prior over positions.
  @Nullable public var readout: String?
  /// Length scale of that prior in units of the grid; null where it has none.
  @Nullable public var lengthScale: Double?
  /// Height and width of a patch in pixels; null for fc.
  @Nullable public var mask: [Int]?
  /// Distance of patches in pixels, down and across; null for fc.
  @Nullable public var stride: [Int]?
  /// n, the number of patches; 1 for fc.
  @Nullable public var positions: Int?
  /// Patches down and across: n is their product, and position i is in row i / grid[1].
  @Nullable public var grid: [Int]?
  /// Rows of pixels at the bottom that no patch covers.
  @Nullable public var droppedRows: Int?
  /// Columns of pixels on the right that no patch covers.
  @Nullable public var droppedColumns: Int?
  /// P, the number of training examples.
  @Nullable public var trainCount: Int?
  /// D, the number of outputs.
  @Nullable public var outputs: Int?
  /// The load P/N; 0 at infinite width.
  @Nullable public var alpha: Double?

  /// The values of the parameters that these keys hold.
  fileprivate static let values: [NetworkParameter: @Sendable (NetworkKeys) -> ParameterValue?] = [
    .architecture: { .name($0.architecture) },
    .activation: { $0.activation.map { .name($0) } },
    .mask: { extent($0.mask) },
    .stride: { extent($0.stride) },
    .readout: { $0.readout.map { .name($0) } },
    .lengthScale: { $0.lengthScale.map { .number($0) } },
    .width: { $0.width.map { .width(.finite($0)) } },
    .temperature: { $0.temperature.map { .number($0) } },
    .lambda0: { $0.lambda0.map { .number($0) } },
    .lambda1: { $0.lambda1.map { .number($0) } },
  ]

  private static func extent(_ sides: [Int]?) -> ParameterValue? {
    guard let sides, sides.count == 2 else { return nil }
    return .extent(Extent(height: sides[0], width: sides[1]))
  }

  fileprivate init(_ network: NetworkDescription, _ grid: PatchGrid, _ training: Dataset) {
    _reportVersion = Nullable(RecordFormat.version)
    _version = Nullable(RenormVersion.current)
    architecture = network.architecture
    _activation = Nullable(network.activation)
    _width = Nullable(network.width.units)
    _infiniteWidth = Nullable(network.width == .infinite)
    _temperature = Nullable(network.temperature)
    _lambda0 = Nullable(network.lambda0)
    _lambda1 = Nullable(network.lambda1)
    _readout = Nullable(network.readout)
    _lengthScale = Nullable(network[.lengthScale]?.number)
    _mask = Nullable(network.window.map { [$0.mask.height, $0.mask.width] })
    _stride = Nullable(network.window.map { [$0.stride.height, $0.stride.width] })
    _positions = Nullable(grid.positions)
    _grid = Nullable([grid.rows, grid.columns])
    _droppedRows = Nullable(grid.droppedRows)
    _droppedColumns = Nullable(grid.droppedColumns)
    _trainCount = Nullable(training.count)
    _outputs = Nullable(training.outputs)
    _alpha = Nullable(network.width.load(examples: training.count))
  }
}
