/// CSV: a table of numbers, one example a row, with or without headings; also with tabs or semicolons.
enum CSVFormat: DataFormat {
  static let name = "CSV"

  static func recognize(_ content: FileContent) -> Recognition {
    guard content.looksLikeText else { return .no(hint: nil) }
    return CSVTable.beginsWithNumbers(content)
      ? .certain : .no(hint: "it is text, but there is no number in its first two rows")
  }

  static func read(_ content: FileContent, _ request: ReadingRequest) throws(DataError) -> FileArrays {
    let table = try CSVTable(content, acceptsNotFinite: request.isInspection)
    let all = source(table, columns: Array(0..<table.columns), isVector: table.columns == 1)
    var result = FileArrays(
      summaries: [.init(name: nil, type: "text", shape: [table.rows, table.columns])])
    result.header = table.header
    result.isTable = true
    if table.beginsWithCount {
      result.warnings = [
        "the first row 0,1,...,\(table.columns - 1) was read as an example; if it is a heading, "
          + "name its columns"
      ]
    }
    result.labels = table.columns == 1 ? all : nil

    let target: Int?
    switch request.targets {
    case .none: target = nil
    case .columnUnlessCount(_, table.columns): target = nil
    case .column(let column), .columnUnlessCount(let column, _):
      target = try targetColumn(column, of: table, path: content.path)
    }
    let inputs = (0..<table.columns).filter { $0 != target }
    result.examples.inputs = source(table, columns: inputs, isVector: false)
    result.examples.targets = target.map { source(table, columns: [$0], isVector: true) }
    return result
  }

  private static func source(_ table: CSVTable, columns: [Int], isVector: Bool) -> SourceArray {
    let width = table.columns
    var values: [Double] = []
    if columns.count == width {
      values = table.values
    } else {
      values.reserveCapacity(table.rows * columns.count)
      for row in 0..<table.rows {
        for column in columns { values.append(table.values[row * width + column]) }
      }
    }
    return SourceArray(
      array: TypedArray(values: values, shape: isVector ? [table.rows] : [table.rows, columns.count]),
      table: (table.firstRow, columns))
  }

  /// The column of the targets: by heading, else by index from 0, or from the end with -1 the last.
  private static func targetColumn(
    _ wanted: String?, of table: CSVTable, path: String
  ) throws(DataError) -> Int {
    guard let wanted else { return table.columns - 1 }
    let named = table.header?.indices.filter { table.header?[$0] == wanted } ?? []
    if named.count > 1 {
      throw .malformed(
        path: path, place: .row(1), reason: "\(named.count) columns are called '\(DataError.shown(wanted))'")
    }
    if let column = named.first { return column }
    if let index = Int(wanted) {
      let column = index < 0 ? index + table.columns : index
      if column >= 0 && column < table.columns { return column }
    }
    let columns = table.header ?? (0..<table.columns).map(String.init)
    throw .unknownColumn(path: path, column: wanted, columns: columns)
  }
}
