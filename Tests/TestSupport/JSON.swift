import Foundation

/// A JSON value that keeps the difference between true and 1.
package enum JSON: Decodable, Equatable {
  case null
  case bool(Bool)
  case number(Double)
  case text(String)
  case array([JSON])
  case object([String: JSON])

  package init(from decoder: any Decoder) throws {
    let container = try decoder.singleValueContainer()
    if container.decodeNil() {
      self = .null
    } else if let value = try? container.decode(Bool.self) {
      self = .bool(value)
    } else if let value = try? container.decode(Double.self) {
      self = .number(value)
    } else if let value = try? container.decode(String.self) {
      self = .text(value)
    } else if let value = try? container.decode([JSON].self) {
      self = .array(value)
    } else {
      self = .object(try container.decode([String: JSON].self))
    }
  }

  package init(_ text: String) throws { self = try JSONDecoder().decode(JSON.self, from: Data(text.utf8)) }

  /// The value of a key; null where there is none.
  package subscript(key: String) -> JSON { members[key] ?? .null }

  package var members: [String: JSON] { if case .object(let members) = self { members } else { [:] } }
  package var elements: [JSON] { if case .array(let elements) = self { elements } else { [] } }
  package var number: Double { if case .number(let value) = self { value } else { .nan } }
  package var isNumber: Bool { if case .number = self { true } else { false } }
  package var isInteger: Bool { isNumber && number == number.rounded() }
  package var isText: Bool { if case .text = self { true } else { false } }
  package var isBool: Bool { if case .bool = self { true } else { false } }
  /// Rows of numbers.
  package var matrix: [[Double]] { elements.map { $0.elements.map(\.number) } }
}
