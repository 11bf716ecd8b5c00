#if canImport(Glibc)
  internal import Glibc
#else
  internal import Darwin
#endif

/// The content of a file, gunzipped where it was gzipped.
package struct FileContent: Sendable {
  let path: String
  package let bytes: [UInt8]
  let isGzipped: Bool
  /// CRC-32 of `bytes`.
  let crc32: UInt32

  /// Content given as the raw bytes of the file.
  init(path: String, rawBytes: [UInt8]) throws(DataError) {
    guard !rawBytes.isEmpty else { throw .emptyFile(path: path) }
    self.path = path
    isGzipped = Gzip.recognizes(rawBytes)
    if isGzipped {
      (bytes, crc32) = try Gzip.decompress(rawBytes, path: path)
      guard !bytes.isEmpty else { throw .emptyFile(path: path) }
    } else {
      bytes = rawBytes
      crc32 = CRC32.of(rawBytes[...])
    }
  }

  /// The content of the file at `path`.
  package init(path: String) throws(DataError) {
    try self.init(path: path, rawBytes: Self.readBytes(of: path))
  }

  /// Whether the beginning holds no control characters other than tabs and ends of lines.
  var looksLikeText: Bool {
    bytes.prefix(4096).allSatisfy { $0 >= 0x20 || $0 == 0x09 || $0 == 0x0A || $0 == 0x0D }
  }

  private static func readBytes(of path: String) throws(DataError) -> [UInt8] {
    let file = open(path, O_RDONLY | O_CLOEXEC)
    guard file >= 0 else {
      throw errno == ENOENT || errno == ENOTDIR
        ? .missingFile(path: path) : .unreadable(path: path, reason: SystemFile.lastError)
    }
    defer { close(file) }
    var status = stat()
    guard fstat(file, &status) == 0 else {
      throw .unreadable(path: path, reason: SystemFile.lastError)
    }
    guard status.st_mode & S_IFMT != S_IFDIR else { throw .isDirectory(path: path) }

    var bytes: [UInt8] = []
    // Pipes and devices have size 0; they are read piece by piece until they end.
    var piece = max(Int(status.st_size), 1 << 16)
    while true {
      guard let next = SystemFile.readPiece(of: file, upTo: piece) else {
        throw .readingFailed(path: path, reason: SystemFile.lastError)
      }
      if bytes.isEmpty { bytes = next } else { bytes += next }
      if next.count < piece { return bytes }
      piece = 1 << 20
    }
  }
}
