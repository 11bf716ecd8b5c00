/// A JSON value on its way into a file.
package indirect enum JSONValue: Sendable {
  case null
  case bool(Bool)
  /// A number as it is written.
  case number(String)
  case text(String)
  case array([JSONValue])
  /// Members in the order in which they are written.
  case object([(key: String, value: JSONValue)])
  /// Rows of numbers, which are not held as text.
  case matrix(Matrix)

  /// A finite number; whole numbers have no decimal point.
  package static func number(_ value: Double) -> JSONValue { .number(digits(value)) }

  fileprivate static func digits(_ value: Double) -> String {
    let text = "\(value)"
    return text.hasSuffix(".0") ? String(text.dropLast(2)) : text
  }

  private var isPlain: Bool {
    switch self {
    case .array, .object, .matrix: false
    default: true
    }
  }
}

extension JSONValue {
  /// The value on lines of its own: members and lists indented by two spaces, lists of plain values on one
  /// line, so that a matrix reads as rows.
  package var indented: String {
    var text = ""
    write(to: &text, margin: "")
    return text + "\n"
  }

  /// The value on one line.
  package var line: String {
    var text = ""
    writeLine(to: &text)
    return text
  }

  private func write(to text: inout String, margin: String) {
    let inner = margin + "  "
    switch self {
    case .array(let values) where !values.allSatisfy(\.isPlain):
      text += "["
      for (index, value) in values.enumerated() {
        text += index == 0 ? "\n" : ",\n"
        text += inner
        value.write(to: &text, margin: inner)
      }
      text += "\n\(margin)]"
    case .matrix(let matrix) where matrix.rows > 0:
      text += "["
      for row in 0..<matrix.rows {
        text += row == 0 ? "\n" : ",\n"
        text += inner
        Self.write(matrix.row(row), to: &text)
      }
      text += "\n\(margin)]"
    case .object(let members):
      text += "{"
      for (index, member) in members.enumerated() {
        text += index == 0 ? "\n" : ",\n"
        text += inner
        Self.write(member.key, to: &text)
        text += " : "
        member.value.write(to: &text, margin: inner)
      }
      text += "\n\(margin)}"
    default: writeLine(to: &text)
    }
  }

  private func writeLine(to text: inout String) {
    switch self {
    case .null: text += "null"
    case .bool(let flag): text += flag ? "true" : "false"
    case .number(let digits): text += digits
    case .text(let content): Self.write(content, to: &text)
    case .array(let values):
      text += "["
      for (index, value) in values.enumerated() {
        if index > 0 { text += ", " }
        value.writeLine(to: &text)
      }
      text += "]"
    case .matrix(let matrix):
      JSONValue.array((0..<matrix.rows).map { .array(matrix.row($0).map { .number($0) }) }).writeLine(to: &text)
    case .object(let members):
      text += "{"
      for (index, member) in members.enumerated() {
        if index > 0 { text += ", " }
        Self.write(member.key, to: &text)
        text += ": "
        member.value.writeLine(to: &text)
      }
      text += "}"
    }
  }

  private static func write(_ row: [Double], to text: inout String) {
    text += "["
    for (index, value) in row.enumerated() {
      if index > 0 { text += ", " }
      // Zeros of either sign are 0.
      text += digits(value + 0)
    }
    text += "]"
  }

  private static func write(_ content: String, to text: inout String) {
    text += "\""
    for scalar in content.unicodeScalars {
      switch scalar {
      case "\"": text += "\\\""
      case "\\": text += "\\\\"
      case "\n": text += "\\n"
      case "\r": text += "\\r"
      case "\t": text += "\\t"
      case "\u{8}": text += "\\b"
      case "\u{c}": text += "\\f"
      case _ where scalar.value < 0x20:
        let digits = String(scalar.value, radix: 16)
        text += "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
      default: text.unicodeScalars.append(scalar)
      }
    }
    text += "\""
  }
}
