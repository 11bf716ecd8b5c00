import Testing

@testable import RenormFiles

@Suite struct CSVFormatTests {
  private func inputs(_ text: String, _ targets: ReadingRequest.Targets = .column(nil)) throws -> [Double]? {
    try readArrays(text, ReadingRequest(targets: targets)).examples.inputs?.array.values()
  }

  private func targets(_ text: String, _ column: String?) throws -> [Double]? {
    try readArrays(text, ReadingRequest(targets: .column(column))).examples.targets?.array.values()
  }

  @Test(arguments: [
    "1,2,3\n4,5,6\n", "1,2,3\n4,5,6", "1,2,3\r\n4,5,6\r\n", "1,2,3\r4,5,6\r", "1\t2\t3\n4\t5\t6\n",
    "1;2;3\n4;5;6\n", "1, 2 ,3\n 4,5,6\n\n", "1,2,3\n4,5,6\n\r\n\n", "\u{FEFF}1,2,3\n4,5,6\n",
    "\"1\",2,\"3\"\n4,\"5\",6\n", "a,b,c\n1,2,3\n4,5,6\n",
    "\"a, long\",\"b \"\"q\"\"\",\"c\nd\"\n1,2,3\n4,5,6\n",
    "label,1x1,1x2\n1,2,3\n4,5,6\n",
  ])
  func shapesOfTheSameTable(text: String) throws {
    #expect(try inputs(text) == [1, 2, 4, 5])
    #expect(try targets(text, nil) == [3, 6])
    #expect(try inputs(text, .none) == [1, 2, 3, 4, 5, 6])
  }

  @Test func numberedHeadings() throws {
    let arrays = try readArrays("0,1,2,label\n5,6,7,8\n")
    #expect(arrays.header == ["0", "1", "2", "label"])
    #expect(arrays.examples.inputs?.array.values() == [5, 6, 7])
    #expect(try readArrays("label,1,2,3\n5,6,7,8\n").header != nil)
  }

  @Test func targetColumns() throws {
    let text = "a,b,c\n1,2,3\n4,5,6\n"
    #expect(try targets(text, "a") == [1, 4])
    #expect(try targets(text, "1") == [2, 5])
    #expect(try targets(text, "-1") == [3, 6])
    #expect(try targets(text, "-3") == [1, 4])
    #expect(try inputs(text, .column("b")) == [1, 3, 4, 6])
    expectError("file: no column 'd'; it has 3 columns: a, b, c") { try targets(text, "d") }
    expectError("file: no column '3'; it has 3 columns: a, b, c") { try targets(text, "3") }
    expectError("file: no column '-4'; it has 3 columns: 0, 1, 2") { try targets("1,2,3\n", "-4") }
    expectError("file: row 1: 2 columns are called 'a'") { try targets("a,a\n1,2\n", "a") }
  }

  @Test func oneColumn() throws {
    let arrays = try readArrays("label\n3\n8\n", ReadingRequest(targets: .none))
    #expect(arrays.labels?.array.shape == [2])
    #expect(arrays.labels?.array.integers() == [3, 8])
    #expect(try readArrays("1,2\n").labels == nil)
  }

  @Test func errorsNameRowAndColumn() {
    expectError("file: row 17, column 3: 'abc' is not a number") {
      try inputs(String(repeating: "1,2,3\n", count: 16) + "1,2,abc\n")
    }
    expectError("file: row 3, column 2: 'x y' is not a number") { try inputs("a,b\n1,2\n3, x y \n") }
    expectError("file: row 1, column 1: 'abc' is not a number") { try inputs("abc,2,3\n1,2,3\n") }
    expectError("file: row 2, column 1: empty field, expected a number") { try inputs("1,2\n,3\n") }
    expectError("file: row 2, column 2: empty field, expected a number") { try inputs("1,2\n3,") }
    expectError("file: row 1, column 2: 'nan' is not a finite number") { try inputs("1,nan\n3,4\n") }
    expectError("file: row 2, column 1: '-inf' is not a finite number") { try inputs("1,2\n-inf,4\n") }
    expectError("file: row 3: 3 fields, expected 2 as in the first row") { try inputs("1,2\n3,4\n5,6,7\n") }
    expectError("file: row 2: 1 field, expected 2 as in the first row") { try inputs("1,2\n3\n") }
    expectError("file: row 2: blank line between rows") { try inputs("1,2\n\n3,4\n") }
    expectError("file: row 2, column 1: a quoted field must end with '\"' before the next field") {
      try inputs("1,2\n\"3,4\n")
    }
    expectError("file: row 2, column 1: a quoted field must end with '\"' before the next field") {
      try inputs("1,2\n\"3\"x,4\n")
    }
    expectError("file: row 2, column 1: 'a b cccccccccccccccccccccccccccccccccccc...' is not a number") {
      try inputs("1,2\na\u{85}b " + String(repeating: "c", count: 100) + ",2\n")
    }
  }

  @Test func rowsAreLinesEvenAfterQuotedNewlines() {
    expectError("file: row 3, column 1: 'x' is not a number") { try inputs("\"a\nb\",c\nx,1\n2,3\n") }
  }

  @Test func proseIsNotATable() {
    expectError(
      "file: unknown format; accepted are NPZ, NPY, IDX, CIFAR-10 binary, CSV, each also gzipped "
        + "(it is text, but there is no number in its first two rows)"
    ) { try readArrays("Dear reader,\nthis is prose.\n") }
  }

  @Test(arguments: 0..<20) func randomTables(seed: Int) throws {
    var generator = Seeded(seed)
    let rows = Int.random(in: 1...20, using: &generator)
    let columns = Int.random(in: 2...8, using: &generator)
    let values = (0..<rows * columns).map { _ in Double.random(in: -100...100, using: &generator) }
    let separator = [",", ";", "\t"].randomElement(using: &generator) ?? ","
    let ending = ["\n", "\r\n"].randomElement(using: &generator) ?? "\n"
    let text = (0..<rows).map { row in
      values[row * columns..<(row + 1) * columns].map { "\($0)" }.joined(separator: separator) + ending
    }.joined()
    #expect(try inputs(text, .none) == values)
    let target = Int.random(in: 0..<columns, using: &generator)
    #expect(
      try targets(text, "\(target - columns)") == (0..<rows).map { values[$0 * columns + target] })
  }
}
