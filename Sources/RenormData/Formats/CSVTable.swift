/// The numbers of a text table.
struct CSVTable {
  /// Headings, when the first line holds them.
  private(set) var header: [String]?
  private(set) var columns = 0
  /// The line of the first row of numbers, from 1.
  private(set) var firstRow = 1
  /// All numbers, row by row.
  private(set) var values: [Double] = []

  var rows: Int { columns == 0 ? 0 : values.count / columns }

  /// Whether the first row is 0, 1, 2, ..., as data frames write columns without names.
  var beginsWithCount: Bool {
    header == nil && columns >= 3 && values.prefix(columns).elementsEqual((0..<columns).map(Double.init))
  }

  /// Reads the whole table.
  ///
  /// - Throws: `DataError` with row and column for text, empty fields, rows of different lengths, blank
  ///   lines before the end, and, unless `acceptsNotFinite`, for NaN and infinities.
  init(_ content: FileContent, acceptsNotFinite: Bool = false) throws(DataError) {
    try content.bytes.withUnsafeBufferPointer { (bytes) throws(DataError) in
      var scanner = CSVScanner(bytes)
      let first = try Self.row(&scanner, path: content.path)
      columns = first.count
      if Self.isHeader(first) {
        header = first.map { Self.text($0) }
        firstRow = scanner.line
      } else {
        for (column, field) in first.enumerated() {
          let place = DataPlace.cell(row: 1, column: column + 1)
          values.append(
            try Self.number(field, path: content.path, acceptsNotFinite: acceptsNotFinite, at: place))
        }
      }
      while !scanner.isAtEnd {
        if scanner.isAtBlankLine && scanner.isAtBlankEnd { break }
        try appendRow(&scanner, path: content.path, acceptsNotFinite: acceptsNotFinite)
      }
    }
  }

  /// Whether the first or second row has a number, as a table has with or without headings.
  static func beginsWithNumbers(_ content: FileContent) -> Bool {
    content.bytes.withUnsafeBufferPointer { bytes in
      var scanner = CSVScanner(bytes)
      var rows = 0
      while rows < 2 && !scanner.isAtEnd {
        let field = scanner.next()
        switch DecimalNumber.parse(field.text) {
        case .finite, .notFinite: return true
        case .empty, .notANumber: rows += field.endsLine ? 1 : 0
        }
      }
      return false
    }
  }

  private mutating func appendRow(
    _ scanner: inout CSVScanner, path: String, acceptsNotFinite: Bool
  ) throws(DataError) {
    let line = scanner.line
    if scanner.isAtBlankLine {
      throw .malformed(path: path, place: .row(line), reason: "blank line between rows")
    }
    var column = 0
    var isLast = false
    while !isLast {
      let field = scanner.next()
      isLast = field.endsLine
      let place = DataPlace.cell(row: line, column: column + 1)
      if field.quoteProblem { throw Self.quoteError(path, place) }
      try Self.checkLength(field, path: path, at: place)
      column += 1
      if column <= columns {
        values.append(
          try Self.number(field.text, path: path, acceptsNotFinite: acceptsNotFinite, at: place))
      }
    }
    guard column == columns else {
      throw .raggedRow(path: path, row: line, fields: column, expected: columns)
    }
  }

  /// The fields of the next line.
  private static func row(
    _ scanner: inout CSVScanner, path: String
  ) throws(DataError) -> [UnsafeBufferPointer<UInt8>] {
    var fields: [UnsafeBufferPointer<UInt8>] = []
    while true {
      let field = scanner.next()
      fields.append(field.text)
      let place = DataPlace.cell(row: 1, column: fields.count)
      if field.quoteProblem { throw quoteError(path, place) }
      try checkLength(field, path: path, at: place)
      if field.endsLine { return fields }
    }
  }

  private static func quoteError(_ path: String, _ place: DataPlace) -> DataError {
    .malformed(path: path, place: place, reason: "a quoted field must end with '\"' before the next field")
  }

  private static func checkLength(
    _ field: CSVScanner.Field, path: String, at place: DataPlace
  ) throws(DataError) {
    guard field.text.count > DecimalNumber.longest else { return }
    throw .malformed(
      path: path, place: place,
      reason: "a field of \(field.text.count) bytes; accepted are at most \(DecimalNumber.longest)")
  }

  private static func number(
    _ field: UnsafeBufferPointer<UInt8>, path: String, acceptsNotFinite: Bool, at place: DataPlace
  ) throws(DataError) -> Double {
    switch DecimalNumber.parse(field) {
    case .finite(let value): return value
    case .notFinite(let value) where acceptsNotFinite: return value
    case .notFinite: throw .notFinite(path: path, place: place, text: text(field))
    case .empty: throw .emptyField(path: path, place: place)
    case .notANumber: throw .notANumber(path: path, place: place, text: text(field))
    }
  }

  /// Whether a first line holds headings: text only, or text and the numbers 0, 1, 2, ... or 1, 2, 3, ...
  /// with which data frames name their columns. Any other mixture is a line of data with a mistake in it.
  private static func isHeader(_ fields: [UnsafeBufferPointer<UInt8>]) -> Bool {
    let parsed = fields.map { DecimalNumber.parse($0) }
    guard parsed.contains(.notANumber) else { return false }
    let numbers = parsed.filter { $0 != .notANumber && $0 != .empty }
    guard let first = numbers.first else { return true }
    guard numbers.count >= 3, first == .finite(0) || first == .finite(1) else { return false }
    let start = first == .finite(0) ? 0 : 1
    return numbers.enumerated().allSatisfy { $1 == .finite(Double(start + $0)) }
  }

  /// A field as text, without the spaces around it and with its quotes written once.
  static func text(_ field: UnsafeBufferPointer<UInt8>) -> String {
    func isSpace(_ byte: UInt8) -> Bool { byte == UInt8(ascii: " ") || byte == UInt8(ascii: "\t") }
    var range = field.indices
    while let first = range.first, isSpace(field[first]) { range.removeFirst() }
    while let last = range.last, isSpace(field[last]) { range.removeLast() }
    let text = String(decoding: UnsafeBufferPointer(rebasing: field[range]), as: UTF8.self)
    guard field.contains(UInt8(ascii: "\"")) else { return text }
    return text.split(separator: "\"\"", omittingEmptySubsequences: false).joined(separator: "\"")
  }
}
