extension ResultTable {
  /// The table as CSV with headings; what is unknown, or does not apply, is empty.
  public var csv: String {
    let lines = [columns.map(Self.quoted)] + rows.map { $0.map(Self.csv) }
    return lines.map { $0.joined(separator: ",") }.joined(separator: "\n") + "\n"
  }

  private static func csv(_ cell: Cell) -> String {
    switch cell {
    case .text(let text): quoted(text)
    case .number(let number): "\(number)"
    case .count(let count): "\(count)"
    case .flag(let flag): "\(flag)"
    case .none: ""
    }
  }

  private static func quoted(_ text: String) -> String {
    guard text.contains(where: { ",\"\n\r".contains($0) }) else { return text }
    return "\"" + text.replacing("\"", with: "\"\"") + "\""
  }

  /// The table as a JSON array of objects, null where something is unknown or does not apply.
  ///
  /// - Parameter extra: further members of each row, as JSON.
  func json(extra: (Int) -> [(name: String, json: String)] = { _ in [] }) -> String {
    let objects = rows.enumerated().map { number, row in
      let members = zip(columns, row).map { ($0, Self.json($1)) } + extra(number).map { ($0.name, $0.json) }
      return "  {" + members.map { "\"\($0)\": \($1)" }.joined(separator: ", ") + "}"
    }
    return "[\n" + objects.joined(separator: ",\n") + "\n]\n"
  }

  private static func json(_ cell: Cell) -> String {
    switch cell {
    case .text(let text): quotedJSON(text)
    case .number, .count, .flag: csv(cell)
    case .none: "null"
    }
  }

  private static func quotedJSON(_ text: String) -> String {
    let escaped = text.unicodeScalars.map { scalar -> String in
      switch scalar {
      case "\"": "\\\""
      case "\\": "\\\\"
      case "\n": "\\n"
      case _ where scalar.value < 0x20: " "
      default: String(scalar)
      }
    }
    return "\"" + escaped.joined() + "\""
  }
}

extension ResultTable {
  /// The results of records as a JSON array of objects: all columns, and the whole order parameter.
  public static func json(_ records: [PointRecord]) -> String {
    ResultTable(records).json { row in
      let matrix = records[row].solved.map { solved in
        "["
          + solved.orderParameter.map { "[" + $0.map { "\($0)" }.joined(separator: ", ") + "]" }.joined(
            separator: ", ") + "]"
      }
      return [("orderParameterMatrix", matrix ?? "null")]
    }
  }

  /// The rows as JSON.
  public var json: String { json() }
}
