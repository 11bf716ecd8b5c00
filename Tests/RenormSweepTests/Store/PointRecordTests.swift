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

  /// Its row of the table of that sweep; later tables have more columns.
  @Test func sameRow() throws {
    let record = try #require(PointRecord(try RecordFixture.bytes("sweep-point.json")))
    func rows(_ csv: String) -> [[String]] {
      csv.split(separator: "\n").map {
        $0.split(separator: ",", omittingEmptySubsequences: false).map(String.init)
      }
    }
    let (old, new) = (rows(try RecordFixture.text("sweep-table.csv")), rows(ResultTable([record]).csv))
    let now = Dictionary(uniqueKeysWithValues: zip(new[0], new[1]))
    for (column, value) in zip(old[0], old[9]) { #expect(now[column] == value, "\(column)") }
  }
}
