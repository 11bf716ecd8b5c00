/// The binary form of CIFAR-10: records of one label byte and 3 x 32 x 32 pixel bytes.
enum CIFARFormat: DataFormat {
  static let name = "CIFAR-10 binary"
  private static let recordSize = 1 + 3 * 32 * 32

  static func recognize(_ content: FileContent) -> Recognition {
    guard !content.looksLikeText else { return .no(hint: nil) }
    let size = content.bytes.count
    // What does not even begin with a label was not meant as such.
    guard let first = content.bytes.first, first < 10 || size.isMultiple(of: recordSize) else {
      return .no(hint: nil)
    }
    guard size.isMultiple(of: recordSize) else {
      return .no(hint: "\(size) bytes are not a multiple of \(recordSize) as CIFAR-10 records would be")
    }
    let labels = stride(from: 0, to: size, by: recordSize).lazy.map { content.bytes[$0] }
    for (record, label) in labels.enumerated() where label >= 10 {
      return .no(hint: "as a CIFAR-10 record, number \(record) would have the label \(label)")
    }
    return .certain
  }

  static func read(_ content: FileContent, _ request: ReadingRequest) throws(DataError) -> FileArrays {
    let count = content.bytes.count / recordSize
    let pixels = TypedArray(
      elementType: .uint8, byteOrder: .littleEndian, shape: [count, 3, 32, 32],
      byteStrides: [recordSize, 1024, 32, 1], bytes: content.bytes[1...])
    let labels = TypedArray(
      elementType: .uint8, byteOrder: .littleEndian, shape: [count], byteStrides: [recordSize],
      bytes: content.bytes[...])
    return FileArrays(
      summaries: [
        .init(name: "labels", type: "u1", shape: labels.shape),
        .init(name: "pixels", type: "u1", shape: pixels.shape),
      ],
      examples: .init(
        inputs: SourceArray(array: pixels, name: "pixels"),
        targets: SourceArray(array: labels, name: "labels")),
      labelsAreClasses: true)
  }
}
