@testable import RenormFiles

/// The bytes of numbers in either order.
func bytes(_ values: [some FixedWidthInteger], _ order: ByteOrder = .littleEndian) -> [UInt8] {
  values.flatMap { value in
    withUnsafeBytes(of: order == .bigEndian ? value.bigEndian : value.littleEndian) { Array($0) }
  }
}

func bytes(_ values: [Double], _ order: ByteOrder = .littleEndian) -> [UInt8] {
  bytes(values.map(\.bitPattern), order)
}

func bytes(_ values: [Float], _ order: ByteOrder = .littleEndian) -> [UInt8] {
  bytes(values.map(\.bitPattern), order)
}

/// An IDX file.
func idx(type: UInt8 = 8, shape: [UInt32], _ content: [UInt8]) -> [UInt8] {
  [0, 0, type, UInt8(shape.count)] + bytes(shape, .bigEndian) + content
}

/// An NPY file; `shape` is Python text such as `(2, 3)`.
func npy(
  _ type: String, shape: String, fortran: Bool = false, version: UInt8 = 1, _ content: [UInt8]
) -> [UInt8] {
  let order = fortran ? "True" : "False"
  let text = Array("{'descr': '\(type)', 'fortran_order': \(order), 'shape': \(shape), }\n".utf8)
  let length = version == 1 ? bytes([UInt16(text.count)]) : bytes([UInt32(text.count)])
  return [0x93] + Array("NUMPY".utf8) + [version, 0] + length + text + content
}

/// A gzip file whose deflate stream stores the bytes as they are.
func gzip(_ content: [UInt8]) -> [UInt8] {
  let size = UInt16(content.count)
  return [0x1F, 0x8B, 8, 0, 0, 0, 0, 0, 0, 3] + [1] + bytes([size, ~size]) + content
    + bytes([CRC32.of(content[...]), UInt32(content.count)])
}

/// CIFAR-10 records: for each label three planes, each of one value.
func cifar(_ records: [(label: UInt8, red: UInt8, green: UInt8, blue: UInt8)]) -> [UInt8] {
  records.flatMap { record in
    [record.label]
      + [record.red, record.green, record.blue].flatMap { [UInt8](repeating: $0, count: 1024) }
  }
}
