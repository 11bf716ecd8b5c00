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
    (Array("PARE".utf8), "an encrypted Parquet file"),
    (Array("FEA1".utf8), "a Feather file"),
    (Array("ORC".utf8), "an ORC file"),
    (Array("SIMPLE  =".utf8), "a FITS file"),
    (Array("CDF\u{1}".utf8), "a NetCDF file"),
    (Array("CDF\u{2}".utf8), "a NetCDF file"),
    (Array("CDF\u{5}".utf8), "a NetCDF file"),
    (Array("RDX2\n".utf8), "R data (RData)"),
    (Array("RDX3\n".utf8), "R data (RData)"),
    (Array("RDA2\n".utf8), "R data (RData)"),
    (Array("RDA3\n".utf8), "R data (RData)"),
    (Array("X\n\0\0\0".utf8), "R data (RDS)"),
    (Array("A\n2\n".utf8), "R data (RDS)"),
    (Array("A\n3\n".utf8), "R data (RDS)"),
    (Array("GGUF".utf8), "a GGUF model"),
    (Array("$FL2".utf8), "an SPSS file"),
    (Array("$FL3".utf8), "an SPSS file"),
    (Array("<stata_dta>".utf8), "a Stata file"),
    (Array("RIFF".utf8), "a RIFF file (WAV, WebP or AVI)"),
    (Array("(dp0\n".utf8), "a Python pickle"),
    (Array("(lp0\n".utf8), "a Python pickle"),
    (Array("cnumpy".utf8), "a Python pickle"),
    (Array("ccopy_reg".utf8), "a Python pickle"),
    (Array("<!DOCTYPE html".utf8), "an HTML page, perhaps in the place of a download"),
    (Array("<!doctype html".utf8), "an HTML page, perhaps in the place of a download"),
    (Array("<html".utf8), "an HTML page, perhaps in the place of a download"),
    (Array("<?xml".utf8), "an XML document"),
    (Array("version https://git-lfs".utf8), "a Git LFS pointer, not the file itself"),
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
    if isSafetensors(bytes) { return "a safetensors file" }
    if isONNX(bytes) { return "an ONNX model" }
    if isMATLAB4(bytes) { return "a MATLAB file (MAT, version 4)" }
    return isUTF16(bytes) ? "text in UTF-16, not UTF-8" : nil
  }

  /// The length of a JSON object, then the object.
  private static func isSafetensors(_ bytes: [UInt8]) -> Bool {
    guard let length = bytes.number(UInt64.self, at: 0), bytes.count > 9, length > 1,
      length <= bytes.count - 8
    else { return false }
    return bytes[8] == UInt8(ascii: "{") && (bytes[9] == UInt8(ascii: "\"") || bytes[9] == UInt8(ascii: "}"))
  }

  /// A protocol buffer: field 1, the version of the format, then field 2 with the name of a program, or field 7
  /// or 8, a graph or the operators.
  private static func isONNX(_ bytes: [UInt8]) -> Bool {
    guard bytes.count > 16, bytes[0] == 0x08, (1...30).contains(bytes[1]) else { return false }
    let length = Int(bytes[3])
    switch bytes[2] {
    case 0x12:
      return (1...64).contains(length) && bytes.count > 4 + length
        && bytes[4..<4 + length].allSatisfy { (0x20..<0x7F).contains($0) }
    case 0x3A, 0x42: return length > 0
    default: return false
    }
  }

  /// A header of five whole numbers: type MOPT, rows, columns, whether complex, and the length of the name that
  /// follows, which ends with 0.
  private static func isMATLAB4(_ bytes: [UInt8]) -> Bool {
    for isSwapped in [false, true] {
      let header = (0..<5).compactMap { bytes.number(UInt32.self, at: 4 * $0) }
        .map { Int(isSwapped ? $0.byteSwapped : $0) }
      guard header.count == 5 else { return false }
      let (type, length) = (header[0], header[4])
      let (rows, columns) = (header[1], header[2])
      guard type < 5000, type / 100 % 10 == 0, type / 1000 == (isSwapped ? 1 : 0) || type == 0,
        (type / 10 % 10) < 6, type % 10 < 3, header[3] < 2, (2...64).contains(length),
        bytes.count >= 20 + length
      else { continue }
      let (count, isTooLarge) = rows.multipliedReportingOverflow(by: columns)
      let name = bytes[20..<20 + length]
      if !isTooLarge, rows > 0, columns > 0, count <= bytes.count, name.last == 0,
        name.dropLast().allSatisfy({ (0x30..<0x7B).contains($0) })
      {
        return true
      }
    }
    return false
  }

  /// The name of a ZIP archive that has the entries `names`, no arrays among them.
  static func archiveName(entries names: [String]) -> String {
    if names.contains(where: { $0.hasSuffix("/data.pkl") }) { return "a PyTorch file" }
    if names.contains(where: { $0.hasPrefix("xl/") }) { return "an Excel workbook (XLSX)" }
    if names.contains(where: { $0.hasSuffix(".ods") || $0 == "content.xml" }) { return "an OpenDocument file" }
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
