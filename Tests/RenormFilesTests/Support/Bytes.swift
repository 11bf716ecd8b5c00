@testable import RenormFiles

/// A gzip file whose deflate stream stores the bytes as they are.
func gzip(_ content: [UInt8]) -> [UInt8] {
  let size = UInt16(content.count)
  return [0x1F, 0x8B, 8, 0, 0, 0, 0, 0, 0, 3] + [1] + bytes([size, ~size]) + content
    + bytes([CRC32.of(content[...]), UInt32(content.count)])
}
