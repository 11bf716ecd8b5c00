import LinearAlgebra
import Testing

@testable import RenormFiles

@Suite struct NPZWriterTests {
  private func read(_ writer: NPZWriter) throws(DataError) -> NPZArchive {
    try NPZArchive(FileContent(path: "w.npz", rawBytes: writer.encoded()))
  }

  @Test func roundTrip() throws {
    let scratch = try Scratch()
    var writer = NPZWriter()
    writer.add("doubles", [0.1, -2, .infinity, .leastNonzeroMagnitude], shape: [2, 2])
    writer.add("integers", [.min, 1 << 60 + 1, .max], shape: [3])
    writer.add("bytes", bytes: [0, 255], shape: [2, 1])
    writer.add("number", [2.5], shape: [])
    writer.add("empty", [Double](), shape: [0, 3])
    writer.add("matrix", Matrix(rows: 2, columns: 3) { i, j in Double(10 * i + j) })
    try writer.write(to: scratch.path("w.npz"))

    let archive = try NPZArchive.read(scratch.path("w.npz"))
    #expect(archive.names == ["doubles", "integers", "bytes", "number", "empty", "matrix"])
    #expect(try archive.array("doubles").values() == [0.1, -2, .infinity, .leastNonzeroMagnitude])
    #expect(try archive.array("doubles").shape == [2, 2])
    #expect(try archive.array("integers").integers() == [.min, 1 << 60 + 1, .max])
    #expect(try archive.array("bytes").elementType == .uint8)
    #expect(try archive.array("number").shape == [])
    #expect(try archive.array("empty").shape == [0, 3])
    #expect(try archive.array("matrix").values() == [0, 1, 2, 10, 11, 12])
    #expect(try archive.array("matrix").matrix()?[1, 2] == 12)
    #expect(scratch.names() == ["w.npz"])
  }

  @Test func noArrays() throws {
    #expect(try read(NPZWriter()).names == [])
  }

  @Test func sameArraysSameBytes() {
    func encoded() -> [UInt8] {
      var writer = NPZWriter()
      writer.add("a", [1, 2, 3], shape: [3])
      return writer.encoded()
    }
    #expect(encoded() == encoded())
  }

  @Test func elementsAreAligned() throws {
    for digits in 0..<20 {
      var writer = NPZWriter()
      writer.add("a", bytes: [7], shape: [Int](repeating: 1, count: 1 + digits))
      let (header, _) = try read(writer).headerAndContent("a")
      #expect(header.size.isMultiple(of: 64))
    }
  }

  /// Sizes and offsets beyond the threshold go to the 64-bit fields, as those beyond 4 GB would.
  @Test(arguments: [0, 100, 200, 300, 1000]) func largeFields(threshold: Int) throws {
    var writer = NPZWriter(zip64Threshold: threshold)
    writer.add("a", [1.5, 2.5], shape: [2])
    writer.add("b", [Double](repeating: 3, count: 40), shape: [40])
    let archive = try read(writer)
    #expect(try archive.array("a").values() == [1.5, 2.5])
    #expect(try archive.array("b").values() == [Double](repeating: 3, count: 40))
  }

  @Test(arguments: 0..<20) func randomShapes(seed: Int) throws {
    var generator = Seeded(seed)
    var writer = NPZWriter()
    var expected: [(shape: [Int], values: [Double])] = []
    for number in 0..<4 {
      let rank = Int.random(in: 0...4, using: &generator)
      let shape = (0..<rank).map { _ in Int.random(in: 0...4, using: &generator) }
      let values = (0..<shape.reduce(1, *)).map { _ in Double.random(in: -1...1, using: &generator) }
      writer.add("array\(number)", values, shape: shape)
      expected.append((shape, values))
    }
    let archive = try read(writer)
    for (number, array) in expected.enumerated() {
      let found = try archive.array("array\(number)")
      #expect(found.shape == array.shape)
      #expect(found.values() == array.values)
    }
  }
}
