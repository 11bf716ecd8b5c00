/// Writes every report: as indented JSON, keys in order, matrices directly.
///
/// Foundation's encoder makes an object of every number, which takes seconds for the order parameter of a
/// thousand positions, and puts each of them on a line.
package enum RecordEncoder {
  /// The text of a record.
  ///
  /// - Throws: `EncodingError.invalidValue` with the path of a number that is not finite.
  package static func json(_ record: some Encodable) throws -> String { try value(record).indented }

  /// The record as a value.
  ///
  /// - Throws: as `json`.
  package static func value(_ record: some Encodable, at path: [any CodingKey] = []) throws -> JSONValue {
    switch record {
    case let flag as Bool: return .bool(flag)
    case let text as String: return .text(text)
    case let number as Double: return .number(try finite(number, path))
    case let number as Float: return .number(try finite(Double(number), path))
    case let number as any BinaryInteger: return .number("\(number)")
    case let numbers as [Double]: return .array(try numbers.map { .number(try finite($0, path)) })
    case let rows as MatrixRows:
      for element in rows.matrix.elements { _ = try finite(element, path) }
      return .matrix(rows.matrix)
    default:
      let node = Node()
      try record.encode(to: NodeEncoder(node: node, codingPath: path))
      return node.value
    }
  }

  private static func finite(_ number: Double, _ path: [any CodingKey]) throws -> Double {
    if number.isFinite { return number }
    throw EncodingError.invalidValue(
      number, .init(codingPath: path, debugDescription: "the number is not finite"))
  }
}

/// The place of a value that is being encoded: parts of a record may write to one object in turn.
private final class Node {
  private(set) var members: [String: Node]?
  private(set) var elements: [Node]?
  /// What it is if neither an object nor a list.
  var plain = JSONValue.null

  func becomeObject() { members = members ?? [:] }
  func becomeList() { elements = elements ?? [] }

  /// The node of a key, which is made where there is none.
  func member(_ key: String) -> Node {
    if let member = members?[key] { return member }
    let member = Node()
    members?[key] = member
    return member
  }

  /// A new node at the end.
  func element() -> Node {
    let element = Node()
    elements?.append(element)
    return element
  }

  var value: JSONValue {
    if let members { return .object(members.sorted { $0.key < $1.key }.map { ($0.key, $0.value.value) }) }
    return elements.map { .array($0.map(\.value)) } ?? plain
  }

  func encode(_ value: some Encodable, _ path: [any CodingKey]) throws {
    plain = try RecordEncoder.value(value, at: path)
  }
}

private struct NodeEncoder: Encoder {
  let node: Node
  let codingPath: [any CodingKey]
  var userInfo: [CodingUserInfoKey: Any] { [:] }

  func container<Key: CodingKey>(keyedBy type: Key.Type) -> KeyedEncodingContainer<Key> {
    node.becomeObject()
    return KeyedEncodingContainer(Keyed<Key>(node: node, codingPath: codingPath))
  }

  func unkeyedContainer() -> any UnkeyedEncodingContainer {
    node.becomeList()
    return Unkeyed(node: node, codingPath: codingPath)
  }

  func singleValueContainer() -> any SingleValueEncodingContainer { Single(node: node, codingPath: codingPath) }
}

private struct Keyed<Key: CodingKey>: KeyedEncodingContainerProtocol {
  let node: Node
  let codingPath: [any CodingKey]

  private func encoder(_ key: any CodingKey) -> NodeEncoder {
    NodeEncoder(node: node.member(key.stringValue), codingPath: codingPath + [key])
  }

  func encodeNil(forKey key: Key) { node.member(key.stringValue).plain = .null }

  func encode<Value: Encodable>(_ value: Value, forKey key: Key) throws {
    try node.member(key.stringValue).encode(value, codingPath + [key])
  }

  func nestedContainer<Nested: CodingKey>(
    keyedBy type: Nested.Type, forKey key: Key
  ) -> KeyedEncodingContainer<Nested> {
    encoder(key).container(keyedBy: type)
  }

  func nestedUnkeyedContainer(forKey key: Key) -> any UnkeyedEncodingContainer {
    encoder(key).unkeyedContainer()
  }

  func superEncoder() -> any Encoder { NodeEncoder(node: node.member("super"), codingPath: codingPath) }
  func superEncoder(forKey key: Key) -> any Encoder { encoder(key) }
}

private struct Unkeyed: UnkeyedEncodingContainer {
  let node: Node
  let codingPath: [any CodingKey]
  var count: Int { node.elements?.count ?? 0 }

  private var next: NodeEncoder {
    NodeEncoder(node: node.element(), codingPath: codingPath + [RecordIndex(count - 1)])
  }

  func encodeNil() { node.element().plain = .null }

  func encode<Value: Encodable>(_ value: Value) throws {
    let next = next
    try next.node.encode(value, next.codingPath)
  }

  func nestedContainer<Nested: CodingKey>(keyedBy type: Nested.Type) -> KeyedEncodingContainer<Nested> {
    next.container(keyedBy: type)
  }

  func nestedUnkeyedContainer() -> any UnkeyedEncodingContainer { next.unkeyedContainer() }
  func superEncoder() -> any Encoder { next }
}

private struct Single: SingleValueEncodingContainer {
  let node: Node
  let codingPath: [any CodingKey]

  func encodeNil() { node.plain = .null }
  func encode<Value: Encodable>(_ value: Value) throws { try node.encode(value, codingPath) }
}

/// The place of an element in a list, from 0.
private struct RecordIndex: CodingKey {
  let intValue: Int?
  var stringValue: String { "\(intValue ?? 0)" }

  init(_ index: Int) { intValue = index }
  init?(intValue: Int) { self.intValue = intValue }
  init?(stringValue: String) { return nil }
}
