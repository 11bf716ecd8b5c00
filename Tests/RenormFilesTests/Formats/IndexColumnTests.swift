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
    #expect(arrays.examples.targets?.array.values() == Self.values.map { 2 * $0 }, sourceLocation: sourceLocation)
    #expect(arrays.warnings.count == 1 && arrays.warnings[0].contains("left out"), sourceLocation: sourceLocation)
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

  @Test func inputsThatAreNoIndex() throws {
    // A named column that counts, and one without a heading that repeats.
    #expect(try readArrays(table("t,a,y") { "\($0)" }).warnings.isEmpty)
    let repeated = try readArrays(table(",a,y") { "\($0 / 2)" })
    #expect(repeated.examples.inputs?.array.shape == [6, 2])
    #expect(repeated.warnings.first?.hasPrefix("WARNING") == true)
    // The only input.
    let pairs = try readArrays((0..<6).map { "\($0),\($0 * $0)\n" }.joined())
    #expect(pairs.examples.inputs?.array.shape == [6, 1] && pairs.warnings.first?.contains("index") == true)
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
      "file: row 2, column 2: 'x' is not a number: the input column 'note' is text; `drop-columns` leaves it out, "
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
    "a;b;y\r\n1;2;3\r\n# note\r\n4;5;6\r\n", "\u{FEFF}\"a\"\t\"b\"\t\"y\"\n1\t2\t3\n4\t5\t6\n", "#a,b,y\n1,2,3\n4,5,6\n",
  ])
  func dialects(text: String) throws {
    let arrays = try readArrays(text)
    #expect(arrays.examples.inputs?.array.values() == [1, 2, 4, 5])
    #expect(arrays.examples.targets?.array.values() == [3, 6])
    #expect(arrays.header == nil || arrays.header == ["a", "b", "y"])
    #expect((arrays.header == nil) == !text.contains("y\n") && !text.contains("y\"") || arrays.header != nil)
  }

  @Test(arguments: ["a;y\n1,5;2,5\n", "1,5 2,5 3,5\n4,5 5,5 6,5\n", "a,y\n\"1,5\",\"2,5\"\n\"3,5\",\"4,5\"\n", "1,5\t2\n2,5\t3\n"])
  func decimalCommas(text: String) throws {
    let row = text.hasPrefix("a") ? 2 : 1
    expectError(
      "file: row \(row), column 1: '1,5' has a decimal comma; accepted are numbers with a decimal point"
    ) { try readArrays(text) }
  }
}
