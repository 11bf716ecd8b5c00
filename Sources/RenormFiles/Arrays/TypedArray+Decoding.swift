package import LinearAlgebra

extension TypedArray {
  /// The chosen examples as doubles, one column each: `valuesPerExample` x `examples.count`.
  ///
  /// Integers beyond 2^53 are rounded.
  package func examples(_ examples: some RandomAccessCollection<Int>) -> Matrix {
    var result = Matrix(rows: valuesPerExample, columns: examples.count)
    result.withUnsafeMutableElements { decode(examples, into: $0) }
    return result
  }

  /// All elements in C order as doubles.
  package func values() -> [Double] { count == 0 ? [] : examples(0..<exampleCount).elements }

  /// All elements in C order as integers; nil when one of them is not an integer.
  package func integers() -> [Int]? {
    if elementType.isInteger && elementType != .uint64 { return exactIntegers() }
    var result: [Int] = []
    result.reserveCapacity(count)
    for value in values() {
      guard let integer = Int(exactly: value) else { return nil }
      result.append(integer)
    }
    return result
  }

  /// An array of rank 2 as a matrix; one of rank 1 as a single column. Nil for other ranks.
  package func matrix() -> Matrix? {
    switch shape.count {
    case 1: Matrix(rows: shape[0], columns: 1, elements: values())
    case 2 where count == 0: Matrix(rows: shape[0], columns: shape[1], elements: [])
    case 2: examples(0..<exampleCount).transposed
    default: nil
    }
  }

  private func exactIntegers() -> [Int] {
    let examples = 0..<exampleCount
    return [Int](unsafeUninitializedCapacity: count) { output, written in
      written = count
      switch elementType {
      case .bool: gather(UInt8.self, examples, into: output) { $0 == 0 ? 0 : 1 }
      case .uint8: gather(UInt8.self, examples, into: output) { Int($0) }
      case .uint16: gather(UInt16.self, examples, into: output) { Int($0) }
      case .uint32: gather(UInt32.self, examples, into: output) { Int($0) }
      case .int8: gather(UInt8.self, examples, into: output) { Int(Int8(bitPattern: $0)) }
      case .int16: gather(UInt16.self, examples, into: output) { Int(Int16(bitPattern: $0)) }
      case .int32: gather(UInt32.self, examples, into: output) { Int(Int32(bitPattern: $0)) }
      case .int64: gather(UInt64.self, examples, into: output) { Int(Int64(bitPattern: $0)) }
      case .uint64, .float16, .float32, .float64: preconditionFailure("no exact integers")
      }
    }
  }

  private func decode(
    _ examples: some RandomAccessCollection<Int>, into output: UnsafeMutableBufferPointer<Double>
  ) {
    switch elementType {
    case .bool: gather(UInt8.self, examples, into: output) { $0 == 0 ? 0 : 1 }
    case .uint8: gather(UInt8.self, examples, into: output) { Double($0) }
    case .uint16: gather(UInt16.self, examples, into: output) { Double($0) }
    case .uint32: gather(UInt32.self, examples, into: output) { Double($0) }
    case .uint64: gather(UInt64.self, examples, into: output) { Double($0) }
    case .int8: gather(UInt8.self, examples, into: output) { Double(Int8(bitPattern: $0)) }
    case .int16: gather(UInt16.self, examples, into: output) { Double(Int16(bitPattern: $0)) }
    case .int32: gather(UInt32.self, examples, into: output) { Double(Int32(bitPattern: $0)) }
    case .int64: gather(UInt64.self, examples, into: output) { Double(Int64(bitPattern: $0)) }
    case .float16: gather(UInt16.self, examples, into: output) { Double(Float16(bitPattern: $0)) }
    case .float32: gather(UInt32.self, examples, into: output) { Double(Float(bitPattern: $0)) }
    case .float64: gather(UInt64.self, examples, into: output) { Double(bitPattern: $0) }
    }
  }

  /// Loads the elements of the chosen examples and writes what `convert` makes of them.
  ///
  /// The one place that reads without bounds checks of its elements: here is shown of every example that it
  /// lies within `bytes`.
  @inline(__always)
  private func gather<Bits: FixedWidthInteger, Value>(
    _ bits: Bits.Type, _ examples: some RandomAccessCollection<Int>,
    into output: UnsafeMutableBufferPointer<Value>, _ convert: (Bits) -> Value
  ) {
    // An axis of length 0 may stand beside one of any length.
    guard valuesPerExample > 0, !examples.isEmpty else { return }
    let offsets = exampleOffsets()
    let stride = byteStrides.first ?? 0
    let reach = (offsets.max() ?? 0) + elementType.size
    let swap = byteOrder == .bigEndian
    bytes.withUnsafeBytes { source in
      var next = 0
      for example in examples {
        precondition(example >= 0 && example < exampleCount, "example \(example) of \(exampleCount)")
        precondition(
          example * stride + reach <= source.count, "example \(example) beyond \(source.count) bytes")
        for offset in offsets {
          let raw = source.loadUnaligned(fromByteOffset: example * stride + offset, as: Bits.self)
          output.initializeElement(
            at: next, to: convert(swap ? Bits(bigEndian: raw) : Bits(littleEndian: raw)))
          next += 1
        }
      }
    }
  }

  /// Byte offsets of the elements of an example from its start, in C order.
  private func exampleOffsets() -> [Int] {
    var offsets = [0]
    for (length, stride) in zip(shape, byteStrides).dropFirst() {
      offsets = offsets.flatMap { start in (0..<length).map { start + $0 * stride } }
    }
    return offsets
  }
}
