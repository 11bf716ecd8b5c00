package import LinearAlgebra

/// Collects named arrays and writes them as an NPZ file that `numpy.load` opens without pickling.
///
/// Arrays are stored uncompressed, little-endian and in C order. The same arrays give the same bytes.
package struct NPZWriter: Sendable {
  private struct Entry {
    let name: [UInt8]
    let content: [UInt8]
    let crc32: UInt32
    /// A line of the digest.
    let summary: String
  }

  private var entries: [Entry] = []
  /// The smallest number that no longer fits the plain fields of ZIP and goes to the ZIP64 ones.
  private let zip64Threshold: Int

  /// A file without arrays.
  package init() { self.init(zip64Threshold: Int(UInt32.max)) }

  init(zip64Threshold: Int) { self.zip64Threshold = zip64Threshold }

  /// Adds doubles (`f8`), given in C order (last axis fastest).
  package mutating func add(_ name: String, _ values: [Double], shape: [Int]) {
    add(name, type: "<f8", shape: shape, count: values.count, bytes: Self.bytes(values.map { $0.bitPattern }))
  }

  /// Adds integers (`i8`), given in C order.
  package mutating func add(_ name: String, _ values: [Int], shape: [Int]) {
    let bits = values.map { UInt64(bitPattern: Int64($0)) }
    add(name, type: "<i8", shape: shape, count: values.count, bytes: Self.bytes(bits))
  }

  /// Adds unsigned bytes (`u1`), given in C order.
  package mutating func add(_ name: String, bytes: [UInt8], shape: [Int]) {
    add(name, type: "|u1", shape: shape, count: bytes.count, bytes: bytes)
  }

  /// Adds the array `digest`, by which a reader sees whether arrays were changed (`NPZArchive.hasDigest`): the
  /// last to be added.
  package mutating func addDigest() { add(NPZDigest.name, [NPZDigest.of(entries.map(\.summary))], shape: []) }

  /// Adds a matrix as an array of rank 2, rows by columns.
  package mutating func add(_ name: String, _ matrix: Matrix) {
    add(name, matrix.transposed.elements, shape: [matrix.rows, matrix.columns])
  }

  /// Writes the file at once: afterwards `path` is complete, or as it was before.
  package func write(to path: String) throws(DataError) { try AtomicFile.write(encoded(), to: path) }

  private mutating func add(_ name: String, type: String, shape: [Int], count: Int, bytes: [UInt8]) {
    precondition(
      shape.allSatisfy { $0 >= 0 } && shape.reduce(1, *) == count, "\(count) values, shape \(shape)")
    let content = Self.header(type: type, shape: shape) + bytes
    entries.append(
      Entry(
        name: Array((name + ".npy").utf8), content: content, crc32: CRC32.of(content[...]),
        summary: NPZDigest.line(name, shape: shape, elements: bytes[...])))
  }

  /// Version 1 of the header, padded so that the elements begin at a multiple of 64.
  private static func header(type: String, shape: [Int]) -> [UInt8] {
    let lengths = shape.map(String.init).joined(separator: ", ") + (shape.count == 1 ? "," : "")
    let text = "{'descr': '\(type)', 'fortran_order': False, 'shape': (\(lengths)), }"
    let start = NPYHeader.magic.count + 4
    let length = (start + text.utf8.count + 1 + 63) / 64 * 64 - start
    let padding = String(repeating: " ", count: length - text.utf8.count - 1)
    return NPYHeader.magic + [1, 0] + littleEndian(UInt16(length)) + Array((text + padding + "\n").utf8)
  }

  private static func bytes(_ values: [UInt64]) -> [UInt8] {
    values.map(\.littleEndian).withUnsafeBytes { Array($0) }
  }

  private static func littleEndian(_ number: some FixedWidthInteger) -> [UInt8] {
    withUnsafeBytes(of: number.littleEndian) { Array($0) }
  }
}

extension NPZWriter {
  /// The bytes of the file.
  package func encoded() -> [UInt8] {
    var file: [UInt8] = []
    file.reserveCapacity(entries.reduce(100) { $0 + $1.content.count + 2 * $1.name.count + 200 })
    var directory: [UInt8] = []
    for entry in entries {
      let offset = file.count
      appendHeader(of: entry, offset: nil, to: &file)
      file += entry.content
      appendHeader(of: entry, offset: offset, to: &directory)
    }
    let start = file.count
    file += directory
    appendEnd(directoryOffset: start, directorySize: directory.count, to: &file)
    return file
  }

  /// The header in front of an entry, or with an offset the one in the directory.
  private func appendHeader(of entry: Entry, offset: Int?, to file: inout [UInt8]) {
    let size = entry.content.count
    let isLarge = size >= zip64Threshold
    let isFar = (offset ?? 0) >= zip64Threshold
    var extra: [UInt8] = []
    if isLarge { extra += Self.littleEndian(UInt64(size)) + Self.littleEndian(UInt64(size)) }
    if let offset, isFar { extra += Self.littleEndian(UInt64(offset)) }
    if !extra.isEmpty {
      extra = Self.littleEndian(UInt16(1)) + Self.littleEndian(UInt16(extra.count)) + extra
    }
    let version = UInt16(extra.isEmpty ? 20 : 45)
    // Signature, versions (made by and needed), UTF-8 names, method stored, 1980-01-01 00:00.
    file += Self.littleEndian(UInt32(offset == nil ? 0x0403_4B50 : 0x0201_4B50))
    if offset != nil { file += Self.littleEndian(version) }
    for number in [version, 0x0800, 0, 0, 0x0021] { file += Self.littleEndian(UInt16(number)) }
    file += Self.littleEndian(entry.crc32)
    let field = isLarge ? UInt32.max : UInt32(size)
    file += Self.littleEndian(field) + Self.littleEndian(field)
    file += Self.littleEndian(UInt16(entry.name.count)) + Self.littleEndian(UInt16(extra.count))
    if let offset {
      // Comment length, disk, internal and external attributes.
      file += [UInt8](repeating: 0, count: 10)
      file += Self.littleEndian(isFar ? UInt32.max : UInt32(offset))
    }
    file += entry.name + extra
  }

  private func appendEnd(directoryOffset: Int, directorySize: Int, to file: inout [UInt8]) {
    let isLarge = directoryOffset >= zip64Threshold || entries.count >= Int(UInt16.max)
    if isLarge {
      let end = file.count
      file += Self.littleEndian(UInt32(0x0606_4B50)) + Self.littleEndian(UInt64(44))
      file += Self.littleEndian(UInt16(45)) + Self.littleEndian(UInt16(45)) + [UInt8](repeating: 0, count: 8)
      for number in [entries.count, entries.count, directorySize, directoryOffset] {
        file += Self.littleEndian(UInt64(number))
      }
      file += Self.littleEndian(UInt32(0x0706_4B50)) + Self.littleEndian(UInt32(0))
      file += Self.littleEndian(UInt64(end)) + Self.littleEndian(UInt32(1))
    }
    file += Self.littleEndian(UInt32(0x0605_4B50)) + Self.littleEndian(UInt32(0))
    let count = isLarge ? UInt16.max : UInt16(entries.count)
    file += Self.littleEndian(count) + Self.littleEndian(count) + Self.littleEndian(UInt32(directorySize))
    file += Self.littleEndian(isLarge ? UInt32.max : UInt32(directoryOffset)) + Self.littleEndian(UInt16(0))
  }
}
