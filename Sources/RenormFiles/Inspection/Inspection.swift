/// What the readers see in a file.
package struct Inspection: Equatable, Sendable, Codable {
  /// An array of the file.
  package struct ArraySummary: Equatable, Sendable, Codable {
    /// Name inside the file; nil for the only array.
    package let name: String?
    /// Element type, as NumPy writes it for NPY and NPZ; `text` for CSV.
    package let type: String
    package let shape: [Int]
    /// The part it plays, such as `inputs`; nil for one that is not taken, and for the only array.
    package let role: String?
  }

  /// How many examples have a label.
  package struct ClassCount: Equatable, Sendable, Codable {
    package let label: ClassLabel
    package let count: Int
  }

  package let path: String
  /// Name of the format, for example `IDX`.
  package let format: String
  package let isGzipped: Bool
  /// Bytes of the decompressed content.
  package let byteCount: Int
  /// CRC-32 of the decompressed content: eight hexadecimal digits.
  package let crc32: String
  package let arrays: [ArraySummary]
  /// Headings of a text table; nil where there are none.
  package let columns: [String]?
  /// The column of the targets of a text table: its heading, or its number from 0; nil where there is none.
  package let targetColumn: String?
  /// Columns of a text table that are left out, in the same way.
  package let droppedColumns: [String]
  /// Number of (training) examples or labels; nil when no array can be used as either.
  package let exampleCount: Int?
  /// Number of examples in held-out arrays of the same file.
  package let heldOutCount: Int?
  /// Shape of an example; nil when the file only holds labels.
  package let imageShape: ImageShape?
  /// The labels that occur, ascending; nil when there are none, or not all integers, or more than 1000.
  package let classes: [ClassCount]?
  /// The inputs as stored, before any division by 255; of a file of labels the labels.
  package let values: ValueStatistics?
  /// The targets or labels as stored, where the file holds inputs as well.
  package let targets: ValueStatistics?
  /// What a user should know; each is one line.
  package let warnings: [String]

  /// Reads the file at `path` as a fit with this selection would read it, of which the columns, names of arrays
  /// and the layout matter.
  ///
  /// - Throws: `DataError` for a file that cannot be read or understood. Infinite numbers and NaN are
  ///   counted, not refused.
  package init(path: String, _ selection: DataSelection = DataSelection()) throws(DataError) {
    var request = selection.request(.column(selection.targetColumn))
    request.isInspection = true
    let file = try OpenFile(path, request)
    self.path = file.path
    format = file.format
    isGzipped = file.isGzipped
    byteCount = file.byteCount
    crc32 = file.crc32
    arrays = file.arrays.summaries.map {
      ArraySummary(name: $0.name, type: $0.type, shape: $0.shape, role: $0.role)
    }
    let header = file.arrays.header
    columns = header
    let name = { (column: Int) in header?[column] ?? "\(column)" }
    targetColumn = file.arrays.columns?.target.map(name)
    droppedColumns = file.arrays.columns?.dropped.map { name($0).isEmpty ? "\($0)" : name($0) } ?? []
    warnings = file.arrays.warnings

    let inputs = file.arrays.examples.inputs.flatMap { Self.withShape($0, selection, path: path) }
    let labels = file.arrays.examples.targets ?? (inputs == nil ? file.arrays.labels : nil)
    let hasNames = labels?.texts != nil
    imageShape = inputs?.shape
    exampleCount = (inputs?.source ?? labels)?.array.exampleCount
    heldOutCount = file.arrays.heldOut?.inputs?.array.exampleCount
    classes = labels.flatMap { Self.classCounts($0) }
    values = (inputs?.source ?? (hasNames ? nil : labels)).map { ValueStatistics($0.array) }
    targets = inputs == nil || hasNames ? nil : labels.map { ValueStatistics($0.array) }
  }

  private static func withShape(
    _ source: SourceArray, _ selection: DataSelection, path: String
  ) -> (source: SourceArray, shape: ImageShape)? {
    guard var shape = (try? OpenFile.shape(of: source, path: path))?.shape else { return nil }
    if selection.layout == .nhwc, source.array.shape.count == 4 {
      shape = ImageShape(channels: shape.width, height: shape.channels, width: shape.height)
    }
    return (source, shape)
  }

  private static func classCounts(_ source: SourceArray) -> [ClassCount]? {
    let array = source.array
    guard array.shape.count == 1 || array.valuesPerExample == 1, array.count > 0 else { return nil }
    let labels: [ClassLabel]
    if let texts = source.texts {
      labels = texts.map { ClassLabel(text: $0) }
    } else if let integers = array.integers() {
      labels =
        array.elementType == .bool
        ? integers.map { .name($0 == 0 ? "False" : "True") } : integers.map { .integer($0) }
    } else {
      return nil
    }
    var counts: [ClassLabel: Int] = [:]
    for label in labels {
      counts[label, default: 0] += 1
      if counts.count > 1000 { return nil }
    }
    return counts.sorted { $0.key < $1.key }.map { ClassCount(label: $0.key, count: $0.value) }
  }
}
