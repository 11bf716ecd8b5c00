/// A text table with headings whose fields need not be numbers, such as `renorm` writes.
package struct TextTable: Sendable {
  /// The file, for messages.
  package let path: String
  /// The headings.
  package let header: [String]
  /// The fields of every row, without the spaces around them.
  package private(set) var rows: [[String]] = []
  /// The line of every row, from 1.
  package private(set) var lines: [Int] = []

  /// Reads a whole file, gzipped or not.
  ///
  /// - Throws: `DataError` for a file that cannot be read or is not text, rows of unequal lengths, blank lines
  ///   before the end, and broken quotes.
  package init(path: String) throws(DataError) {
    let content = try FileContent(path: path)
    guard content.looksLikeText else {
      throw .malformed(path: path, place: nil, reason: "not a text table (CSV)")
    }
    self.path = path
    if content.bytes.first(where: { $0 > 0x20 }) == UInt8(ascii: "{") {
      throw .malformed(path: path, place: nil, reason: "it is JSON, such as a report; a CSV table is wanted")
    }
    (header, rows, lines) = try content.bytes.withUnsafeBufferPointer { (bytes) throws(DataError) in
      var scanner = CSVScanner(bytes)
      let header = try Self.fields(&scanner, path: path)
      var rows: [[String]] = []
      var lines: [Int] = []
      while !scanner.isAtEnd {
        let line = scanner.line
        if scanner.isAtBlankLine {
          guard scanner.isAtBlankEnd else {
            throw .malformed(path: path, place: .row(line), reason: "blank line between rows")
          }
          break
        }
        let row = try Self.fields(&scanner, path: path)
        guard row.count == header.count else {
          throw .raggedRow(path: path, row: line, fields: row.count, expected: header.count)
        }
        rows.append(row)
        lines.append(line)
      }
      return (header, rows, lines)
    }
  }

  /// The index of a column.
  ///
  /// - Throws: `DataError.unknownColumn`, or `.malformed` where several columns have the name.
  package func column(_ name: String) throws(DataError) -> Int {
    let found = header.indices.filter { header[$0] == name }
    guard let column = found.first else { throw .unknownColumn(path: path, column: name, columns: header) }
    guard found.count == 1 else {
      throw .malformed(
        path: path, place: .row(1), reason: "\(found.count) columns are called '\(DataError.shown(name))'")
    }
    return column
  }

  /// The number in a field, nil where the field is empty.
  ///
  /// - Throws: `DataError.malformed` with line and column where it is not a finite number.
  package func number(row: Int, column: Int) throws(DataError) -> Double? {
    var text = rows[row][column]
    switch text.withUTF8({ DecimalNumber.parse($0) }) {
    case .finite(let value): return value
    case .empty: return nil
    case .notFinite, .notANumber:
      throw .malformed(
        path: path, place: .cell(row: lines[row], column: column + 1),
        reason: "'\(DataError.shown(text))' in the column '\(header[column])' is not a finite number")
    }
  }

  /// The number in a field that must not be empty.
  ///
  /// - Throws: as `number(row:column:)`, and `DataError.malformed` for an empty field.
  package func requiredNumber(row: Int, column: Int) throws(DataError) -> Double {
    if let value = try number(row: row, column: column) { return value }
    throw .malformed(
      path: path, place: .cell(row: lines[row], column: column + 1),
      reason: "the column '\(header[column])' is empty, expected a number")
  }

  private static func fields(_ scanner: inout CSVScanner, path: String) throws(DataError) -> [String] {
    let line = scanner.line
    var fields: [String] = []
    while true {
      let field = scanner.next()
      fields.append(CSVTable.text(field.text))
      if field.quoteProblem {
        throw .malformed(
          path: path, place: .cell(row: line, column: fields.count),
          reason: "a quoted field must end with '\"' before the next field")
      }
      if field.endsLine { return fields }
    }
  }
}
