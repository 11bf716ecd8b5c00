import Testing

@testable import RenormSweep

/// A point of a store that version 0.1.0 has written.
@Suite struct PointRecordTests {
  @Test func sameBytes() throws {
    let bytes = try RecordFixture.bytes("sweep-point.json")
    let record = try #require(PointRecord(bytes))
    #expect(try record.encoded() == bytes)
    #expect(record.index == 8 && record.solved?.convergence.converged == true)
    #expect(record.solved?.search.iterations ?? 0 > 0)
    var damaged = bytes
    damaged[bytes.count / 2] ^= 1
    #expect(PointRecord(damaged) == nil)
  }

  /// Its row of the table of that sweep.
  @Test func sameRow() throws {
    let record = try #require(PointRecord(try RecordFixture.bytes("sweep-point.json")))
    let table = try RecordFixture.text("sweep-table.csv").split(separator: "\n")
    #expect(ResultTable([record]).csv.split(separator: "\n") == [table[0], table[9]])
  }
}
