import Testing

@testable import RenormFiles

@Suite struct DataFormatsTests {
  private func name(_ bytes: [UInt8]) throws -> String {
    try DataFormats.format(of: FileContent(path: "file", rawBytes: bytes)).name
  }

  @Test func foundFromContent() throws {
    #expect(try name(Fixtures.storedNPZ) == "NPZ")
    #expect(try name(Fixtures.fortranNPY) == "NPY")
    #expect(try name(idx(shape: [2], [1, 2])) == "IDX")
    #expect(try name(cifar([(1, 2, 3, 4)])) == "CIFAR-10 binary")
    #expect(try name(Array("1,2\n".utf8)) == "CSV")
    #expect(try name(Fixtures.gzippedText) == "CSV")
  }

  @Test func unknownContent() {
    expectError(
      "file: unknown format; accepted are NPZ, NPY, IDX, CIFAR-10 binary, CSV, each also gzipped "
        + "(5 bytes are not a multiple of 3073 as CIFAR-10 records would be)"
    ) { try name([1, 2, 3, 4, 5]) }
  }

  @Test(arguments: 0..<100) func randomBytesNeverTrap(seed: Int) {
    var generator = Seeded(seed)
    let starts: [[UInt8]] = [
      [], [0, 0, 8, 3], NPYHeader.magic + [1, 0], [0x50, 0x4B, 3, 4], [0x1F, 0x8B, 8], Array("1,2\n".utf8),
    ]
    let length = Int.random(in: 1...300, using: &generator)
    let tail = (0..<length).map { _ in UInt8.random(in: 0...255, using: &generator) }
    for start in starts { _ = try? readArrays(start + tail, ReadingRequest(isInspection: true)) }
  }
}
