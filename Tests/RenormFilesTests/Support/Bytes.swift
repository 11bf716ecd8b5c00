@testable import RenormFiles

/// A gzip file whose deflate stream stores the bytes as they are, in blocks.
func gzip(_ content: [UInt8]) -> [UInt8] {
  var result: [UInt8] = [0x1F, 0x8B, 8, 0, 0, 0, 0, 0, 0, 3]
  var start = 0
  repeat {
    let block = content[start..<min(start + Int(UInt16.max), content.count)]
    start = block.endIndex
    let size = UInt16(block.count)
    result += [start == content.count ? 1 : 0] + bytes([size, ~size]) + block
  } while start < content.count
  return result + bytes([CRC32.of(content[...]), UInt32(content.count)])
}
