/// Formats that are known by their first bytes but not read, so that a message can name them.
enum ForeignFormat {
  private static let signatures: [(start: [UInt8], name: String)] = [
    ([0x89] + Array("HDF".utf8), "an HDF5 file"),
    (Array("MATLAB ".utf8), "a MATLAB file (MAT)"),
    (Array("BZh".utf8), "compressed by bzip2"),
    ([0xFD] + Array("7zXZ".utf8), "compressed by xz"),
    ([0x28, 0xB5, 0x2F, 0xFD], "compressed by zstd"),
    ([0x04, 0x22, 0x4D, 0x18], "compressed by lz4"),
    ([0x1F, 0x9D], "compressed by compress (.Z)"),
    (Array("7z".utf8) + [0xBC, 0xAF, 0x27, 0x1C], "a 7-Zip archive"),
    (Array("Rar!".utf8), "a RAR archive"),
    (Array("PAR1".utf8), "a Parquet file"),
    (Array("ARROW1".utf8), "an Arrow file"),
    (Array("SQLite format 3".utf8), "an SQLite database"),
    ([0x89] + Array("PNG".utf8), "a PNG picture"),
    ([0xFF, 0xD8, 0xFF], "a JPEG picture"),
    (Array("GIF8".utf8), "a GIF picture"),
    (Array("II*\0".utf8), "a TIFF picture"),
    (Array("MM\0*".utf8), "a TIFF picture"),
    (Array("%PDF".utf8), "a PDF document"),
    ([0xD0, 0xCF, 0x11, 0xE0], "an old Office document"),
    ([0xFF, 0xFE, 0x00, 0x00], "text in UTF-32, not UTF-8"),
    ([0x00, 0x00, 0xFE, 0xFF], "text in UTF-32, not UTF-8"),
    ([0xFF, 0xFE], "text in UTF-16, not UTF-8"),
    ([0xFE, 0xFF], "text in UTF-16, not UTF-8"),
  ]

  /// The name of the format that `bytes` begin as, nil where it is none of these.
  static func name(of bytes: [UInt8]) -> String? {
    if let found = signatures.first(where: { bytes.starts(with: $0.start) }) { return found.name }
    if bytes.count > 262, bytes[257..<262].elementsEqual("ustar".utf8) { return "a tar archive" }
    if bytes.count > 2, bytes[0] == 0x80, (2...5).contains(bytes[1]) {
      return "a Python pickle (such as an old PyTorch file)"
    }
    return isUTF16(bytes) ? "text in UTF-16, not UTF-8" : nil
  }

  /// The name of a ZIP archive that has the entries `names`, no arrays among them.
  static func archiveName(entries names: [String]) -> String {
    if names.contains(where: { $0.hasSuffix("/data.pkl") }) { return "a PyTorch file" }
    if names.contains("[Content_Types].xml") { return "an Office document (such as Excel)" }
    return "a ZIP archive without NumPy arrays"
  }

  /// Whether every second byte at the beginning is 0 and the others are text, without a byte order mark.
  private static func isUTF16(_ bytes: [UInt8]) -> Bool {
    let start = bytes.prefix(64)
    guard start.count >= 8 else { return false }
    let even = stride(from: 0, to: start.count - 1, by: 2)
    func isText(_ byte: UInt8) -> Bool { (0x20..<0x7F).contains(byte) || (0x09...0x0D).contains(byte) }
    return even.allSatisfy { isText(start[$0]) && start[$0 + 1] == 0 }
      || even.allSatisfy { isText(start[$0 + 1]) && start[$0] == 0 }
  }
}
