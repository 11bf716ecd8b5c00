internal import LinearAlgebra

/// The central directory of a ZIP archive, with the ZIP64 extension.
///
/// Sizes come from this directory alone: NumPy leaves those in front of the entries open.
struct ZipDirectory {
  struct Entry {
    let name: String
    let method: UInt16
    let isEncrypted: Bool
    let crc32: UInt32
    let compressedSize: Int
    let size: Int
    let headerOffset: Int
  }

  struct Problem: Error {
    let reason: String
  }

  let entries: [Entry]

  /// Reads the directory of the archive `bytes`.
  init(_ bytes: [UInt8]) throws(Problem) {
    guard let end = Self.endRecord(bytes) else {
      throw Problem(reason: "no ZIP directory at the end; the file may be cut off")
    }
    var offset = end.directoryOffset
    var entries: [Entry] = []
    for number in 0..<end.count {
      guard let (entry, next) = Self.entry(bytes, at: offset) else {
        throw Problem(reason: "entry \(number) of the ZIP directory is damaged")
      }
      entries.append(entry)
      offset = next
    }
    self.entries = entries
  }

  /// The bytes of an entry, decompressed and checked.
  func content(of entry: Entry, in bytes: [UInt8]) throws(Problem) -> ArraySlice<UInt8> {
    guard !entry.isEncrypted else { throw Problem(reason: "it is encrypted") }
    let stored = try storedBytes(of: entry, in: bytes)
    let content: ArraySlice<UInt8>
    switch entry.method {
    case 0:
      guard entry.size == stored.count else {
        throw Problem(reason: "stored with \(stored.count) bytes where \(entry.size) are declared")
      }
      content = stored
    case 8:
      if let available = MemoryBudget.shortage(of: entry.size) {
        throw Problem(
          reason: "it needs \(gibibytes(entry.size)) of memory, but \(gibibytes(available)) can be used")
      }
      switch Inflater.bytes(of: stored, size: entry.size) {
      case .success(let inflated): content = inflated[...]
      case .failure(let failure): throw Problem(reason: "corrupt deflated data: \(failure.reason)")
      }
    default:
      throw Problem(reason: "compression method \(entry.method) is not supported; use stored or deflated")
    }
    guard CRC32.of(content) == entry.crc32 else { throw Problem(reason: "its checksum does not match") }
    return content
  }

  /// Whether the content of an entry begins with some bytes; false where it cannot be read.
  func begins(_ entry: Entry, with start: [UInt8], in bytes: [UInt8]) -> Bool {
    guard !entry.isEncrypted, let stored = try? storedBytes(of: entry, in: bytes) else { return false }
    return entry.method == 8 ? Inflater.begins(stored, with: start) : stored.starts(with: start)
  }

  private func storedBytes(of entry: Entry, in bytes: [UInt8]) throws(Problem) -> ArraySlice<UInt8> {
    guard bytes.number(UInt32.self, at: entry.headerOffset) == 0x0403_4B50,
      let nameLength = bytes.number(UInt16.self, at: entry.headerOffset + 26),
      let extraLength = bytes.number(UInt16.self, at: entry.headerOffset + 28)
    else { throw Problem(reason: "its local header is damaged") }
    let start = entry.headerOffset + 30 + Int(nameLength) + Int(extraLength)
    guard start <= bytes.count, entry.compressedSize <= bytes.count - start else {
      throw Problem(reason: "\(entry.compressedSize) bytes are declared, more than the file has")
    }
    return bytes[start..<start + entry.compressedSize]
  }

  /// Number of entries and start of the directory, from the record at the end of the file.
  private static func endRecord(_ bytes: [UInt8]) -> (count: Int, directoryOffset: Int)? {
    // A comment of up to 65535 bytes may follow the record.
    let last = bytes.count - 22
    for at in stride(from: last, through: max(0, last - 65535), by: -1)
    where bytes.number(UInt32.self, at: at) == 0x0605_4B50 {
      guard let count = bytes.number(UInt16.self, at: at + 10),
        let offset = bytes.number(UInt32.self, at: at + 16)
      else { return nil }
      if count == .max || offset == .max, let large = endRecord64(bytes, before: at) { return large }
      return (Int(count), Int(offset))
    }
    return nil
  }

