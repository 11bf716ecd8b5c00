import Foundation

/// The bytes of numbers in either order.
func bytes(_ values: [some FixedWidthInteger], bigEndian: Bool = false) -> [UInt8] {
  values.flatMap { value in
    withUnsafeBytes(of: bigEndian ? value.bigEndian : value.littleEndian) { Array($0) }
  }
}

/// An IDX file of unsigned bytes.
func idx(_ shape: [Int], _ content: [UInt8]) -> [UInt8] {
  [0, 0, 8, UInt8(shape.count)] + bytes(shape.map { UInt32($0) }, bigEndian: true) + content
}

/// An NPY file in C order; `type` is NumPy's name of the elements.
func npy(_ type: String, _ shape: [Int], fortran: Bool = false, _ content: [UInt8]) -> [UInt8] {
  let lengths = shape.map { "\($0)," }.joined(separator: " ")
  var header = "{'descr': '\(type)', 'fortran_order': \(fortran ? "True" : "False"), 'shape': (\(lengths)), }"
  while (10 + header.utf8.count + 1) % 64 != 0 { header += " " }
  header += "\n"
  return [0x93] + Array("NUMPY".utf8) + [1, 0] + bytes([UInt16(header.utf8.count)]) + Array(header.utf8)
    + content
}

/// An NPY file of doubles.
func npy(_ shape: [Int], _ values: [Double], bigEndian: Bool = false) -> [UInt8] {
  npy(bigEndian ? ">f8" : "<f8", shape, bytes(values.map(\.bitPattern), bigEndian: bigEndian))
}

/// CIFAR-10 records: a label and 3 x 32 x 32 pixels each.
func cifar(_ records: [(label: UInt8, pixels: [UInt8])]) -> [UInt8] {
  records.flatMap { [$0.label] + $0.pixels }
}

/// A table with the target in the last column.
func csv(_ inputs: [[Double]], _ targets: [Double], header: String? = nil) -> String {
  let rows = zip(inputs, targets).map { ($0 + [$1]).map { "\($0)" }.joined(separator: ",") }
  return ((header.map { [$0] } ?? []) + rows).joined(separator: "\n") + "\n"
}

extension Scratch {
  /// Compresses a file with `gzip` to `name.gz`, and returns the path of that.
  @discardableResult
  func gzip(_ name: String) throws -> String {
    let launch = try Launch("/usr/bin/env", ["gzip", "-k", "-n", name], in: self)
    let run = try launch.finish()
    guard run.exitCode == 0 else { throw ToolError.failed(run) }
    return path(name + ".gz")
  }
}
