internal import LinearAlgebra

/// An array of any rank over bytes of a file, decoded only where it is asked for.
///
/// The first axis runs over examples; the elements of one example come in C order (last axis fastest),
/// however the file stores them.
package struct TypedArray: Sendable {
  /// Type of the elements as stored.
  package let elementType: ElementType
  /// Byte order of the elements as stored.
  package let byteOrder: ByteOrder
  /// Length of each axis; empty for a single number.
  package let shape: [Int]

  /// The bytes of all elements, or those at the beginning: then later examples cannot be decoded.
  let bytes: ArraySlice<UInt8>
  /// Bytes from one element to the next along each axis.
  let byteStrides: [Int]

  /// An array whose elements lie next to each other in C order, or in Fortran order (first axis fastest).
  ///
  /// `bytes` has exactly the size that `byteCount(elementType:shape:)` gives, or is the beginning of that.
  init(
    elementType: ElementType, byteOrder: ByteOrder, shape: [Int], fortranOrder: Bool = false,
    bytes: ArraySlice<UInt8>, isBeginning: Bool = false
  ) {
    let needed = Self.byteCount(elementType: elementType, shape: shape)
    precondition(
      isBeginning || needed == bytes.count,
      "\(bytes.count) bytes for shape \(shape) of \(elementType.rawValue)")
    var strides = [Int](repeating: 0, count: shape.count)
    var step = elementType.size
    for axis in fortranOrder ? Array(shape.indices) : shape.indices.reversed() {
      strides[axis] = step
      step *= max(shape[axis], 1)
    }
    self.init(
      elementType: elementType, byteOrder: byteOrder, shape: shape, byteStrides: strides, bytes: bytes,
      isBeginning: isBeginning)
  }

  /// An array whose elements lie `byteStrides` bytes apart along the axes.
  init(
    elementType: ElementType, byteOrder: ByteOrder, shape: [Int], byteStrides: [Int],
    bytes: ArraySlice<UInt8>, isBeginning: Bool = false
  ) {
    precondition(shape.count == byteStrides.count && shape.allSatisfy { $0 >= 0 })
    if !shape.contains(0), !isBeginning {
      let last = zip(shape, byteStrides).reduce(0) { $0 + ($1.0 - 1) * $1.1 }
      precondition(last + elementType.size <= bytes.count, "\(bytes.count) bytes for shape \(shape)")
    }
    self.elementType = elementType
    self.byteOrder = byteOrder
    self.shape = shape
    self.byteStrides = byteStrides
    self.bytes = bytes
  }

  /// The same array with more, or other, of its bytes from the beginning on.
  func replacing(bytes: ArraySlice<UInt8>) -> TypedArray {
    TypedArray(
      elementType: elementType, byteOrder: byteOrder, shape: shape, byteStrides: byteStrides, bytes: bytes,
      isBeginning: true)
  }

  /// The index among all bytes of the file after the last one of an example, in an array of which the examples
  /// follow each other.
  func end(ofExample example: Int) -> Int { bytes.startIndex + (example + 1) * (byteStrides.first ?? 0) }

  /// An array of doubles in C order.
  init(values: [Double], shape: [Int]) {
    let bytes = values.withUnsafeBytes { Array($0) }
    let native = 1.littleEndian == 1 ? ByteOrder.littleEndian : .bigEndian
    self.init(elementType: .float64, byteOrder: native, shape: shape, bytes: bytes[...])
  }

  /// Number of elements.
  package var count: Int { shape.reduce(1, *) }
  /// Length of the first axis; 1 for a single number.
  package var exampleCount: Int { shape.first ?? 1 }
  /// Number of elements of one example.
  package var valuesPerExample: Int { shape.dropFirst().reduce(1, *) }

  /// The bytes of a contiguous array, nil when a length is negative or the number overflows.
  static func byteCount(elementType: ElementType, shape: [Int]) -> Int? {
    guard shape.allSatisfy({ $0 >= 0 }) else { return nil }
    var result = elementType.size
    // Empty axes count as one here, so that no product over some of the axes can overflow later.
    for length in shape {
      let (product, overflow) = result.multipliedReportingOverflow(by: max(length, 1))
      guard !overflow else { return nil }
      result = product
    }
    return shape.contains(0) ? 0 : result
  }

  /// The bytes of `examples` of the examples as doubles, and what memory is available, where they do not fit.
  func shortage(examples: Int) -> (bytes: Int, available: Int)? {
    let (values, overflow) = examples.multipliedReportingOverflow(by: valuesPerExample)
    let (bytes, overflow8) = values.multipliedReportingOverflow(by: MemoryLayout<Double>.size)
    let needed = overflow || overflow8 ? Int.max : bytes
    return MemoryBudget.shortage(of: needed).map { (needed, $0) }
  }

  /// The indices in all axes of value `offset` (in C order) of example `example`.
  func index(example: Int, offset: Int) -> [Int] {
    guard !shape.isEmpty else { return [] }
    var rest = offset
    var index: [Int] = []
    for length in shape.dropFirst().reversed() {
      index.append(rest % length)
      rest /= length
    }
    return [example] + index.reversed()
  }

  /// Examples that are stored as rows x columns x channels, or flat in this order, as
  /// channels x rows x columns.
  ///
  /// The number of values of an example must be the product of the lengths, and those of a flat example lie
  /// equally far apart.
  func channelsFirst(channels: Int, height: Int, width: Int) -> TypedArray {
    precondition(valuesPerExample == channels * height * width, "\(shape) for \(channels)x\(height)x\(width)")
    let strides: [Int]
    if shape.count == 4 {
      strides = [byteStrides[3], byteStrides[1], byteStrides[2]]
    } else {
      let step = byteStrides.last ?? 0
      strides = [step, width * channels * step, channels * step]
    }
    return TypedArray(
      elementType: elementType, byteOrder: byteOrder, shape: [exampleCount, channels, height, width],
      byteStrides: [byteStrides.first ?? 0] + strides, bytes: bytes, isBeginning: true)
  }

  /// A shape as text, for example `60000x28x28`.
  static func describe(shape: [Int]) -> String {
    guard !shape.isEmpty else { return "()" }
    return shape.prefix(8).map(String.init).joined(separator: "x") + (shape.count > 8 ? "x..." : "")
  }
}
