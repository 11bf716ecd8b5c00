extension KeyedEncodingContainer {
  /// Writes a value in its plain form; nothing for a parameter that has none, and at infinite width.
  package mutating func encode(_ value: ParameterValue?, forKey key: Key) throws {
    switch value {
    case .width(.infinite), nil: break
    case .list(let values): try encode(values.map(PlainValue.init), forKey: key)
    case .some(let value): try encode(PlainValue(value), forKey: key)
    }
  }
}

extension KeyedDecodingContainer {
  /// The value of a kind that `encode` has written. Whether it lies in the domain is not checked.
  package func decode(_ domain: ParameterDomain, forKey key: Key) throws -> ParameterValue {
    switch domain {
    case .names: return .name(try decode(String.self, forKey: key))
    case .positive: return .number(try decode(Double.self, forKey: key))
    case .extent: return .extent(try decode(Extent.self, forKey: key))
    case .padding: return .padding(try decode(Padding.self, forKey: key))
    case .matrix: return .matrix(try decode(MatrixValue.self, forKey: key))
    case .width: return .width(.finite(try decode(Int.self, forKey: key)))
    case .count: return .count(try decode(Int.self, forKey: key))
    case .list(let domain):
      var elements = try nestedUnkeyedContainer(forKey: key)
      var values: [ParameterValue] = []
      while !elements.isAtEnd { values.append(try elements.decode(domain)) }
      return .list(values)
    }
  }
}

extension UnkeyedDecodingContainer {
  /// An element of a list; layers of infinite width are the word for it.
  fileprivate mutating func decode(_ domain: ParameterDomain) throws -> ParameterValue {
    if case .positive = domain { return .number(try decode(Double.self)) }
    if case .width = domain, let units = try? decode(Int.self) { return .width(.finite(units)) }
    let text = try decode(String.self)
    guard let value = domain.value(text) else {
      throw DecodingError.dataCorruptedError(
        in: self, debugDescription: "'\(text)' is none of \(domain.accepted)")
    }
    return value
  }
}

/// A single value as reports and models write it.
private struct PlainValue: Encodable {
  private let value: ParameterValue

  init(_ value: ParameterValue) { self.value = value }

  func encode(to encoder: any Encoder) throws {
    var container = encoder.singleValueContainer()
    switch value {
    case .number(let number): try container.encode(number)
    case .count(let count): try container.encode(count)
    case .extent(let extent): try container.encode(extent)
    case .padding(let padding): try container.encode(padding)
    case .matrix(let matrix): try container.encode(matrix)
    case .width(.finite(let units)): try container.encode(units)
    case .name, .width(.infinite), .list: try container.encode(value.text)
    }
  }
}
