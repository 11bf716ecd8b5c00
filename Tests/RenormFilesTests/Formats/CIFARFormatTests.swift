import Testing

@testable import RenormFiles

@Suite struct CIFARFormatTests {
  @Test func records() throws {
    let arrays = try readArrays(cifar([(3, 10, 20, 30), (9, 40, 50, 60)]))
    let inputs = try #require(arrays.examples.inputs).array
    #expect(inputs.shape == [2, 3, 32, 32])
    #expect(arrays.examples.targets?.array.values() == [3, 9])
    let second = inputs.examples([1]).elements
    #expect(second == [40, 50, 60].flatMap { [Double](repeating: $0, count: 1024) })
    #expect(arrays.labelsAreClasses)
  }

  @Test func darkRecordsAreNotTakenForIDX() throws {
    // A record that begins 00 00 08 01, as an IDX file would.
    var record = cifar([(0, 0, 0, 0)])
    record[2] = 8
    record[3] = 1
    #expect(try readArrays(record).examples.inputs?.array.shape == [1, 3, 32, 32])
  }

  @Test func otherContent() {
    expectError(
      "file: unknown format; accepted are NPZ, NPY, IDX, CIFAR-10 binary, CSV, each also gzipped "
        + "(3074 bytes are not a multiple of 3073 as CIFAR-10 records would be)"
    ) { try readArrays(cifar([(1, 2, 3, 4)]) + [1]) }
    expectError(
      "file: unknown format; accepted are NPZ, NPY, IDX, CIFAR-10 binary, CSV, each also gzipped "
        + "(as a CIFAR-10 record, number 1 would have the label 10)"
    ) { try readArrays(cifar([(1, 2, 3, 4), (10, 2, 3, 4)])) }
  }
}
