import Foundation

/// In which order the bytes of a number stand in a file.
package enum StoredOrder { case littleEndian, bigEndian }

/// The bytes of numbers.
package func bytes(_ values: [some FixedWidthInteger], _ order: StoredOrder = .littleEndian) -> [UInt8] {
  values.flatMap { value in
    withUnsafeBytes(of: order == .bigEndian ? value.bigEndian : value.littleEndian) { Array($0) }
  }
}

package func bytes(_ values: [Double], _ order: StoredOrder = .littleEndian) -> [UInt8] {
  bytes(values.map(\.bitPattern), order)
}

package func bytes(_ values: [Float], _ order: StoredOrder = .littleEndian) -> [UInt8] {
  bytes(values.map(\.bitPattern), order)
}

/// An IDX file; type 8 is unsigned bytes.
package func idx(type: UInt8 = 8, shape: [UInt32], _ content: [UInt8]) -> [UInt8] {
  [0, 0, type, UInt8(shape.count)] + bytes(shape, .bigEndian) + content
}

/// An NPY file. `type` is NumPy's name of the elements, and `shape` Python text such as `(2, 3)`.
package func npy(
  _ type: String, shape: String, fortran: Bool = false, version: UInt8 = 1, _ content: [UInt8]
) -> [UInt8] {
  let order = fortran ? "True" : "False"
  var header = "{'descr': '\(type)', 'fortran_order': \(order), 'shape': \(shape), }"
  let start = version == 1 ? 10 : 12
  while (start + header.utf8.count + 1) % 64 != 0 { header += " " }
  let text = Array((header + "\n").utf8)
  let length = version == 1 ? bytes([UInt16(text.count)]) : bytes([UInt32(text.count)])
  return [0x93] + Array("NUMPY".utf8) + [version, 0] + length + text + content
}

package func npy(_ type: String, _ shape: [Int], fortran: Bool = false, _ content: [UInt8]) -> [UInt8] {
  npy(type, shape: "(" + shape.map { "\($0)," }.joined(separator: " ") + ")", fortran: fortran, content)
}

/// An NPY file of doubles.
package func npy(_ shape: [Int], _ values: [Double], _ order: StoredOrder = .littleEndian) -> [UInt8] {
  npy(order == .bigEndian ? ">f8" : "<f8", shape, bytes(values, order))
}

/// CIFAR-10 records: a label and 3 x 32 x 32 pixels each.
package func cifar(_ records: [(label: UInt8, pixels: [UInt8])]) -> [UInt8] {
  records.flatMap { [$0.label] + $0.pixels }
}

/// CIFAR-10 records: for each label three planes, each of one value.
package func cifar(_ records: [(label: UInt8, red: UInt8, green: UInt8, blue: UInt8)]) -> [UInt8] {
  cifar(
    records.map { record in
      let pixels = [record.red, record.green, record.blue].flatMap { [UInt8](repeating: $0, count: 1024) }
      return (record.label, pixels)
    })
}

/// A table with the target in the last column.
package func csv(_ inputs: [[Double]], _ targets: [Double], header: String? = nil) -> String {
  let rows = zip(inputs, targets).map { ($0 + [$1]).map { "\($0)" }.joined(separator: ",") }
  return ((header.map { [$0] } ?? []) + rows).joined(separator: "\n") + "\n"
}

extension Scratch {
  /// Compresses a file with `gzip` to `name.gz`, and returns the path of that.
  @discardableResult
  package func gzip(_ name: String) throws -> String {
    let launch = try Launch("/usr/bin/env", ["gzip", "-k", "-n", name], in: self)
    let run = try launch.finish(timeout: 60)
    guard run.exitCode == 0 else { throw ToolError.failed(run) }
    return path(name + ".gz")
  }
}
