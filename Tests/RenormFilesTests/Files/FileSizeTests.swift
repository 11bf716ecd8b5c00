import Foundation
import Testing

@testable import RenormFiles

/// Files that are larger than memory, or say so.
@Suite struct FileSizeTests {
  let scratch: Scratch

  init() throws { scratch = try Scratch() }

  /// Files with a hole, which take no room on disk.
  @Test(arguments: [1 << 42, 1 << 43]) func sparseFile(size: Int) throws {
    let path = try scratch.file("hole.csv", "1,2\n3,4\n")
    #expect(truncate(path, size) == 0)
    let error = #expect(throws: DataError.self) { try FileContent(path: path) }
    guard case .tooLarge(_, _, let bytes, _)? = error else {
      Issue.record("\(String(describing: error))")
      return
    }
    #expect(bytes == size && error?.kind == .badData)
  }

  @Test(.enabled(if: FileManager.default.fileExists(atPath: "/dev/zero")))
  func endlessDevice() {
    expectError("zero: cannot be opened (it is a device, not a file)", .missingInput) {
      try FileContent(path: "/dev/zero")
    }
    expectError("null: the file is empty") { try FileContent(path: "/dev/null") }
  }

  /// The running size of what is gunzipped, not only the one it declares, which is modulo 2^32.
  @Test func gunzippedContent() throws {
    let bytes = gzip([UInt8](repeating: 0, count: 60_000))
    #expect(try FileContent(path: "a.gz", rawBytes: bytes, budget: 60_000).bytes.count == 60_000)
    var lying = gzip([UInt8](repeating: 0, count: 60_000)) + gzip([1])
    #expect(throws: DataError.self) { try FileContent(path: "a.gz", rawBytes: lying, budget: 60_000) }
    lying = bytes
    let error = #expect(throws: DataError.self) {
      try FileContent(path: "a.gz", rawBytes: lying, budget: 50_000)
    }
    guard case .tooLarge? = error else {
      Issue.record("\(String(describing: error))")
      return
    }
  }

  /// Far more than the header of an array announces, and far more than is credible without one, is not
  /// gunzipped to the end. Members of zeros, each a thousand times smaller than its content.
  @Test func gunzippedOutOfProportion() throws {
    let member = try zeros(1 << 26)
    let many = { (count: Int) in (0..<count).flatMap { _ in member } }
    func content(_ bytes: [UInt8]) throws(DataError) -> FileContent {
      try FileContent(
        path: "a.gz", rawBytes: bytes, budget: 1 << 40, announcedSize: DataFormats.announcedSize(of:))
    }
    let idx = gzip([0, 0, 8, 1, 0, 0, 0, 2, 1, 2])
    expectError("a.gz: corrupt gzip data: its header announces 10 bytes, and there are more") {
      try content(idx + many(2))
    }
    expectError("a.gz: corrupt gzip data: its header announces 136 bytes, and there are more") {
      try content(gzip(npy("<f8", shape: "(1,)", bytes([1.0]))) + many(2))
    }
    let error = #expect(throws: DataError.self) {
      try content(many(1000))
    }
    #expect(
      "\(error.map { "\($0)" } ?? "")".hasPrefix(
        "a.gz: its content is more than 200 times as large as the file"))
    // What one header announces is left to the format, which says what it expects.
    #expect(try content(idx + gzip([7, 7])).bytes.count == 12)
  }

  /// A gzip member of so many zeros, by a program of the system.
  private func zeros(_ count: Int) throws -> [UInt8] {
    let path = try scratch.file("zeros", "")
    #expect(truncate(path, off_t(count)) == 0)
    let process = Process()
    process.executableURL = URL(fileURLWithPath: "/bin/sh")
    process.arguments = ["-c", "gzip -c '\(path)' > '\(path).gz'"]
    try process.run()
    process.waitUntilExit()
    return Array(try Data(contentsOf: URL(fileURLWithPath: path + ".gz")))
  }

  @Test func paddedGzip() throws {
    let text = [UInt8]("1,2\n".utf8)
    let zeros = [UInt8](repeating: 0, count: 512)
    #expect(try FileContent(path: "a.gz", rawBytes: gzip(text) + zeros).bytes == text)
    #expect(try FileContent(path: "a.gz", rawBytes: gzip(text) + [0] + gzip(text) + zeros).bytes == text + text)
    expectError("a.gz: corrupt gzip data: 4 bytes after the end of the gzip data") {
      try FileContent(path: "a.gz", rawBytes: gzip(text) + [0, 0, 7, 7])
    }
  }

  /// Nobody writes so many zeros after a member; they are not read.
  @Test func seaOfZeros() throws {
    let path = try scratch.file("sea.gz", "")
    try Data(gzip([UInt8]("1,2\n".utf8))).write(to: URL(fileURLWithPath: path))
    #expect(truncate(path, 10 << 30) == 0)
    expectError(
      "sea.gz: corrupt gzip data: more than 64 MiB of zeros after the end of the gzip data; cut them off"
    ) {
      try FileContent(path: path)
    }
  }

  /// An archive of kilobytes that is said to hold 4 GiB is not inflated.
  @Test func bombs() throws {
    let array = npy("<f8", shape: "(536870896,)", [UInt8](repeating: 0, count: 4000))
    expectError(
      "file: its arrays are more than 200 times as large as the file, as no data are; accepted when saved "
        + "without "
        + "compression"
    ) { try readArrays(zip("x.npy", array, declaring: (1 << 32) - 2)) }
  }

  /// A member that is said to be of 3 TB, with as many deflated bytes as that could come from.
  @Test func examplesBeyondMemory() {
    let array = TypedArray(
      elementType: .uint8, byteOrder: .littleEndian, shape: [4, 2], bytes: [UInt8](repeating: 0, count: 8)[...])
    #expect(array.shortage(examples: 4) == nil)
    #expect(array.shortage(examples: 1 << 45)?.bytes == 1 << 49)
    #expect(array.shortage(examples: .max)?.bytes == .max)
  }

  @Test func fieldsOfMegabytes() throws {
    let long = String(repeating: "h", count: 20_000)
    for text in ["\(long),b\n1,2\n3,4\n", "a,b\n1,\(long)\n", "\"\(long)\",b\n1,2\n"] {
      let error = #expect(throws: DataError.self) { try readArrays(text) }
      #expect("\(error.map { "\($0)" } ?? "")".contains("a field of 20000 bytes; accepted are at most 10000"))
    }
  }

  @Test func millionsOfColumns() {
    expectError("file: row 1: more than 1048576 columns, which are accepted at most") {
      try readArrays("a" + String(repeating: ",", count: 1 << 20) + "\n1,2\n")
    }
  }

  @Test func longHeaders() {
    expectError("file: an NPY header of 20086 bytes; accepted are at most 10000") {
      try readArrays(npy("<f8", shape: "(1,)" + String(repeating: " ", count: 20_000), bytes([1.0])))
    }
  }
}
