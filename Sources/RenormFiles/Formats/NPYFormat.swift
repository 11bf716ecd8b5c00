/// NPY: one NumPy array.
enum NPYFormat: DataFormat {
  static let name = "NPY"

  static func recognize(_ content: FileContent) -> Recognition {
    content.bytes.starts(with: NPYHeader.magic) ? .certain : .no(hint: nil)
  }

  static func announcedSize(of beginning: [UInt8]) -> Int? {
    guard beginning.starts(with: NPYHeader.magic), case .success(let header) = NPYHeader.parse(beginning[...]),
      let type = header.elementType?.type,
      let elements = TypedArray.byteCount(elementType: type, shape: header.shape)
    else { return nil }
    return elements.addingReportingOverflow(header.size).partialValue
  }

  static func read(_ content: FileContent, _ request: ReadingRequest) throws(DataError) -> FileArrays {
    let header: NPYHeader
    switch NPYHeader.parse(content.bytes[...]) {
    case .success(let parsed): header = parsed
    case .failure(let problem): throw .malformed(path: content.path, place: nil, reason: problem.reason)
    }
    var result = FileArrays(
      summaries: [.init(name: nil, type: header.description, shape: header.shape)])
    if request.isInspection && header.elementType == nil && !header.isText { return result }
    let source = try header.source(in: content.bytes[...], path: content.path, name: nil)
    result.labels = source
    if source.texts == nil { result.examples.inputs = source }
    return result
  }
}
