import Testing

@testable import RenormFiles

@Suite struct GzipTests {
  let text = [UInt8]("hello, gzip".utf8)

  private func content(_ bytes: [UInt8]) throws(DataError) -> FileContent {
    try FileContent(path: "a.gz", rawBytes: bytes)
  }

  @Test func storedMember() throws {
    let read = try content(gzip(text))
    #expect(read.bytes == text)
    #expect(read.isGzipped)
    #expect(read.crc32 == CRC32.of(text[...]))
  }

  @Test func deflatedMember() throws {
    let expected = String(repeating: "1,2,0\n3,4,1\n", count: 20)
    let read = try content(Fixtures.gzippedText)
    #expect(read.bytes == Array(expected.utf8))
    #expect(read.crc32 == CRC32.of(Array(expected.utf8)[...]))
  }

  @Test func severalMembersAreJoined() throws {
    let more = [UInt8]((0..<60_000).map { UInt8(truncatingIfNeeded: $0 &* 7) })
    let read = try content(gzip(text) + gzip(more) + gzip([]) + gzip(text))
    #expect(read.bytes == text + more + text)
    #expect(read.crc32 == CRC32.of((text + more + text)[...]))
  }

  @Test func everyTruncationIsAnError() {
    let whole = Fixtures.gzippedText
    for length in 2..<whole.count {
      expectError("a.gz: corrupt gzip data: the file ends too early") {
        try content(Array(whole.prefix(length)))
      }
    }
  }

  @Test func damage() {
    var wrong = gzip(text)
    wrong[15] ^= 1
    expectError("a.gz: corrupt gzip data: incorrect data check") { try content(wrong) }
    var wrongLength = gzip(text)
    wrongLength[wrongLength.count - 1] = 1
    expectError("a.gz: corrupt gzip data: incorrect length check") { try content(wrongLength) }
    expectError("a.gz: corrupt gzip data: 3 bytes after the end of the gzip data") {
      try content(gzip(text) + [1, 2, 3])
    }
    expectError("a.gz: corrupt gzip data: 1 byte after the end of the gzip data") {
      try content(gzip(text) + [0x1F])
    }
    expectError("a.gz: the file is empty") { try content(gzip([])) }
  }

  @Test func byteFlipsNeverGoUnnoticed() {
    let expected = String(repeating: "1,2,0\n3,4,1\n", count: 20)
    for position in 10..<Fixtures.gzippedText.count {
      var damaged = Fixtures.gzippedText
      damaged[position] ^= 0x10
      #expect((try? content(damaged))?.bytes ?? Array(expected.utf8) == Array(expected.utf8))
    }
  }
}
