import Testing

@testable import RenormFiles

/// Columns that number the rows are no inputs, and tables without headings of their own.
@Suite struct IndexColumnTests {
  private static let values = [0.5, -1.25, 2, 0.25, -0.75, 1.5]

  private func table(_ heading: String?, separator: String = ",", first: (Int) -> String) -> String {
    (heading.map { $0 + "\n" } ?? "")
      + Self.values.enumerated().map { row, value in
        [first(row), "\(value)", "\(2 * value)"].joined(separator: separator) + "\n"
      }.joined()
  }

  private func check(_ text: String, sourceLocation: SourceLocation = #_sourceLocation) throws {
    let arrays = try readArrays(text)
    #expect(arrays.examples.inputs?.array.values() == Self.values, sourceLocation: sourceLocation)
    #expect(
      arrays.examples.targets?.array.values() == Self.values.map { 2 * $0 }, sourceLocation: sourceLocation)
    #expect(
      arrays.warnings.count == 1 && arrays.warnings[0].contains("left out"), sourceLocation: sourceLocation)
  }

  @Test(arguments: [",a,y", "\"\",\"a\",\"y\"", "Unnamed: 0,a,y", "index,a,y", "id,a,y"])
  func countedFromZero(heading: String) throws { try check(table(heading) { "\($0)" }) }

  @Test func otherIndices() throws {
    try check(table(nil) { "\($0 + 1)" })
    try check(table(nil) { "\($0)" })
    try check(table(",a,y") { "\(($0 * 5) % 6 + 100)" })
    try check(table("id,a,y") { "\(842302 + 7 * $0)" })
    try check(table("\"a\" \"y\"", separator: " ") { "\"\($0 + 1)\"" })
    try check(table("a\ty", separator: "\t") { "row \($0)" })
  }

  /// A data frame that was written with its index, read, and written again.
  @Test(arguments: [",,a,y", "Unnamed: 0.1,Unnamed: 0,a,y", "level_0,index,a,y"])
  func savedTwice(headings: String) throws {
    let arrays = try readArrays(table(headings) { "\($0),\($0)" })
    #expect(arrays.examples.inputs?.array.values() == Self.values)
    #expect(arrays.warnings.count == 2 && arrays.warnings.allSatisfy { $0.contains("left out") })
  }

  /// Two levels of an index, and names that may be an index: inputs, but not silently.
  @Test func perhapsIndices() throws {
    let levels = try readArrays(table(",,a,y") { "\($0 / 2),\($0 % 2)" })
    #expect(levels.examples.inputs?.array.shape == [6, 3])
    #expect(levels.warnings.count == 2 && levels.warnings.allSatisfy { $0.hasPrefix("column ") })
    for name in ["X", "PassengerId"] {
      let arrays = try readArrays(table("\(name),a,y") { "\($0 + 1)" })
      #expect(arrays.examples.inputs?.array.shape == [6, 2])
      #expect(arrays.warnings.first?.hasPrefix("the first column '\(name)' counts") == true)
    }
  }

  @Test func inputsThatAreNoIndex() throws {
    // A named column that counts, and one without a heading that repeats.
    let counting = try readArrays(table("t,a,y") { "\($0)" })
    #expect(counting.examples.inputs?.array.shape == [6, 2])
    #expect(counting.warnings.first?.hasPrefix("the first column 't' counts the rows from 0 to 5") == true)
    let repeated = try readArrays(table(",a,y") { "\($0 / 2)" })
    #expect(repeated.examples.inputs?.array.shape == [6, 2])
    #expect(repeated.warnings.first?.contains("has no heading and is an input") == true)
    // The only input.
    let pairs = try readArrays((0..<6).map { "\($0),\($0 * $0)\n" }.joined())
    #expect(pairs.examples.inputs?.array.shape == [6, 1] && pairs.warnings.first?.contains("index") == true)
  }

  /// A part of a table, or one in another order, without headings: inputs, for all that is known, but not
  /// silently.
  @Test func indicesOfChosenRows() throws {
    for index in [{ $0 + 7 }, { 5 - $0 }, { ($0 * 5) % 6 }] as [(Int) -> Int] {
      let arrays = try readArrays(table(nil) { "\(index($0))" })
      #expect(arrays.examples.inputs?.array.shape == [6, 2])
      #expect(
        arrays.warnings.first?.hasPrefix("the first column has every whole number from ") == true)
    }
    #expect(try readArrays(table(nil) { "\(3 * $0)" }).warnings.isEmpty)
    let numbered = try readArrays(table("1,2,3") { "\($0).5" })
    #expect(numbered.examples.inputs?.array.shape == [7, 2])
    #expect(
      numbered.warnings.first?.hasPrefix("the first line 1,2,... is taken as an example") == true)
  }

  /// A separator at the end of every row, with or without one after the headings, is no column.
  @Test(arguments: ["t,a,y,", "t,a,y"]) func separatorsAtTheEnd(heading: String) throws {
    let rows = Self.values.map { "1.5,\($0),\(2 * $0),\n" }.joined()
    let arrays = try readArrays(heading + "\n" + rows)
    #expect(arrays.examples.inputs?.array.values() == Self.values.flatMap { [1.5, $0] })
    #expect(arrays.examples.targets?.array.values() == Self.values.map { 2 * $0 } && arrays.warnings.isEmpty)
    // An empty column with a heading is one of targets that are not known.
    #expect(try readArrays("t,a,b,y\n" + rows).examples.targets == nil)
  }

  @Test(arguments: ["\n", "\r\n\n", "\u{FEFF}\n"]) func blankLinesAboveTheHeadings(blank: String) throws {
    let arrays = try readArrays(blank + "a,y\n1,2\n3,4\n")
    #expect(arrays.header == ["a", "y"] && arrays.examples.targets?.array.values() == [2, 4])
  }

  @Test func blankLineBelowTheHeadings() {
    expectError("file: row 2: blank line between rows") { try readArrays("a,y\n\n1,2\n3,4\n") }
  }

  @Test func identifiersAreNoTargets() throws {
    let text = "a,y,id\n0.5,1.5,101\n0.25,2.5,102\n0.125,3.5,104\n"
    #expect(try readArrays(text).examples.targets?.array.values() == [1.5, 2.5, 3.5])
  }

  @Test(arguments: ["0,1,2\n", ",0,1,2\n"]) func numberedHeadings(line: String) throws {
    let prefix = line.hasPrefix(",") ? ["0,", "1,"] : ["", ""]
    let arrays = try readArrays(line + "\(prefix[0])0.5,1,2\n\(prefix[1])0.25,3,4\n")
    #expect(arrays.examples.inputs?.array.values() == [0.5, 1, 0.25, 3])
    #expect(arrays.examples.targets?.array.values() == [2, 4] && arrays.warnings.count == 1)
  }

  @Test func droppedColumns() throws {
    let text = "a,note,b,y\n1,x,2,3\n4,x,5,6\n"
    expectError(
      "file: row 2, column 2: 'x' is not a number: the input column 'note' is text; `drop-columns` leaves "
        + "it out, "
        + "`target-column` makes it the target"
    ) { try readArrays(text) }
    for dropped in ["note", "1", "-3"] {
      let arrays = try readArrays(text, ReadingRequest(droppedColumns: [dropped]))
      #expect(arrays.examples.inputs?.array.values() == [1, 2, 4, 5])
    }
    expectError("file: no column 'z'; it has 4 columns: a, note, b, y") {
      try readArrays(text, ReadingRequest(droppedColumns: ["z"]))
    }
  }

  @Test(arguments: [
    " 1.0  2.0\t3.0\n  4.0 5.0   6.0 \n", "# by savetxt\n1 2 3\n4 5 6\n", "# a b y\n1 2 3\n4 5 6\n",
    "a;b;y\r\n1;2;3\r\n# note\r\n4;5;6\r\n", "\u{FEFF}\"a\"\t\"b\"\t\"y\"\n1\t2\t3\n4\t5\t6\n",
    "#a,b,y\n1,2,3\n4,5,6\n",
  ])
  func dialects(text: String) throws {
    let arrays = try readArrays(text)
    #expect(arrays.examples.inputs?.array.values() == [1, 2, 4, 5])
    #expect(arrays.examples.targets?.array.values() == [3, 6])
    #expect(arrays.header == nil || arrays.header == ["a", "b", "y"])
    #expect((arrays.header == nil) == !text.contains("y\n") && !text.contains("y\"") || arrays.header != nil)
  }

  @Test(arguments: [
    "a;y\n1,5;2,5\n", "1,5 2,5 3,5\n4,5 5,5 6,5\n", "a,y\n\"1,5\",\"2,5\"\n\"3,5\",\"4,5\"\n",
    "1,5\t2\n2,5\t3\n",
  ])
  func decimalCommas(text: String) throws {
    let row = text.hasPrefix("a") ? 2 : 1
    expectError(
      "file: row \(row), column 1: '1,5' has a comma; accepted are numbers with a decimal point, and no commas between thousands"
    ) { try readArrays(text) }
  }
}
