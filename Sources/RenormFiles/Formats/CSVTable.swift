internal import Foundation
internal import LinearAlgebra

/// The fields of a text table: numbers, and where a field is none.
///
/// A column may be text as long as nobody asks for its numbers.
struct CSVTable {
  /// Headings, when the first line holds them, or the comment above it.
  private(set) var header: [String]?
  private(set) var columns = 0
  /// The line of every row, from 1.
  private(set) var lines: [Int] = []
  /// All numbers, row by row; NaN where a field is not a finite number.
  private(set) var values: [Double] = []
  /// What is known about the fields of each column.
  private(set) var contents: [Content] = []
  /// Whether the first line, 0,1,2,..., was taken as headings.
  private(set) var headerCounts = false
  /// Whether the rows have one field more than the line of headings, which is the first: a name of the row.
  private(set) var hasRowNames = false

  private let file: FileContent

  /// The fields of one column.
  struct Content {
    /// Infinities and NaN among them.
    var numbers = 0
    var notFinite = 0
    var empty = 0
    var texts = 0
    /// The first field that is not a finite number.
    var problem: DataError?
  }

  /// Headings beyond are no table, and would take more memory than their file by a hundred times.
  static let largestColumnCount = 1 << 20

  var rows: Int { lines.count }
  /// Whether a separator ends every row, after which there is a column without a heading and without content.
  var hasEmptyEnd: Bool {
    guard let header, columns > 2, header.last == "" else { return false }
    return contents[columns - 1].empty == rows
  }
  /// Whether the first line, 1,2,3,... or 0.0,0.1,0.2,..., was taken as a row although no other has numbers at
  /// equal distances, nor whole numbers alone where the first has.
  var mayHaveNumberedHeadings: Bool {
    guard header == nil, rows > 4, columns > 2 else { return false }
    // Three numbers are often at equal distances.
    let counts = values.prefix(columns).elementsEqual((1...columns).map(Double.init))
    guard counts || columns > 3 && hasEqualSteps(0) else { return false }
    let isWhole = isWhole(0)
    return (1..<rows).allSatisfy { !hasEqualSteps($0) && !(isWhole && self.isWhole($0)) }
  }

  private func isWhole(_ row: Int) -> Bool {
    values[row * columns..<(row + 1) * columns].allSatisfy { $0 == $0.rounded() }
  }

  /// Whether the numbers of a row grow by equal steps, as numbers of columns do; or as the numbers 0, 0.1, ...,
  /// 0.9, 0.10, 0.11, ... with which pandas tells equal headings apart.
  private func hasEqualSteps(_ row: Int) -> Bool {
    let values = values[row * columns..<(row + 1) * columns]
    guard let first = values.first, let last = values.last, last != first else { return false }
    let step = (last - first) / Double(columns - 1)
    let unit = 1e-9 * max(abs(first), abs(last))
    if step > 0, values.enumerated().allSatisfy({ abs(first + Double($0) * step - $1) <= unit }) { return true }
    guard first == first.rounded() else { return false }
    return values.enumerated().allSatisfy { k, value in
      k == 0 || abs(value - first - Double(k) / pow(10, Double("\(k)".count))) <= unit
    }
  }
  var path: String { file.path }

  /// Reads the whole table.
  ///
  /// - Throws: `DataError` with row and column for rows of different lengths, blank lines before the end and
  ///   broken quotes. What is not a number throws when the numbers of its column are asked for.
  init(_ content: FileContent) throws(DataError) {
    file = content
    try content.bytes.withUnsafeBufferPointer { (bytes) throws(DataError) in
      var scanner = CSVScanner(bytes)
      let comment = scanner.skipComments()
      let firstLine = scanner.line
      let first = try Self.row(&scanner, path: content.path)
      scanner.skipComments()
      let second = Self.peek(scanner)
      let kind = HeaderKind(first, second)
      // A separator at the end of every row but the headings makes an empty column, no name of the row.
      let endsEmpty = kind == .oneFewer && second.last?.isEmpty == true
      hasRowNames = kind == .oneFewer && !endsEmpty
      headerCounts = kind == .counting && !first[0].isEmpty
      columns = first.count + (kind == .oneFewer ? 1 : 0)
      contents = [Content](repeating: Content(), count: columns)
      if kind == .none {
        lines.append(firstLine)
        for (column, field) in first.enumerated() { append(field, row: firstLine, column: column) }
        header = comment.flatMap { Self.headings(in: $0, scanner.dialect, columns: columns) }
      } else {
        header = (hasRowNames ? [""] : []) + first.map { Self.text($0) } + (endsEmpty ? [""] : [])
        if header?.first?.hasPrefix("\u{FEFF}") == true { header?[0].removeFirst() }
      }
      while !scanner.isAtEnd {
        scanner.skipComments()
        if scanner.isAtEnd || scanner.isAtBlankLine && scanner.isAtBlankEnd { break }
        try appendRow(&scanner)
      }
      if columns == 1, kind == .headings { takeBackHeading(first[0], line: firstLine) }
    }
  }

