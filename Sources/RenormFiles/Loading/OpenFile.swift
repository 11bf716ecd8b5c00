internal import LinearAlgebra

/// A file whose arrays are known.
struct OpenFile {
  let path: String
  let format: String
  let isGzipped: Bool
  let crc32: String
  let byteCount: Int
  let arrays: FileArrays

  init(_ path: String, _ request: ReadingRequest) throws(DataError) {
    let content = try FileContent(path: path) {
      DataFormats.announcedSize(of: $0)
    } partialSize: {
      request.isSelective && !request.isInspection ? IDXFormat.announcedSize(of: $0) : nil
    }
    let format = try DataFormats.format(of: content, request)
    self.path = content.path
    self.format = format.name
    isGzipped = content.isGzipped
    crc32 = CRC32.text(content.crc32)
    byteCount = content.size
    arrays = try format.read(content, request)
  }

  /// Inputs and targets of a part, with the targets from the file at `labels` where one is given.
  func examples(
    _ part: ExampleFile.Part, role: DataSource.Role, labels: String?, labelsRole: DataSource.Role,
    labelsRequest: ReadingRequest = ReadingRequest(targets: .none, isLabels: true)
  ) throws(DataError) -> ExampleFile {
    var warnings = arrays.warnings.map { "\(path): \($0)" }
    let found = part == .heldOut ? arrays.heldOut ?? arrays.examples : arrays.examples
    guard let inputs = found.inputs else {
      let wanted = part == .heldOut && arrays.heldOut != nil ? ["x_test"] : ["x_train", "x"]
      throw .missingArray(path: path, wanted: wanted, found: arrays.summaries.compactMap(\.name))
    }
    let (shape, isImage) = try Self.shape(of: inputs, path: path)
    guard inputs.array.exampleCount > 0 else { throw .noExamples(path: path) }

    var sources = [source(role, examples: inputs.array.exampleCount)]
    var targets: ExampleFile.Targets?
    if let labels {
      guard found.targets == nil else {
        throw .contradiction("\(path): already holds labels, so the labels in \(labels) contradict it")
      }
      let file = try OpenFile(labels, labelsRequest)
      guard let source = file.arrays.labels else {
        let shape = file.arrays.examples.inputs?.array.shape ?? []
        throw .unusableArray(
          path: labels, array: file.arrays.examples.inputs?.name, shape: shape, use: "labels",
          accepted: "an IDX, NPY or NPZ file, or a CSV file of one column")
      }
      targets = try file.targets(source, areClasses: file.arrays.labelsAreClasses)
      warnings += file.arrays.warnings.map { "\(labels): \($0)" }
      sources.append(file.source(labelsRole, examples: source.array.exampleCount))
    } else if let source = found.targets {
      targets = try self.targets(source, areClasses: arrays.labelsAreClasses)
    }
    if let targets, targets.values.rows != inputs.array.exampleCount {
      throw .countMismatch(
        path: path, examples: inputs.array.exampleCount,
        labelsPath: targets.path == path ? targets.source.name ?? path : targets.path,
        labels: targets.values.rows)
    }
    let named = Set([inputs.name, targets?.source.name].compactMap(\.self))
    return ExampleFile(
      path: path, format: format, inputs: inputs, shape: shape, hasImageShape: isImage, targets: targets,
      inputHeadings: arrays.header.flatMap { header in inputs.table?.columns.map { header[$0] } },
      targetHeading: arrays.header.flatMap { header in arrays.columns?.target.map { header[$0] } },
      droppedColumns: arrays.columns?.dropped, isTable: arrays.isTable,
      otherArrays: arrays.summaries.compactMap(\.name).filter { !named.contains($0) }, sources: sources,
      warnings: warnings)
  }

  private func source(_ role: DataSource.Role, examples: Int) -> DataSource {
    DataSource(
      role: role, path: path, format: format, crc32: crc32, byteCount: byteCount, exampleCount: examples)
  }

  /// All targets as numbers; they are few beside the inputs.
  private func targets(_ source: SourceArray, areClasses: Bool) throws(DataError) -> ExampleFile.Targets {
    if let (bytes, available) = source.array.shortage(examples: source.array.exampleCount) {
      throw .tooLarge(path: path, item: "the array of targets", bytes: bytes, available: available)
    }
    guard source.array.count > 0, let values = source.array.matrix() else {
      throw .unusableArray(
        path: path, array: source.name, shape: source.array.shape, use: "labels or targets",
        accepted: "N or NxD")
    }
    for column in 0..<values.columns {
      for row in 0..<values.rows where !values[row, column].isFinite {
        throw .notFinite(
          path: path, place: source.place(example: row, offset: column), text: "\(values[row, column])")
      }
    }
    let cannotBeNumbers = source.texts != nil || source.array.elementType == .bool
    return ExampleFile.Targets(
      path: path, source: source, values: values, areClasses: areClasses || cannotBeNumbers)
  }

  /// The shape of one example: images of rank 3 (N x H x W) and 4 (N x C x H x W), else flat.
  static func shape(
    of source: SourceArray, path: String
  ) throws(DataError) -> (shape: ImageShape, isImage: Bool) {
    let shape = source.array.shape
    if (2...4).contains(shape.count) && !shape.dropFirst().contains(0) {
      let lengths = [Int](repeating: 1, count: 4 - shape.count) + shape.dropFirst()
      return (ImageShape(channels: lengths[0], height: lengths[1], width: lengths[2]), shape.count > 2)
    }
    throw .unusableArray(
      path: path, array: source.name, shape: shape, use: "inputs",
      accepted: "NxM, NxHxW or NxCxHxW with at least one input value")
  }
}
