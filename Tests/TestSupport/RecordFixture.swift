import Foundation

/// Files that version 0.1.0 of the tool has written: reports, predictions, draws, similarities, the table and a
/// point of a sweep.
package enum RecordFixture {
  package static func path(_ name: String) -> String {
    URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
      .appendingPathComponent("RenormFilesTests/Fixtures/records/\(name)").path
  }

  package static func bytes(_ name: String) throws -> [UInt8] {
    Array(try Data(contentsOf: URL(fileURLWithPath: path(name))))
  }

  package static func text(_ name: String) throws -> String { String(decoding: try bytes(name), as: UTF8.self) }
}
