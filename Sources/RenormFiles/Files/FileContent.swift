internal import LinearAlgebra

#if canImport(Glibc)
  internal import Glibc
#else
  internal import Darwin
#endif

/// The content of a file, gunzipped where it was gzipped.
package struct FileContent: Sendable {
  let path: String
  /// All bytes, or the first ones where `rest` has the others.
  package let bytes: [UInt8]
  let isGzipped: Bool
  /// The number of bytes of the whole.
  let size: Int
  /// CRC-32 of the whole.
  let crc32: UInt32
  /// What goes on from `bytes`; nil where these are all.
  let rest: GzippedBeginning?

  /// Content given as the raw bytes of the file.
  ///
  /// - Parameters:
  ///   - budget: the most bytes that the content may have; nil takes what memory is available.
  ///   - announcedSize: as for `Gzip.decompress`.
  ///   - partialSize: the same for content of which the beginning may do (`GzippedBeginning`).
  /// - Throws: `DataError.emptyFile`, `.corruptGzip`, `.tooLarge`.
  init(
    path: String, rawBytes: [UInt8], budget: Int? = nil, announcedSize: ([UInt8]) -> Int? = { _ in nil },
    partialSize: ([UInt8]) -> Int? = { _ in nil }
  ) throws(DataError) {
    guard !rawBytes.isEmpty else { throw .emptyFile(path: path) }
    self.path = path
    isGzipped = Gzip.recognizes(rawBytes)
    rest = isGzipped ? GzippedBeginning(rawBytes, path: path, announcedSize: partialSize) : nil
    if let rest {
      (bytes, size, crc32) = (try rest.bytes(upTo: 0), rest.size, rest.crc32)
      return
    }
    if isGzipped {
      (bytes, crc32) = try Gzip.decompress(
        rawBytes, path: path, budget: budget ?? MemoryBudget.available(), announcedSize: announcedSize)
      guard !bytes.isEmpty else { throw .emptyFile(path: path) }
    } else {
      bytes = rawBytes
      crc32 = CRC32.of(rawBytes[...])
    }
    size = bytes.count
  }

  /// The content of the file at `path`, or of standard input for `-`.
  ///
  /// - Throws: `DataError` where it cannot be read, is empty, or does not fit into memory.
  package init(path: String) throws(DataError) { try self.init(path: path) { _ in nil } }

  /// The same, with the size that a header announces (`Gzip.decompress`), also of content of which the
  /// beginning may do.
  init(
    path: String, announcedSize: ([UInt8]) -> Int?, partialSize: ([UInt8]) -> Int? = { _ in nil }
  ) throws(DataError) {
    let source = path == Self.standardInput ? "standard input" : path
    try self.init(
      path: source, rawBytes: Self.readBytes(of: path, shownAs: source), announcedSize: announcedSize,
      partialSize: partialSize)
  }

  /// The name that stands for standard input.
  package static let standardInput = "-"

  /// The bytes without the mark of UTF-8 that some programs put in front of text.
  package var textBytes: ArraySlice<UInt8> {
    bytes.starts(with: [0xEF, 0xBB, 0xBF]) ? bytes.dropFirst(3) : bytes[...]
  }

  /// Whether the beginning holds no control characters other than tabs and ends of lines.
  var looksLikeText: Bool {
    bytes.prefix(4096).allSatisfy { $0 >= 0x20 || $0 == 0x09 || $0 == 0x0A || $0 == 0x0D }
  }

  private static func readBytes(of path: String, shownAs name: String) throws(DataError) -> [UInt8] {
    guard path != standardInput else { return try readBytes(from: 0, shownAs: name) }
    let file = open(path, O_RDONLY | O_CLOEXEC)
    guard file >= 0 else {
      throw errno == ENOENT || errno == ENOTDIR
        ? .missingFile(path: path) : .unreadable(path: path, reason: SystemFile.lastError)
    }
    defer { close(file) }
    return try readBytes(from: file, shownAs: name)
  }

  private static func readBytes(from file: Int32, shownAs name: String) throws(DataError) -> [UInt8] {
    var status = stat()
    guard fstat(file, &status) == 0 else { throw .unreadable(path: name, reason: SystemFile.lastError) }
    let budget = MemoryBudget.available()
    switch status.st_mode & S_IFMT {
    case S_IFDIR: throw .isDirectory(path: name)
    case S_IFCHR where isatty(file) == 0:
      // Devices such as /dev/zero never end; /dev/null does at once.
      guard SystemFile.readPiece(of: file, upTo: 1)?.isEmpty == true else {
        throw .unreadable(
          path: name, reason: file == 0 ? "it is closed, or a device" : "it is a device, not a file")
      }
      return []
    case S_IFREG where status.st_size > budget:
      throw .tooLarge(path: name, item: "the file", bytes: Int(status.st_size), available: budget)
    case S_IFREG where status.st_size > 0:
      try checkPadding(of: file, size: Int(status.st_size), shownAs: name)
      let rest = Int(status.st_size) - max(0, Int(lseek(file, 0, SEEK_CUR)))
      return try readPieces(of: file, first: max(rest, 0) + 1, budget: budget, shownAs: name)
    default: return try readPieces(of: file, first: 1 << 16, budget: budget, shownAs: name)
    }
  }

  /// Zeros after the content of a gzip file, as tapes leave them, that are skipped.
  private static let largestPadding = 1 << 26

  /// Refuses a gzip file that ends in more than `largestPadding` zeros without reading it. Compressed data end
  /// in a checksum, and are never that empty.
  private static func checkPadding(of file: Int32, size: Int, shownAs name: String) throws(DataError) {
    var start = [UInt8](repeating: 0, count: 2)
    let from = lseek(file, 0, SEEK_CUR)
    guard size > 4 * largestPadding, from == 0, pread(file, &start, 2, 0) == 2, Gzip.recognizes(start) else {
      return
    }
    var piece = [UInt8](repeating: 0, count: 1 << 20)
    for offset in stride(from: size - largestPadding, to: size, by: piece.count) {
      guard pread(file, &piece, piece.count, off_t(offset)) == piece.count,
        piece.allSatisfy({ $0 == 0 })
      else { return }
    }
    throw paddingError(name)
  }

  private static func paddingError(_ name: String) -> DataError {
    .corruptGzip(
      path: name,
      reason: "more than \(largestPadding >> 20) MiB of zeros after the end of the gzip data; cut them off")
  }

  /// All bytes up to the end of an open file, which may be longer than its first piece.
  private static func readPieces(
    of file: Int32, first: Int, budget: Int, shownAs name: String
  ) throws(DataError) -> [UInt8] {
    var pieces: [[UInt8]] = []
    var count = 0
    var zeros = 0
    var size = first
    while true {
      guard let next = SystemFile.readPiece(of: file, upTo: size) else {
        throw .readingFailed(path: name, reason: SystemFile.lastError)
      }
      count += next.count
      if next.count < size && pieces.isEmpty { return next }
      pieces.append(next)
      zeros = next.allSatisfy { $0 == 0 } ? zeros + next.count : 0
      if zeros > largestPadding, let start = pieces.first, Gzip.recognizes(start) { throw paddingError(name) }
      if next.count < size { break }
      // The pieces and the whole are in memory together.
      guard count <= budget / 2 else {
        throw .tooLarge(path: name, item: "what it holds", bytes: nil, available: budget)
      }
      size = 1 << 22
    }
    var bytes: [UInt8] = []
    bytes.reserveCapacity(count)
    for piece in pieces { bytes += piece }
    return bytes
  }
}
