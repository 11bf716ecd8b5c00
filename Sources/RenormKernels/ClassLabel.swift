/// The label of a class: an integer or a name.
///
/// Text that is written as an integer is one, so that `8` means the same in a table, in an array and in an
/// option. JSON has integers as numbers and names as strings.
public enum ClassLabel: Hashable, Sendable {
  case integer(Int)
  case name(String)

  /// The label that a text means; spaces around it do not belong to it.
  public init(text: String) {
    let trimmed = text.trimmingSpaces
    if let integer = Int(trimmed), "\(integer)" == trimmed {
      self = .integer(integer)
    } else {
      self = .name(trimmed)
    }
  }

  /// Whether the label is a name.
  public var isName: Bool { if case .name = self { true } else { false } }
}

extension ClassLabel: CustomStringConvertible {
  public var description: String {
    switch self {
    case .integer(let value): "\(value)"
    case .name(let name): name
    }
  }
}

extension ClassLabel: Comparable {
  /// Integers by value before names by their characters.
  public static func < (left: ClassLabel, right: ClassLabel) -> Bool {
    switch (left, right) {
    case (.integer(let a), .integer(let b)): a < b
    case (.name(let a), .name(let b)): a < b
    case (.integer, .name): true
    case (.name, .integer): false
    }
  }
}

extension ClassLabel: ExpressibleByIntegerLiteral, ExpressibleByStringLiteral {
  public init(integerLiteral value: Int) { self = .integer(value) }
  public init(stringLiteral value: String) { self.init(text: value) }
}

extension ClassLabel: Codable {
  /// Decodes an integer or a string.
  ///
  /// - Throws: `DecodingError` for anything else.
  public init(from decoder: any Decoder) throws {
    let container = try decoder.singleValueContainer()
    if let integer = try? container.decode(Int.self) {
      self = .integer(integer)
    } else {
      self = .name(try container.decode(String.self))
    }
  }

  public func encode(to encoder: any Encoder) throws {
    var container = encoder.singleValueContainer()
    switch self {
    case .integer(let value): try container.encode(value)
    case .name(let name): try container.encode(name)
    }
  }
}

extension String {
  /// The text without blanks, tabs and ends of lines around it.
  package var trimmingSpaces: String {
    let kept = drop(while: \.isWhitespace)
    guard let last = kept.lastIndex(where: { !$0.isWhitespace }) else { return "" }
    return String(kept[...last])
  }
}
