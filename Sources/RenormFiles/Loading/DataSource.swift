/// A file that was read, with a fingerprint of its content.
public struct DataSource: Equatable, Sendable, Codable {
  /// What the file was read for.
  public enum Role: String, Sendable, Codable {
    case train, trainLabels, test, testLabels
  }

  public let role: Role
  public let path: String
  /// Name of the format, for example `IDX`.
  public let format: String
  /// CRC-32 of the decompressed content: eight hexadecimal digits.
  public let crc32: String
  /// Bytes of the decompressed content.
  public let byteCount: Int
  /// Examples in the file, before any selection; for a file with held-out arrays those of the part used.
  public let exampleCount: Int

  /// Whether two files have the same content, as far as size and checksum tell.
  package func hasSameContent(as other: DataSource) -> Bool {
    crc32 == other.crc32 && byteCount == other.byteCount
  }
}