  private static func endRecord64(_ bytes: [UInt8], before end: Int) -> (count: Int, directoryOffset: Int)? {
    guard bytes.number(UInt32.self, at: end - 20) == 0x0706_4B50,
      let at = bytes.number(UInt64.self, at: end - 12).flatMap({ Int(exactly: $0) }),
      bytes.number(UInt32.self, at: at) == 0x0606_4B50,
      let count = bytes.number(UInt64.self, at: at + 32).flatMap({ Int(exactly: $0) }),
      let offset = bytes.number(UInt64.self, at: at + 48).flatMap({ Int(exactly: $0) })
    else { return nil }
    return (count, offset)
  }

  /// The directory entry at `at` and the offset of the next one; nil when it is damaged.
  private static func entry(_ bytes: [UInt8], at: Int) -> (Entry, next: Int)? {
    guard bytes.number(UInt32.self, at: at) == 0x0201_4B50,
      let flags = bytes.number(UInt16.self, at: at + 8), let method = bytes.number(UInt16.self, at: at + 10),
      let crc32 = bytes.number(UInt32.self, at: at + 16),
      let compressedSize = bytes.number(UInt32.self, at: at + 20),
      let size = bytes.number(UInt32.self, at: at + 24),
      let nameLength = bytes.number(UInt16.self, at: at + 28).map(Int.init),
      let extraLength = bytes.number(UInt16.self, at: at + 30).map(Int.init),
      let commentLength = bytes.number(UInt16.self, at: at + 32).map(Int.init),
      let headerOffset = bytes.number(UInt32.self, at: at + 42),
      case let nameStart = at + 46, case let extraStart = nameStart + nameLength,
      extraStart + extraLength + commentLength <= bytes.count
    else { return nil }
    // Each field that does not fit 32 bits is all ones, and its 64-bit value is the next in the extra field.
    var large = largeFields(bytes[extraStart..<extraStart + extraLength])[...]
    func full(_ field: UInt32) -> Int? {
      field == .max ? large.popFirst().flatMap { Int(exactly: $0) } : Int(field)
    }
    guard let fullSize = full(size), let fullCompressedSize = full(compressedSize),
      let fullOffset = full(headerOffset)
    else { return nil }
    let entry = Entry(
      name: String(decoding: bytes[nameStart..<extraStart], as: UTF8.self), method: method,
      isEncrypted: flags & 1 == 1, crc32: crc32, compressedSize: fullCompressedSize, size: fullSize,
      headerOffset: fullOffset)
    return (entry, extraStart + extraLength + commentLength)
  }

  /// The 64-bit numbers of the ZIP64 extra field.
  private static func largeFields(_ extra: ArraySlice<UInt8>) -> [UInt64] {
    let extra = Array(extra)
    var at = 0
    while let id = extra.number(UInt16.self, at: at), let length = extra.number(UInt16.self, at: at + 2) {
      if id == 1 {
        return (0..<Int(length) / 8).compactMap { extra.number(UInt64.self, at: at + 4 + 8 * $0) }
      }
      at += 4 + Int(length)
    }
    return []
  }
}

extension [UInt8] {
  /// The little-endian number at `offset`, nil outside the array.
  func number<Number: FixedWidthInteger & UnsignedInteger>(_: Number.Type, at offset: Int) -> Number? {
    let size = MemoryLayout<Number>.size
    guard offset >= 0, count >= size, offset <= count - size else { return nil }
    return (0..<size).reversed().reduce(0) { $0 << 8 | Number(self[offset + $1]) }
  }
}