  /// Makes the heading of a single column of text the first row where it occurs among the others: a list of
  /// labels has no heading then.
  private mutating func takeBackHeading(_ field: UnsafeBufferPointer<UInt8>, line: Int) {
    guard rows > 0, contents[0].texts == rows, let heading = header?.first, texts(0).contains(heading) else {
      return
    }
    let rest = (lines, contents[0].texts)
    (lines, values, contents, header) = ([line], [], [Content()], nil)
    append(field, row: line, column: 0)
    lines += rest.0
    values += [Double](repeating: .nan, count: rest.1)
    contents[0].texts += rest.1
  }

  /// Whether the first or second row has a number, as a table has with or without headings.
  static func beginsWithNumbers(_ content: FileContent) -> Bool {
    content.bytes.withUnsafeBufferPointer { bytes in
      var scanner = CSVScanner(bytes)
      var rows = 0
      scanner.skipComments()
      while rows < 2 && !scanner.isAtEnd {
        let field = scanner.next()
        switch DecimalNumber.parse(field.text) {
        case .finite, .notFinite: return true
        case .notANumber where DecimalNumber.hasDecimalComma(field.text): return true
        case .empty, .notANumber: rows += field.endsLine ? 1 : 0
        }
        // A blank line is for the reader to refuse.
        while scanner.isAtBlankLine { _ = scanner.next() }
        if field.endsLine { scanner.skipComments() }
      }
      return false
    }
  }

  /// Rows between two looks at the memory.
  private static let rowsBetweenChecks = 1 << 16

  /// Refuses a table that would not fit when its arrays grow to twice their size.
  private func checkMemory() throws(DataError) {
    guard lines.count % Self.rowsBetweenChecks == 0, !lines.isEmpty else { return }
    let needed = 2 * MemoryLayout<Double>.stride * (values.count + lines.count)
    guard let available = MemoryBudget.shortage(of: needed) else { return }
    throw .tooLarge(
      path: file.path, item: "a table of more than \(lines.count) rows", bytes: needed, available: available)
  }

  private mutating func appendRow(_ scanner: inout CSVScanner) throws(DataError) {
    let line = scanner.line
    if scanner.isAtBlankLine {
      throw .malformed(path: file.path, place: .row(line), reason: "blank line between rows")
    }
    try checkMemory()
    lines.append(line)
    var column = 0
    var isLast = false
    while !isLast {
      let field = scanner.next()
      isLast = field.endsLine
      let place = DataPlace.cell(row: line, column: column + 1)
      if field.quoteProblem { throw Self.quoteError(file.path, place) }
      try Self.checkLength(field, path: file.path, at: place)
      column += 1
      if column <= columns { append(field.text, row: line, column: column - 1) }
    }
    guard column == columns else {
      throw .raggedRow(path: file.path, row: line, fields: column, expected: columns)
    }
  }

  /// The fields of the next line.
  private static func row(
    _ scanner: inout CSVScanner, path: String
  ) throws(DataError) -> [UnsafeBufferPointer<UInt8>] {
    let line = scanner.line
    var fields: [UnsafeBufferPointer<UInt8>] = []
    while true {
      let field = scanner.next()
      fields.append(field.text)
      let place = DataPlace.cell(row: line, column: fields.count)
      guard fields.count <= largestColumnCount else {
        throw .malformed(
          path: path, place: .row(line),
          reason: "more than \(largestColumnCount) columns, which are accepted at most")
      }
      if field.quoteProblem { throw quoteError(path, place) }
      try checkLength(field, path: path, at: place)
      if field.endsLine { return fields }
    }
  }

