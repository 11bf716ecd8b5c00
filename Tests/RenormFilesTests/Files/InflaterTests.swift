import Testing

@testable import RenormFiles

@Suite struct InflaterTests {
  /// A bare deflate stream that stores "abc".
  let stored: [UInt8] = [1, 3, 0, 0xFC, 0xFF] + Array("abc".utf8)

  private func problem(_ bytes: [UInt8], size: Int) -> String? {
    if case .failure(let failure) = Inflater.bytes(of: bytes[...], size: size) { return failure.reason }
    return nil
  }

  @Test func declaredSize() throws {
    #expect(try Inflater.bytes(of: stored[...], size: 3).get() == Array("abc".utf8))
    #expect(problem(stored, size: 2) == "more data than the declared 2 bytes")
    #expect(problem(stored, size: 0) == "more data than the declared 0 bytes")
    #expect(problem(stored, size: 4) == "3 bytes where 4 are declared")
  }

  @Test func impossibleSizeIsRefusedUnallocated() {
    #expect(problem(stored, size: 1 << 50) == "\(1 << 50) bytes cannot come from 8 deflated bytes")
  }

  @Test func damage() {
    #expect(problem(Array(stored.prefix(6)), size: 3) == "it ends too early")
    #expect(problem([], size: 3) == "it ends too early")
    #expect(problem([7, 0, 0], size: 3) == "invalid block type")
  }
}
