internal import Foundation
internal import RenormFiles

/// The content of a file of a store, JSON on one line with its format and a checksum. It is read only if it
/// gives the same bytes again, so that a damaged file is told from a whole one.
protocol StoredRecord: Codable {
  /// The format that this version writes and reads.
  static var formatVersion: Int { get }
  /// The format of the file.
  var formatVersion: Int { get }
  /// CRC-32 of the record's text with zeros here.
  var checksum: String { get set }
}

extension StoredRecord {
  static var blankChecksum: String { "00000000" }

  /// The bytes of the record's file; the same for the same record.
  ///
  /// - Throws: `EncodingError` where a number is not finite.
  func encoded() throws -> [UInt8] {
    var record = self
    record.checksum = Self.blankChecksum
    var bytes = try Self.bytes(record)
    let checksum = CRC32.text(CRC32.of(bytes[...]))
    // Quotes inside of texts are escaped, so this is the key and nothing else.
    func field(_ value: String) -> Data { Data("\"checksum\":\"\(value)\"".utf8) }
    if let place = Data(bytes).range(of: field(Self.blankChecksum)) {
      bytes.replaceSubrange(place, with: field(checksum))
    }
    return bytes
  }

  /// Reads a record; nil where it is damaged, cut short or of another format.
  init?(_ bytes: [UInt8]) {
    guard let record = try? JSONDecoder().decode(Self.self, from: Data(bytes)),
      record.formatVersion == Self.formatVersion, (try? record.encoded()) == bytes
    else { return nil }
    self = record
  }

  private static func bytes(_ record: Self) throws -> [UInt8] {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    return Array(try encoder.encode(record)) + [UInt8(ascii: "\n")]
  }
}
