import Foundation
import Testing

@testable import RenormFiles

/// Well-known formats that are not read are named.
@Suite struct ForeignFormatTests {
  private static let text = "1.5,2\n3,4\n5,6\n"

  private static let files: [(name: String, bytes: [UInt8])] = [
    ("UTF-16", [0xFF, 0xFE] + text.utf16.flatMap { [UInt8($0), 0] }),
    ("UTF-16", [0xFE, 0xFF] + text.utf16.flatMap { [0, UInt8($0)] }),
    ("UTF-16", text.utf16.flatMap { [UInt8($0), 0] }), ("UTF-16", text.utf16.flatMap { [0, UInt8($0)] }),
    ("bzip2", Array("BZh91AY&SY".utf8) + [1, 2, 3]), ("xz", [0xFD] + Array("7zXZ".utf8) + [0, 0, 4]),
    ("HDF5", [0x89] + Array("HDF\r\n".utf8) + [0x1A, 0x0A] + [UInt8](repeating: 0, count: 40)),
    ("MATLAB", Array("MATLAB 5.0 MAT-file, Platform: GLNXA64".utf8) + [0, 1, 2]),
    ("pickle", [0x80, 2, 0x8A, 0x0A] + Array("l.".utf8)),
    ("tar", [UInt8](repeating: 0x61, count: 257) + Array("ustar".utf8) + [0, 0x30, 0x30]),
  ]

  @Test(arguments: files) func named(name: String, bytes: [UInt8]) throws {
    for content in [bytes, gzip(bytes)] {
      let error = try #require(throws: DataError.self) { try readArrays(content) }
      #expect("\(error)".contains(name), "\(error)")
      #expect("\(error)".contains("accepted are NPZ, NPY, IDX, CIFAR-10 binary, CSV"))
      #expect(!"\(error)".contains("3073"))
    }
  }

  /// Archives without arrays; `zip` writes members that are stored.
  @Test(arguments: [
    ("m/data.pkl", "a PyTorch file"), ("[Content_Types].xml", "an Office document (such as Excel)"),
    ("README.txt", "a ZIP archive without NumPy arrays"),
  ])
  func archives(member: String, name: String) throws {
    let error = try #require(throws: DataError.self) { try readArrays(Self.zip(member, Array("hello".utf8))) }
    #expect("\(error)".hasPrefix("file: is \(name), which is not read; accepted are NPZ, NPY"))
  }

  /// NumPy opens members by their content, with or without the ending of their names.
  @Test func membersWithoutEnding() throws {
    let file = Self.zip("x", npy("<f8", shape: "(2, 1)", bytes([1.0, 2])))
    #expect(try readArrays(file).examples.inputs?.array.values() == [1, 2])
  }

  /// An archive of one stored member.
  private static func zip(_ name: String, _ content: [UInt8]) -> [UInt8] {
    let (crc, size) = (bytes([CRC32.of(content[...])]), bytes([UInt32(content.count)]))
    let common = bytes([UInt16(20), 0, 0, 0, 0x21]) + crc + size + size + bytes([UInt16(name.utf8.count), 0])
    let local = bytes([UInt32(0x0403_4B50)]) + common + Array(name.utf8) + content
    let directory =
      bytes([UInt32(0x0201_4B50)]) + bytes([UInt16(20)]) + common + [UInt8](repeating: 0, count: 14)
      + Array(name.utf8)
    return local + directory + bytes([UInt32(0x0605_4B50), 0]) + bytes([UInt16(1), 1])
      + bytes([UInt32(directory.count), UInt32(local.count)]) + [0, 0]
  }
}
