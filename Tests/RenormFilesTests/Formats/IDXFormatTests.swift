import Testing

@testable import RenormFiles

@Suite struct IDXFormatTests {
  @Test func images() throws {
    let arrays = try readArrays(idx(shape: [2, 2, 3], Array(0..<12)))
    let inputs = try #require(arrays.examples.inputs).array
    #expect(inputs.shape == [2, 2, 3])
    #expect(inputs.values() == (0..<12).map(Double.init))
    #expect(arrays.labelsAreClasses)
    #expect(arrays.summaries[0].type == "u1")
  }

  @Test func everyElementType() throws {
    func values(_ type: UInt8, _ content: [UInt8]) throws -> [Double]? {
      try readArrays(idx(type: type, shape: [2], content)).labels?.array.values()
    }
    #expect(try values(0x08, [1, 255]) == [1, 255])
    #expect(try values(0x09, [1, 255]) == [1, -1])
    #expect(try values(0x0B, bytes([258, -2] as [Int16], .bigEndian)) == [258, -2])
    #expect(try values(0x0C, bytes([70_000, -2] as [Int32], .bigEndian)) == [70_000, -2])
    #expect(try values(0x0D, bytes([0.5, -2] as [Float], .bigEndian)) == [0.5, -2])
    #expect(try values(0x0E, bytes([0.1, -2] as [Double], .bigEndian)) == [0.1, -2])
  }

  @Test func sizesMustMatch() {
    let message = "IDX array of shape 2x2x3 needs 28 bytes, but there are"
    expectError("file: \(message) 27") { try readArrays(idx(shape: [2, 2, 3], Array(0..<11))) }
    expectError("file: \(message) 29") { try readArrays(idx(shape: [2, 2, 3], Array(0..<13))) }
    expectError("file: the file ends inside the IDX header") { try readArrays([0, 0, 8, 3, 0, 0, 0, 2]) }
  }

  @Test func claimsAreNotAllocated() {
    expectError("file: IDX array of shape 1048576x1048576 needs 1099511627788 bytes, but there are 13") {
      try readArrays(idx(shape: [1 << 20, 1 << 20], [1]))
    }
    expectError(
      "file: IDX array of shape 4294967295x4294967295x4294967295 is impossible; there are 17 bytes"
    ) {
      try readArrays(idx(shape: [.max, .max, .max], [1]))
    }
  }

  @Test func gzipped() throws {
    let arrays = try readArrays(gzip(idx(shape: [3], [1, 2, 3])))
    #expect(arrays.labels?.array.values() == [1, 2, 3])
  }
}
