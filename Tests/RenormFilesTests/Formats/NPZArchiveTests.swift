import Testing

@testable import RenormFiles

@Suite struct NPZArchiveTests {
  private func archive(_ bytes: [UInt8]) throws(DataError) -> NPZArchive {
    try NPZArchive(FileContent(path: "a.npz", rawBytes: bytes))
  }

  /// An archive of one array x = (1, 2) whose directory entry is changed at `offset` from its start.
  private func damaged(at offset: Int, _ change: [UInt8]) -> [UInt8] {
    var writer = NPZWriter()
    writer.add("x", bytes: [1, 2], shape: [2])
    var file = writer.encoded()
    let entry = 30 + 5 + 128 + 2
    file.replaceSubrange(entry + offset..<entry + offset + change.count, with: change)
    return file
  }

  @Test func missingArray() throws {
    let archive = try archive(Fixtures.storedNPZ)
    expectError("a.npz: no array z; it has x_train, y_train, x_test, y_test") { try archive.array("z") }
  }

  @Test func readFromDisk() throws {
    let scratch = try Scratch()
    let path = try scratch.file("a.npz", Fixtures.deflatedNPZ)
    let archive = try NPZArchive.read(path)
    #expect(archive.path == path)
    #expect(try archive.array("y_test").integers() == [8, 3])
    let text = try scratch.file("a.txt", "1,2\n")
    expectError(
      "a.txt: not an NPZ archive: no ZIP directory at the end; the file may be cut off"
    ) { try NPZArchive.read(text) }
  }

  @Test func damagedContent() {
    expectError("a.npz: array x: its checksum does not match") {
      try archive(damaged(at: 16, [0])).array("x")
    }
    expectError("a.npz: array x: it is encrypted") { try archive(damaged(at: 8, [1])).array("x") }
    expectError("a.npz: array x: compression method 12 is not supported; use stored or deflated") {
      try archive(damaged(at: 10, [12])).array("x")
    }
    expectError("a.npz: array x: stored with 130 bytes where 1000 are declared") {
      try archive(damaged(at: 24, bytes([1000 as UInt32]))).array("x")
    }
    expectError("a.npz: array x: 4294967294 bytes are declared, more than the file has") {
      try archive(damaged(at: 20, bytes([UInt32.max - 1]))).array("x")
    }
    expectError("a.npz: array x: its local header is damaged") {
      try archive(damaged(at: 42, bytes([7 as UInt32]))).array("x")
    }
    expectError("a.npz: not an NPZ archive: entry 0 of the ZIP directory is damaged") {
      try archive(damaged(at: 0, [0]))
    }
    // All ones announce a 64-bit number, which is not there.
    expectError("a.npz: not an NPZ archive: entry 0 of the ZIP directory is damaged") {
      try archive(damaged(at: 24, bytes([UInt32.max])))
    }
  }

  @Test func deflatedClaims() throws {
    // Sizes of the first entry in the directory of a deflated archive.
    var file = Fixtures.deflatedNPZ
    let entry = try #require(file.firstRange(of: [0x50, 0x4B, 1, 2] as [UInt8])).lowerBound
    file.replaceSubrange(entry + 24..<entry + 28, with: bytes([200_000_000 as UInt32]))
    expectError(
      "a.npz: array x_train: corrupt deflated data: 200000000 bytes cannot come from 96 deflated bytes"
    ) { try archive(file).array("x_train") }
    file.replaceSubrange(entry + 24..<entry + 28, with: bytes([100 as UInt32]))
    expectError("a.npz: array x_train: corrupt deflated data: more data than the declared 100 bytes") {
      try archive(file).array("x_train")
    }
  }

  @Test func everyTruncationIsAnError() {
    for file in [Fixtures.storedNPZ, Fixtures.deflatedNPZ] {
      for length in 4..<file.count {
        #expect(throws: DataError.self) { try archive(Array(file.prefix(length))) }
      }
    }
  }

  @Test(arguments: 0..<200) func randomDamageNeverTraps(seed: Int) {
    var generator = Seeded(seed)
    var file = seed.isMultiple(of: 2) ? Fixtures.storedNPZ : Fixtures.deflatedNPZ
    for _ in 0..<5 {
      // Mostly the directory at the end, where the sizes and offsets are.
      let start = Bool.random(using: &generator) ? 0 : file.count - 248
      file[Int.random(in: start..<file.count, using: &generator)] = .random(in: 0...255, using: &generator)
    }
    guard let archive = try? archive(file) else { return }
    for name in archive.names { _ = try? archive.array(name) }
  }
}
