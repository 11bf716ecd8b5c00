import Testing

@testable import RenormFiles

@Suite struct NPYFormatTests {
  private func values(_ bytes: [UInt8]) throws -> [Double]? {
    try readArrays(bytes).examples.inputs?.array.values()
  }

  @Test(arguments: [1, 2, 3] as [UInt8]) func versions(version: UInt8) throws {
    let file = npy("|u1", shape: "(2, 2)", version: version, [1, 2, 3, 4])
    #expect(try values(file) == [1, 2, 3, 4])
  }

  @Test func writtenByNumPy() throws {
    let array = try #require(try readArrays(Fixtures.fortranNPY).examples.inputs).array
    #expect(array.shape == [2, 3])
    #expect(array.values() == [0, 1, 2, 3, 4, 5])
  }

  @Test func elementTypes() throws {
    #expect(try values(npy("<i4", shape: "(2,)", bytes([5, -6] as [Int32]))) == [5, -6])
    #expect(try values(npy(">i4", shape: "(2,)", bytes([5, -6] as [Int32], .bigEndian))) == [5, -6])
    #expect(try values(npy(">i8", shape: "(1,)", bytes([-6] as [Int64], .bigEndian))) == [-6])
    #expect(try values(npy("<f4", shape: "(1,)", bytes([0.5] as [Float]))) == [0.5])
    #expect(try values(npy(">f8", shape: "(1,)", bytes([0.1], .bigEndian))) == [0.1])
    #expect(try values(npy("|b1", shape: "(2,)", [0, 1])) == [0, 1])
    #expect(try values(npy("=f8", shape: "(1,)", bytes([0.1]))) == [0.1])
  }

  @Test func fortranOrder() throws {
    let file = npy(">f8", shape: "(2, 3)", fortran: true, bytes([0, 3, 1, 4, 2, 5] as [Double], .bigEndian))
    #expect(try values(file) == [0, 1, 2, 3, 4, 5])
  }

  @Test func shapesOfOldPython() throws {
    #expect(try values(npy("|u1", shape: "(2L, 1L)", [7, 8])) == [7, 8])
  }

  @Test func unsupportedTypes() {
    let accepted = "accepted are bool, integers of 1 to 8 bytes, f2, f4 and f8"
    expectError("file: element type '<c16' is not supported; \(accepted)") {
      try readArrays(npy("<c16", shape: "(1,)", [UInt8](repeating: 0, count: 16)))
    }
    expectError(
      "file: elements are Python objects; \(accepted): save numpy.asarray(list, float), of lists of equal "
        + "lengths"
    ) {
      try readArrays(npy("|O", shape: "(1,)", [1]))
    }
    let structured = Array(
      "{'descr': [('a', '<f8')], 'fortran_order': False, 'shape': (1,), }\n".utf8)
    let file = npy("<f8", shape: "(1,)", []).prefix(8) + bytes([UInt16(structured.count)]) + structured
    expectError(
      "file: elements are structured, of the fields [('a', '<f8')]; accepted are plain numbers: save one "
        + "field, or "
        + "numpy.lib.recfunctions.structured_to_unstructured of them"
    ) {
      try readArrays(Array(file) + bytes([1.0]))
    }
  }

  @Test func sizesMustMatch() {
    expectError("file: array of shape 2x2 needs 32 bytes, but there are 31") {
      try readArrays(npy("<f8", shape: "(2, 2)", [UInt8](repeating: 0, count: 31)))
    }
    expectError("file: array of shape 2x2 needs 32 bytes, but there are 33") {
      try readArrays(npy("<f8", shape: "(2, 2)", [UInt8](repeating: 0, count: 33)))
    }
    expectError("file: array of shape 1099511627776x1099511627776 is impossible; there are 1 bytes") {
      try readArrays(npy("<f8", shape: "(1099511627776, 1099511627776)", [0]))
    }
    expectError("file: array of shape -2x3 is impossible; there are 1 bytes") {
      try readArrays(npy("<f8", shape: "(-2, 3)", [0]))
    }
  }

  @Test func damagedHeaders() {
    let good = npy("<f8", shape: "(1,)", bytes([1.0]))
    expectError("file: the file ends inside the NPY header") { try readArrays(Array(good.prefix(20))) }
    expectError("file: no NPY header") { try readArrays(Array(good.prefix(8))) }
    expectError("file: NPY version 4 is not supported; accepted are 1, 2 and 3") {
      try readArrays(npy("<f8", shape: "(1,)", version: 4, bytes([1.0])))
    }
    expectError(
      "file: NPY header '{'descr': '<f8', 'fortran_order': False,...' cannot be understood"
    ) { try readArrays(npy("<f8", shape: "(99999999999999999999,)", bytes([1.0]))) }
    expectError(
      "file: NPY header '{'descr': '<f8', 'fortran_order': False,...' cannot be understood"
    ) { try readArrays(npy("<f8", shape: "7", bytes([1.0]))) }
  }

  @Test func everyTruncationIsAnError() {
    let good = npy("<f8", shape: "(2, 1)", bytes([1.0, 2.0]))
    for length in 6..<good.count {
      #expect(throws: DataError.self) { try readArrays(Array(good.prefix(length))) }
    }
  }
}
