/// Written as an object of the columns of its parameters. Some things are older than the table: mask and stride
/// stand together in `window`, `width` is missing at infinite width, and the parameters of the first version
/// are always written; later ones only where they differ from their default, so that what is older stays as it
/// was.
extension NetworkDescription: Codable {
  private static let window = ParameterKey(stringValue: "window")

  private static let required: [NetworkParameter] = [
    .architecture, .activation, .readout, .temperature, .lambda0, .lambda1,
  ]

  private static let byColumn = Dictionary(Network.parameters.map { ($0.column, $0) }) { first, _ in first }

  public func encode(to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: ParameterKey.self)
    try container.encodeIfPresent(window, forKey: Self.window)
    for parameter in Network.parameters where parameter != .mask && parameter != .stride {
      if !Self.required.contains(parameter), self[parameter] == parameter.defaultValue { continue }
      try container.encode(self[parameter], forKey: ParameterKey(parameter))
    }
  }

  /// - Throws: `DecodingError` for a key that is no parameter of this version, as ignoring it would change the
  ///   network.
  public init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: ParameterKey.self)
    var values: ParameterValues = [.width: .width(.infinite)]
    for key in container.allKeys {
      if key.stringValue == Self.window.stringValue {
        let window = try container.decode(Window.self, forKey: key)
        (values[.mask], values[.stride]) = (.extent(window.mask), .extent(window.stride))
        continue
      }
      guard let parameter = Self.byColumn[key.stringValue] else {
        throw DecodingError.dataCorruptedError(
          forKey: key, in: container,
          debugDescription: "'\(key.stringValue)' is no parameter of a network in this version")
      }
      values[parameter] = try container.decode(parameter.domain, forKey: key)
    }
    for parameter in Self.required where values[parameter] == nil {
      let key = ParameterKey(parameter)
      throw DecodingError.keyNotFound(
        key, .init(codingPath: container.codingPath, debugDescription: "'\(key.stringValue)' is missing"))
    }
    self.init(values)
    let own = parameters
    for parameter in Network.parameters
    where parameter != .mask && own.contains(parameter) && self[parameter] == nil {
      self[parameter] = parameter.defaultValue
    }
  }
}
