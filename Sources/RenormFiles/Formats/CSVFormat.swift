/// CSV: a table of one example a row, with or without headings; also with semicolons, tabs or blanks.
enum CSVFormat: DataFormat {
  static let name = "CSV"

  static func recognize(_ content: FileContent) -> Recognition {
    guard content.looksLikeText else { return .no(hint: nil) }
    return CSVTable.beginsWithNumbers(content)
      ? .certain : .no(hint: "it is text, but there is no number in its first two rows")
  }

  static func read(_ content: FileContent, _ request: ReadingRequest) throws(DataError) -> FileArrays {
    let table = try CSVTable(content)
    var result = FileArrays(
      summaries: [.init(name: nil, type: "text", shape: [table.rows, table.columns])])
    result.header = table.header
    result.isTable = true
    let roles = try ColumnRoles(table, request, path: content.path)
    result.columns = roles
    if table.headerCounts {
      let last = table.header?.last ?? ""
      result.warnings.append(
        "the first line 0,1,...,\(last) was taken as headings, as data frames without names have them; if it "
          + "is an example, write headings above it")
    }
    if table.mayHaveNumberedHeadings {
      let (first, second) = (table.firstFields[0], table.firstFields[1])
      result.warnings.append(
        "the first line \(first),\(second),... is taken as an example, and no other has numbers "
          + "at equal distances; if it holds headings, take it away")
    }
    result.warnings += roles.remarks

    let single = roles.target ?? (roles.inputs.count == 1 ? roles.inputs[0] : nil)
    if request.targets == .none, let single { result.labels = try labels(table, single, request) }
    // A file of labels has no inputs.
    if !request.isLabels || result.labels == nil {
      result.examples.inputs = try numbers(table, roles.inputs, request)
    }
    // An empty column of targets means that there are none.
    if let target = roles.target, table.contents[target].empty < table.rows {
      result.examples.targets = try labels(table, target, request)
    }
    return result
  }

  private static func numbers(
    _ table: CSVTable, _ columns: [Int], _ request: ReadingRequest
  ) throws(DataError) -> SourceArray {
    if let text = columns.first(where: { table.contents[$0].texts > 0 && table.contents[$0].numbers == 0 }),
      table.columns > 1, case .notANumber(let path, let place, let field) = table.contents[text].problem,
      !field.hasDecimalComma
    {
      throw .malformed(
        path: path, place: place,
        reason:
          "'\(DataError.shown(field))' is not a number: the input column "
          + "'\(DataError.shown(table.name(text)))' is "
          + "text; `drop-columns` leaves it out, `target-column` makes it the target")
    }
    return SourceArray(
      array: TypedArray(
        values: try table.numbers(columns, acceptsNotFinite: request.isInspection),
        shape: [table.rows, columns.count]),
      table: (table.lines, columns))
  }

  /// One column as numbers; as names where no field is a number, or where some classes are known to have names.
  private static func labels(
    _ table: CSVTable, _ column: Int, _ request: ReadingRequest
  ) throws(DataError) -> SourceArray {
    let content = table.contents[column]
    let source = (table.lines, [column])
    if content.texts > 0, content.empty == 0, content.numbers == 0 || request.hasNamedClasses {
      return SourceArray(texts: table.texts(column), shape: [table.rows], table: source)
    }
    if content.texts > 0, content.numbers == 0, let row = table.texts(column).firstIndex(of: "") {
      throw .emptyField(path: table.path, place: .cell(row: table.lines[row], column: column + 1))
    }
    if content.texts > 0, content.numbers == content.notFinite,
      let row = table.texts(column).firstIndex(where: { Double($0) != nil })
    {
      throw .malformed(
        path: table.path, place: .cell(row: table.lines[row], column: column + 1),
        reason:
          "'\(DataError.shown(table.texts(column)[row]))' among names of classes; accepted are names in all rows, "
          + "so leave such rows out")
    }
    let values = try table.numbers([column], acceptsNotFinite: request.isInspection)
    return SourceArray(array: TypedArray(values: values, shape: [table.rows]), table: source)
  }
}
