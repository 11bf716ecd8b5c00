/// Columns of a text table that number or name its rows, as data frames write them beside the data.
///
/// Such a column is no input. Left out are: the first column where all others have a heading and it has none,
/// or where the line of headings is one short, and columns with a heading such as `id`, when all of their
/// values are different whole numbers or texts; without any headings, a first column that counts the rows from
/// 0 or 1. Tables saved again with their index have several (`Unnamed: 0.1`, `level_0`, `,,a`).
struct IndexColumns {
  private(set) var columns: [Int] = []
  private(set) var remarks: [String] = []

  private static let headings: Set<String> = [
    "id", "index", "idx", "level_0", "rownames", "row_names", "row.names", "rowname", "row", "row_id",
    "rowid",
    "sample_id", "sampleid", "uid", "uuid",
  ]

  /// Rows from which on a column of numbers in order is no chance.
  private static let fewestRows = 5

  /// Whether a heading is one of those that data frames give to an index.
  static func isIndexHeading(_ heading: String) -> Bool {
    let name = heading.lowercased()
    return headings.contains(name) || name.hasPrefix("unnamed: ") || heading.isEmpty
  }

  /// Headings that an index often has, and an input sometimes: R's `X` for row names, `PassengerId`.
  private static func mayBeIndex(_ heading: String) -> Bool {
    let name = heading.lowercased()
    return name == "x" || name.hasSuffix("id") || name.hasSuffix("number") || name == "no" || name == "nr"
  }

  /// - Parameters:
  ///   - kept: columns that a user has asked for by name.
  ///   - needed: the least number of columns that must be left.
  init(_ table: CSVTable, except kept: Set<Int> = [], leaving needed: Int = 1) {
    for column in 0..<table.columns where !kept.contains(column) && table.columns - columns.count > needed {
      if let header = table.header {
        // Index columns stand together at the beginning.
        let unnamed = header.prefix { $0.isEmpty }.count
        if column < unnamed, !header.dropFirst(unnamed).contains("") {
          takeUnnamed(table, column, of: unnamed)
        } else if Self.isIndexHeading(header[column]), !header[column].isEmpty, Self.identifies(table, column) {
          columns.append(column)
          remarks.append(
            "column '\(header[column])' \(Self.deed(table, column)) and is left out; rename it to make it an "
              + "input"
          )
        } else if column == 0, table.columns > 2 && table.rows > 2 || Self.mayBeIndex(header[0]),
          let start = Self.counts(table, 0)
        {
          remarks.append(
            "the first column '\(header[0])' counts the rows from \(start) to "
              + "\(start + table.rows - 1) and is an input; if it is an index, `drop-columns 0` leaves it out")
        }
      } else if column == 0, table.rows > 2, let start = Self.counts(table, 0) {
        let what = "the first column counts the rows from \(start) to \(start + table.rows - 1)"
        // A few numbers in order can be chance.
        if table.columns > 2, table.rows >= Self.fewestRows {
          columns.append(0)
          remarks.append("\(what) and is left out as an index; give the columns headings to make it an input")
        } else {
          remarks.append("\(what); if it is an index and no input, `drop-columns 0` leaves it out")
        }
      } else if column == 0, table.columns > 1, let range = Self.numbers(table, 0) {
        remarks.append(
          "the first column has every whole number from \(range.lowerBound) to \(range.upperBound) once and is an "
            + "input; if it is an index, `drop-columns 0` leaves it out")
      }
    }
  }

  private mutating func takeUnnamed(_ table: CSVTable, _ column: Int, of unnamed: Int) {
    let name = unnamed == 1 ? "the first column" : "column \(column)"
    if (column == 0 && table.hasRowNames) || Self.identifies(table, column) {
      columns.append(column)
      remarks.append(
        "\(name) has no heading and \(Self.deed(table, column)); it is left out as an index, give it a "
          + "heading to make it an input")
    } else {
      remarks.append(
        "\(name) has no heading and is an input; if it is none, `drop-columns \(column)` leaves it "
          + "out")
    }
  }

  /// The number from which a column counts the rows, 0 or 1; nil where it does not.
  private static func counts(_ table: CSVTable, _ column: Int) -> Int? {
    guard table.rows > 0, table.contents[column].problem == nil else { return nil }
    let start = table.values[column]
    guard start == 0 || start == 1 else { return nil }
    let isCount = (0..<table.rows).allSatisfy {
      table.values[$0 * table.columns + column] == start + Double($0)
    }
    return isCount ? Int(start) : nil
  }

  /// The whole numbers of a column that has each from the least to the largest once, as an index of shuffled or
  /// chosen rows does; nil for others.
  private static func numbers(_ table: CSVTable, _ column: Int) -> ClosedRange<Int>? {
    guard table.rows >= fewestRows, table.contents[column].numbers == table.rows,
      table.contents[column].problem == nil
    else {
      return nil
    }
    let values = table.column(column)
    guard values.allSatisfy({ $0 == $0.rounded() && abs($0) < 1e9 }), Set(values).count == values.count,
      let least = values.min(), let largest = values.max(), largest - least == Double(values.count - 1)
    else { return nil }
    return Int(least)...Int(largest)
  }

  /// Whether all values of a column are different whole numbers, or different texts.
  private static func identifies(_ table: CSVTable, _ column: Int) -> Bool {
    let content = table.contents[column]
    if content.numbers == table.rows, content.problem == nil {
      let values = table.column(column)
      return values.allSatisfy { $0 == $0.rounded() } && Set(values).count == values.count
    }
    return content.empty == 0 && content.texts > 0 && Set(table.texts(column)).count == table.rows
  }

  /// What such a column does, for a message.
  private static func deed(_ table: CSVTable, _ column: Int) -> String {
    if let start = counts(table, column) { return "counts the rows from \(start) to \(start + table.rows - 1)" }
    return table.contents[column].texts > 0 ? "names the rows" : "numbers the rows"
  }
}
