import Testing

@testable import RenormFiles

@Suite struct NPZFormatTests {
  @Test(arguments: [Fixtures.storedNPZ, Fixtures.deflatedNPZ]) func writtenByNumPy(file: [UInt8]) throws {
    let arrays = try readArrays(file)
    #expect(arrays.examples.inputs?.array.shape == [6, 2, 2])
    #expect(arrays.examples.inputs?.array.values() == (0..<24).map(Double.init))
    #expect(arrays.examples.targets?.array.integers() == [3, 8, 3, 8, 5, 3])
    #expect(arrays.heldOut?.inputs?.array.values() == (100..<108).map(Double.init))
    #expect(arrays.heldOut?.targets?.array.integers() == [8, 3])
    #expect(arrays.summaries.map(\.name) == ["x_train", "y_train", "x_test", "y_test"])
    #expect(!arrays.labelsAreClasses)
  }

  @Test func gzippedArchive() throws {
    #expect(try readArrays(gzip(Fixtures.storedNPZ)).examples.targets?.array.integers()?.count == 6)
  }

  @Test(arguments: [("x", "y"), ("X", "Y"), ("X_train", "Y_train")]) func names(x: String, y: String) throws {
    var writer = NPZWriter()
    writer.add("other", [9.0], shape: [1])
    writer.add(y, [1, 2], shape: [2])
    writer.add(x, [0.5, 0.25], shape: [2, 1])
    let arrays = try readArrays(writer.encoded())
    #expect(arrays.examples.inputs?.array.values() == [0.5, 0.25])
    #expect(arrays.examples.targets?.array.values() == [1, 2])
    #expect(arrays.heldOut == nil)
  }

  @Test func unsupportedArraysMatterOnlyWhenUsed() throws {
    // Turns the element type of the second array into a complex one of the same size.
    var writer = NPZWriter()
    writer.add("x", [0.5], shape: [1, 1])
    writer.add("note", bytes: [65], shape: [1])
    var file = writer.encoded()
    let at = try #require(file.firstRange(of: Array("|u1".utf8))).lowerBound
    file.replaceSubrange(at..<at + 3, with: Array("|S1".utf8))
    let name = Array("note.npy".utf8)
    let content = try #require(file.firstRange(of: name)).upperBound
    let checksum = CRC32.of(file[content..<content + 129])
    for range in file.ranges(of: name) {
      // The checksum lies 16 bytes into the local header and 30 before the name in the directory.
      let isLocal = range.upperBound == content
      let field = range.lowerBound - (isLocal ? 16 : 30)
      file.replaceSubrange(field..<field + 4, with: bytes([checksum]))
    }
    #expect(try readArrays(file).examples.inputs?.array.values() == [0.5])
    let archive = try NPZArchive(FileContent(path: "file", rawBytes: file))
    expectError(
      "file: array note: element type '|S1' is not supported; "
        + "accepted are bool, integers of 1 to 8 bytes, f2, f4 and f8"
    ) { try archive.array("note") }
    let seen = try readArrays(file, ReadingRequest(isInspection: true))
    #expect(seen.summaries.map(\.type) == ["<f8", "|S1"])
  }
}
