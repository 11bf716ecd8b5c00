import Testing

@testable import RenormFiles

@Suite struct FileContentTests {
  @Test func plainBytes() throws {
    let scratch = try Scratch()
    let content = try FileContent(path: try scratch.file("a.txt", "123456789"))
    #expect(content.bytes == Array("123456789".utf8))
    #expect(!content.isGzipped)
    #expect(CRC32.text(content.crc32) == "cbf43926")  // the check value of CRC-32
  }

  @Test func largerThanOnePiece() throws {
    let scratch = try Scratch()
    let bytes = [UInt8]((0..<200_000).map { UInt8(truncatingIfNeeded: $0) })
    #expect(try FileContent(path: try scratch.file("a.bin", bytes)).bytes == bytes)
  }

  @Test func noFile() throws {
    let scratch = try Scratch()
    expectError("none.npy: no such file", .missingInput) { try FileContent(path: scratch.path("none.npy")) }
    let file = try scratch.file("a.txt", "1")
    expectError("b.txt: no such file", .missingInput) { try FileContent(path: file + "/b.txt") }
    #expect(throws: DataError.isDirectory(path: scratch.directory)) {
      try FileContent(path: scratch.directory)
    }
    #expect(DataError.isDirectory(path: "d").description == "d: is a directory, not a file")
    #expect(DataError.isDirectory(path: "d").kind == .missingInput)
  }

  @Test func emptyFile() throws {
    let scratch = try Scratch()
    let file = try scratch.file("empty.csv", "")
    expectError("empty.csv: the file is empty") { try FileContent(path: file) }
  }

  @Test func checksumText() {
    #expect(CRC32.text(0xAB) == "000000ab")
    #expect(CRC32.text(0) == "00000000")
  }
}