  /// The fields of the line that a scanner is at; none at the end.
  private static func peek(_ scanner: CSVScanner) -> [UnsafeBufferPointer<UInt8>] {
    var scanner = scanner
    return scanner.isAtEnd || scanner.isAtBlankLine ? [] : (try? row(&scanner, path: "")) ?? []
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

  private mutating func append(_ field: UnsafeBufferPointer<UInt8>, row: Int, column: Int) {
    func note(_ problem: (DataPlace) -> DataError) {
      guard contents[column].problem == nil else { return }
      contents[column].problem = problem(.cell(row: row, column: column + 1))
    }
    switch DecimalNumber.parse(field) {
    case .finite(let value):
      values.append(value)
      contents[column].numbers += 1
    case .notFinite(let value):
      values.append(value)
      contents[column].numbers += 1
      contents[column].notFinite += 1
      note { .notFinite(path: file.path, place: $0, text: Self.text(field)) }
    case .empty:
      values.append(.nan)
      contents[column].empty += 1
      note { .emptyField(path: file.path, place: $0) }
    case .notANumber:
      values.append(.nan)
      contents[column].texts += 1
      note { .notANumber(path: file.path, place: $0, text: Self.text(field)) }
    }
  }

  /// The headings that a comment above the first row holds, where it has as many fields as the rows.
  private static func headings(
    in comment: UnsafeBufferPointer<UInt8>, _ dialect: TextDialect, columns: Int
  ) -> [String]? {
    var scanner = CSVScanner(comment, dialect: TextDialect(separator: dialect.separator, hasComments: false))
    guard columns > 1, let fields = try? row(&scanner, path: ""), fields.count == columns, scanner.isAtEnd,
      fields.allSatisfy({ DecimalNumber.parse($0) == .notANumber })
    else { return nil }
    return fields.map { text($0) }
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

extension CSVTable {
  /// The numbers of some columns, row by row.
  ///
  /// - Throws: `DataError` for the first field that is not a number, unless `acceptsNotFinite` also for
  ///   infinities and NaN.
  func numbers(_ chosen: [Int], acceptsNotFinite: Bool = false) throws(DataError) -> [Double] {
    let problems = chosen.compactMap { contents[$0].problem }.filter { problem in
      if acceptsNotFinite, case .notFinite = problem { false } else { true }
    }
    if let first = problems.min(by: { $0.row < $1.row }) { throw first }
    if chosen.elementsEqual(0..<columns) { return values }
    var result: [Double] = []
    result.reserveCapacity(rows * chosen.count)
    for row in 0..<rows {
      for column in chosen { result.append(values[row * columns + column]) }
    }
    return result
  }

  /// The first two fields of the first line, as text.
  var firstFields: [String] {
    file.bytes.withUnsafeBufferPointer { bytes in
      var scanner = CSVScanner(bytes)
      scanner.skipComments()
      return (0..<2).map { _ in Self.text(scanner.next().text) }
    }
  }

  /// The fields of a column as text.
  func texts(_ column: Int) -> [String] {
    file.bytes.withUnsafeBufferPointer { bytes in
      var scanner = CSVScanner(bytes)
      var result: [String] = []
      result.reserveCapacity(rows)
      scanner.skipComments()
      while result.count < rows && !scanner.isAtEnd {
        let isRow = scanner.line == lines[result.count]
        var index = 0
        while true {
          let field = scanner.next()
          if isRow && index == column { result.append(Self.text(field.text)) }
          index += 1
          if field.endsLine { break }
        }
        scanner.skipComments()
      }
      return result
    }
  }

  /// A column without the rest.
  func column(_ column: Int) -> [Double] { (0..<rows).map { values[$0 * columns + column] } }

  /// How messages call a column: its heading, else its number from 0.
  func name(_ column: Int) -> String {
    guard let heading = header?[column] else { return "\(column)" }
    return heading.isEmpty ? "\(column)" : heading
  }
}

extension DataError {
  /// The line of a text file that the error is about; 0 where there is none.
  fileprivate var row: Int {
    switch self {
    case .notANumber(_, .cell(let row, _), _), .notFinite(_, .cell(let row, _), _),
      .emptyField(_, .cell(let row, _)):
      row
    default: 0
    }
  }
}
