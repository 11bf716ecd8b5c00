@testable import RenormFiles

/// An archive of one stored member; of a deflated one where it declares another size.
func zip(_ name: String, _ content: [UInt8], declaring declared: Int? = nil) -> [UInt8] {
  let (crc, size) = (bytes([CRC32.of(content[...])]), bytes([UInt32(content.count)]))
  let full = declared.map { bytes([UInt32($0)]) } ?? size
  let common =
    bytes([UInt16(20), 0, declared == nil ? 0 : 8, 0, 0x21]) + crc + size + full
    + bytes([UInt16(name.utf8.count), 0])
  let local = bytes([UInt32(0x0403_4B50)]) + common + Array(name.utf8) + content
  let directory =
    bytes([UInt32(0x0201_4B50)]) + bytes([UInt16(20)]) + common + [UInt8](repeating: 0, count: 14)
    + Array(name.utf8)
  return local + directory + bytes([UInt32(0x0605_4B50), 0]) + bytes([UInt16(1), 1])
    + bytes([UInt32(directory.count), UInt32(local.count)]) + [0, 0]
}
