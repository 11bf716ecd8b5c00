internal import RenormFiles

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

  /// The table as a JSON list of objects, a line for each; null where something is unknown or does not apply.
  ///
  /// - Parameter extra: further members of each row.
  func json(extra: (Int) -> [(key: String, value: JSONValue)] = { _ in [] }) -> String {
    let objects = rows.enumerated().map { number, row in
      let members = zip(columns, row).map { (key: $0, value: Self.json($1)) }
      return "  " + JSONValue.object(members + extra(number)).line
    }
    return "[\n" + objects.joined(separator: ",\n") + "\n]\n"
  }

  private static func json(_ cell: Cell) -> JSONValue {
    switch cell {
    case .text(let text): .text(text)
    case .number(let number): json(number)
    case .count(let count): .number("\(count)")
    case .flag(let flag): .bool(flag)
    case .none: .null
    }
  }

  /// The number as in the table; null where it is not finite.
  fileprivate static func json(_ number: Double) -> JSONValue { number.isFinite ? .number("\(number)") : .null }
}

extension ResultTable {
  /// The results of records as a JSON list of objects: all columns, and the whole order parameter as
  /// `orderParameterMatrix`.
  package static func json(_ records: [PointRecord]) -> String {
    ResultTable(records).json { row in
      let rows = records[row].solved.map { solved in
        JSONValue.array(solved.orderParameter.map { .array($0.map { json($0) }) })
      }
      return [("orderParameterMatrix", rows ?? .null)]
    }
  }

  /// The rows as JSON.
  public var json: String { json() }
}
