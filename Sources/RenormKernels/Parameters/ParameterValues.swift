/// The values of some parameters.
public struct ParameterValues: Hashable, Sendable, ExpressibleByDictionaryLiteral {
  private var values: [NetworkParameter: ParameterValue]

  /// Some values; of equal parameters the last.
  public init(dictionaryLiteral elements: (NetworkParameter, ParameterValue)...) {
    values = Dictionary(elements) { _, last in last }
  }

  /// The value of a parameter; nil where it has none.
  public subscript(parameter: NetworkParameter) -> ParameterValue? {
    get { values[parameter] }
    set { values[parameter] = newValue }
  }

  /// The parameters that have values, in no particular order.
  public var parameters: Dictionary<NetworkParameter, ParameterValue>.Keys { values.keys }

  /// These values with others; where both have one, the other.
  public func merging(_ others: ParameterValues) -> ParameterValues {
    var result = self
    result.values.merge(others.values) { _, other in other }
    return result
  }

  /// The value of a parameter that a component needs.
  ///
  /// - Throws: `RenormError.invalidParameter` where there is none, or one out of the domain.
  public func required(
    _ parameter: NetworkParameter, by component: String, default defaultValue: ParameterValue? = nil
  ) throws(RenormError) -> ParameterValue {
    guard let value = values[parameter] ?? defaultValue else {
      throw .invalidParameter(
        name: parameter.words, value: "missing", accepted: "\(parameter.domain.accepted) for \(component)")
    }
    guard parameter.domain.contains(value) else {
      throw .invalidParameter(name: parameter.words, value: value.text, accepted: parameter.domain.accepted)
    }
    return value
  }

  /// A real number that a component needs.
  ///
  /// - Throws: as `required`.
  public func number(_ parameter: NetworkParameter, for component: String) throws(RenormError) -> Double {
    try positive(required(parameter, by: component).number ?? .nan, parameter.words)
  }
}
