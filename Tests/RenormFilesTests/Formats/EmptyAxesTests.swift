import Testing

@testable import RenormFiles

/// Arrays of no elements that have an axis of billions: a few bytes, which must not be looped over.
@Suite struct EmptyAxesTests {
  private static let files: [[UInt8]] = [
    npy("|u1", shape: "(0, 2147483648)", []), npy("<f8", shape: "(2147483648, 0)", []),
    npy("<f8", shape: "(0, 1048576, 1048576)", fortran: true, []), npy("<i8", shape: "(1099511627776, 0)", []),
    idx(shape: [0, 1 << 31], []), idx(shape: [.max, 0], []), idx(type: 8, shape: [0, 1 << 31, 1 << 29, 1], []),
    idx(type: 0x0E, shape: [.max, 0, 1 << 20], []),
  ]

  @Test(arguments: files) func nothingIsDecoded(file: [UInt8]) throws {
    let array = try #require(try readArrays(file).labels).array
    #expect(array.count == 0)
    #expect(array.values() == [] && array.integers() == [])
    #expect(array.matrix()?.elements ?? [] == [])
    #expect(ValueStatistics(array).mean == nil)
  }

  @Test(arguments: files) func inspected(file: [UInt8]) throws {
    let scratch = try Scratch()
    let inspection = try Inspection(path: scratch.file("empty", file))
    #expect(inspection.values?.minimum == nil)
  }

  @Test(arguments: files) func asInputsOrLabels(file: [UInt8]) throws {
    let scratch = try Scratch()
    let empty = try scratch.file("empty", file)
    let table = try scratch.file("x.npy", npy("<f8", shape: "(2, 1)", bytes([1.0, 2])))
    for files in [DataFiles(train: empty, trainLabels: table), DataFiles(train: table, trainLabels: empty)] {
      let error = #expect(throws: DataError.self) { try LoadedData.load(files, DataSelection()) }
      #expect(error?.kind == .badData)
    }
  }

  /// Products of axes that overflow, also to small numbers, and negative ones.
  @Test(arguments: [
    "(4294967296, 4294967296)", "(-1, -8)", "(2305843009213693952,)", "(0, 4611686018427387904, 4)",
    "(9223372036854775807, 0, 9223372036854775807)", "(-8,)",
  ])
  func impossibleShapes(shape: String) {
    for fortran in [false, true] {
      #expect(throws: DataError.self) { try readArrays(npy("<f8", shape: shape, fortran: fortran, [])) }
      #expect(throws: DataError.self) {
        try readArrays(npy("<f8", shape: shape, fortran: fortran, bytes([1.0, 2, 3, 4, 5, 6, 7, 8])))
      }
    }
  }
}
