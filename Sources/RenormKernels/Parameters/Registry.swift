/// The components of one kind that can be chosen by name: one line for each.
public struct Registry<Component: Sendable>: Sendable {
  /// A component: its name, the parameters it has, and how it is made of their values.
  public struct Entry: Sendable {
    /// The name on the command line and in files.
    public let name: String
    /// The parameters that it has, and no other.
    public let parameters: [NetworkParameter]
    private let make: @Sendable (ParameterValues) throws(RenormError) -> Component

    /// A component with parameters.
    public init(
      _ name: String, _ parameters: [NetworkParameter] = [],
      make: @escaping @Sendable (ParameterValues) throws(RenormError) -> Component
    ) {
      self.name = name
      self.parameters = parameters
      self.make = make
    }

    /// The component with the given values; those of other parameters are ignored.
    ///
    /// - Throws: `RenormError.invalidParameter` for a value that is missing or out of its domain.
    public func callAsFunction(_ values: ParameterValues = [:]) throws(RenormError) -> Component {
      try make(values)
    }

    /// The values of its parameters where none are given; parameters without a default have none.
    public var defaults: ParameterValues {
      var values: ParameterValues = [:]
      for parameter in parameters { values[parameter] = parameter.defaultValue }
      return values
    }
  }

  /// The parameter whose values are the names: `activation`.
  public let kind: String
  /// Every component, in the order of lists.
  public let all: [Entry]

  /// The parameters of all components, each once, in order.
  public let parameters: [NetworkParameter]

  /// A registry.
  public init(_ kind: String, _ all: [Entry]) {
    (self.kind, self.all) = (kind, all)
    var seen: Set<NetworkParameter> = []
    parameters = all.flatMap(\.parameters).filter { seen.insert($0).inserted }
  }

  /// The names, in order.
  public var names: [String] { all.map(\.name) }

  /// The entry of a name; nil for an unknown one.
  public subscript(name: String) -> Entry? { all.first { $0.name == name } }

  /// The component of the given name.
  ///
  /// - Throws: `RenormError.invalidParameter` listing the names, and as the entry.
  public func named(_ name: String, _ values: ParameterValues = [:]) throws(RenormError) -> Component {
    guard let entry = self[name] else {
      throw .invalidParameter(name: kind, value: "'\(name)'", accepted: names.joined(separator: ", "))
    }
    return try entry(values)
  }
}
