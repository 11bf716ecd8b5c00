extension KeyedEncodingContainer {
  /// Writes a value in its plain form; nothing for a parameter that has none, and at infinite width.
  package mutating func encode(_ value: ParameterValue?, forKey key: Key) throws {
    switch value {
    case .name(let name): try encode(name, forKey: key)
    case .number(let number): try encode(number, forKey: key)
    case .count(let count): try encode(count, forKey: key)
    case .extent(let extent): try encode(extent, forKey: key)
    case .width(.finite(let units)): try encode(units, forKey: key)
    case .padding(let padding): try encode(padding, forKey: key)
    case .matrix(let matrix): try encode(matrix, forKey: key)
    case .width(.infinite), nil: break
    }
  }
}

extension KeyedDecodingContainer {
  /// The value of a kind that `encode` has written. Whether it lies in the domain is not checked.
  package func decode(_ domain: ParameterDomain, forKey key: Key) throws -> ParameterValue {
    switch domain {
    case .names: .name(try decode(String.self, forKey: key))
    case .positive: .number(try decode(Double.self, forKey: key))
    case .extent: .extent(try decode(Extent.self, forKey: key))
    case .width: .width(.finite(try decode(Int.self, forKey: key)))
    case .padding: .padding(try decode(Padding.self, forKey: key))
    case .matrix: .matrix(try decode(MatrixValue.self, forKey: key))
    }
  }
}
