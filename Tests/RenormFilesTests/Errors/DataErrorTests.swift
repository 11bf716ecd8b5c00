import Testing

@testable import RenormFiles

@Suite struct DataErrorTests {
  @Test func kinds() {
    #expect(DataError.contradiction("").kind == .usage)
    #expect(DataError.invalidOption(name: "", value: "", accepted: "").kind == .usage)
    #expect(DataError.missingLabels(path: "").kind == .usage)
    #expect(DataError.unreadable(path: "", reason: "").kind == .missingInput)
    #expect(DataError.readingFailed(path: "", reason: "").kind == .inputOutput)
    #expect(DataError.emptyFile(path: "").kind == .badData)
  }

  @Test func filesThatCannotBeOpened() {
    #expect(
      DataError.unreadable(path: "a.npy", reason: "Permission denied").description
        == "a.npy: cannot be opened (Permission denied)")
    #expect(
      DataError.readingFailed(path: "a.npy", reason: "Input/output error").description
        == "a.npy: reading failed (Input/output error)")
  }

  @Test func longListsAreCut() {
    let error = DataError.absentClass(path: "f", label: 99, present: (0..<20).map { .integer($0) })
    #expect(
      error.description
        == "f: no example of class 99; classes present: 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, ...")
  }

  @Test func controlCharactersStayOutOfMessages() {
    #expect(DataError.shown("a\nb\u{1B}c") == "a b c")
    #expect(DataError.shown(String(repeating: "é", count: 41)) == String(repeating: "é", count: 40) + "...")
  }
}
