/// A checksum over the values of all arrays of an NPZ file: archives have checksums of their own, which a
/// program that changes an array brings up to date.
///
/// Writing the same arrays again, in another order or compressed, keeps it.
enum NPZDigest {
  /// The array that holds it.
  static let name = "digest"

  /// What enters of one array.
  static func line(_ name: String, shape: [Int], elements: ArraySlice<UInt8>) -> String {
    "\(name) \(shape) \(CRC32.of(elements))\n"
  }

  static func of(_ lines: [String]) -> Int { Int(CRC32.of(Array(lines.sorted().joined().utf8)[...])) }
}

extension NPZArchive {
  /// Whether the arrays are those that were written; true for archives without a digest.
  ///
  /// - Throws: `DataError` where an array is damaged.
  func agreesWithDigest() throws(DataError) -> Bool {
    guard names.contains(NPZDigest.name) else { return true }
    var lines: [String] = []
    for name in names where name != NPZDigest.name {
      let (header, content) = try headerAndContent(name)
      lines.append(NPZDigest.line(name, shape: header.shape, elements: content.dropFirst(header.size)))
    }
    return try array(NPZDigest.name).values() == [Double(NPZDigest.of(lines))]
  }
}
