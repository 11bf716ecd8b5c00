/// IDX, the format of MNIST: two zero bytes, element type, rank, lengths, then elements, all big-endian.
enum IDXFormat: DataFormat {
  static let name = "IDX"

  private struct Header {
    let elementType: ElementType
    let shape: [Int]
    let size: Int
    /// Bytes of header and elements, nil when the number overflows.
    var fileSize: Int? {
      TypedArray.byteCount(elementType: elementType, shape: shape).flatMap { bytes in
        let (sum, overflow) = bytes.addingReportingOverflow(size)
        return overflow ? nil : sum
      }
    }
  }

  static func recognize(_ content: FileContent) -> Recognition {
    let bytes = content.bytes
    guard bytes.count >= 4, bytes[0] == 0, bytes[1] == 0, elementType(bytes[2]) != nil, bytes[3] > 0 else {
      return .no(hint: nil)
    }
    return header(bytes)?.fileSize == content.size ? .certain : .possible
  }

  static func announcedSize(of beginning: [UInt8]) -> Int? {
    guard beginning.count >= 4, beginning[0] == 0, beginning[1] == 0, (1...4).contains(beginning[3]) else {
      return nil
    }
    return header(beginning)?.fileSize
  }

  static func read(_ content: FileContent, _ request: ReadingRequest) throws(DataError) -> FileArrays {
    guard let header = header(content.bytes) else {
      throw .malformed(path: content.path, place: nil, reason: "the file ends inside the IDX header")
    }
    guard header.fileSize == content.size else {
      throw .wrongSize(
        path: content.path, item: "IDX array of shape \(TypedArray.describe(shape: header.shape))",
        declared: header.fileSize, actual: content.size)
    }
    let array = TypedArray(
      elementType: header.elementType, byteOrder: .bigEndian, shape: header.shape,
      bytes: content.bytes[header.size...], isBeginning: content.rest != nil)
    let source = SourceArray(array: array, rest: content.rest)
    return FileArrays(
      summaries: [.init(name: nil, type: array.elementType.rawValue, shape: array.shape)],
      examples: .init(inputs: source), labels: source, labelsAreClasses: true)
  }

  /// The header, nil when the bytes end inside it.
  private static func header(_ bytes: [UInt8]) -> Header? {
    guard bytes.count >= 4, let type = elementType(bytes[2]) else { return nil }
    let rank = Int(bytes[3])
    guard bytes.count >= 4 + 4 * rank else { return nil }
    let shape = (0..<rank).map { axis in
      bytes[(4 + 4 * axis)..<(8 + 4 * axis)].reduce(0) { $0 << 8 | Int($1) }
    }
    return Header(elementType: type, shape: shape, size: 4 + 4 * rank)
  }

  private static func elementType(_ code: UInt8) -> ElementType? {
    switch code {
    case 0x08: .uint8
    case 0x09: .int8
    case 0x0B: .int16
    case 0x0C: .int32
    case 0x0D: .float32
    case 0x0E: .float64
    default: nil
    }
  }
}
