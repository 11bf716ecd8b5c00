/// What the readers see in a file.
public struct Inspection: Equatable, Sendable, Codable {
  /// An array of the file.
  public struct ArraySummary: Equatable, Sendable, Codable {
    /// Name inside the file; nil for the only array.
    public let name: String?
    /// Element type, as NumPy writes it for NPY and NPZ; `text` for CSV.
    public let type: String
    public let shape: [Int]
  }

  /// How many examples have a label.
  public struct ClassCount: Equatable, Sendable, Codable {
    public let label: Int
    public let count: Int
  }

  public let path: String
  /// Name of the format, for example `IDX`.
  public let format: String
  public let isGzipped: Bool
  /// Bytes of the decompressed content.
  public let byteCount: Int
  /// CRC-32 of the decompressed content: eight hexadecimal digits.
  public let crc32: String
  public let arrays: [ArraySummary]
  /// Headings of a text table; nil where there are none.
  public let columns: [String]?
  /// Number of (training) examples or labels; nil when no array can be used as either.
  public let exampleCount: Int?
  /// Number of examples in held-out arrays of the same file.
  public let heldOutCount: Int?
  /// Shape of an example; nil when the file only holds labels.
  public let imageShape: ImageShape?
  /// The labels that occur, ascending; nil when there are none, or not all integers, or more than 1000.
  public let classes: [ClassCount]?
  /// The inputs as stored, before any division by 255; of a file of labels the labels.
  public let values: ValueStatistics?
  /// The targets or labels as stored, where the file holds inputs as well.
  public let targets: ValueStatistics?
  /// What a user should know; each is one line.
  public let warnings: [String]

  /// Reads the file at `path`; the targets of a table are in `targetColumn`, by default the last.
  ///
  /// - Throws: `DataError` for a file that cannot be read or understood. Infinite numbers and NaN are
  ///   counted, not refused.
  public init(path: String, targetColumn: String? = nil) throws(DataError) {
    let request = ReadingRequest(targets: .column(targetColumn), isInspection: true)
    let file = try OpenFile(path, request)
    self.path = file.path
    format = file.format
    isGzipped = file.isGzipped
    byteCount = file.byteCount
    crc32 = file.crc32
    arrays = file.arrays.summaries.map { ArraySummary(name: $0.name, type: $0.type, shape: $0.shape) }
    columns = file.arrays.header
    warnings = file.arrays.warnings

    let inputs = file.arrays.examples.inputs.flatMap { Self.withShape($0, path: path) }
    let labels = file.arrays.examples.targets ?? (inputs == nil ? file.arrays.labels : nil)
    imageShape = inputs?.shape
    exampleCount = (inputs?.source ?? labels)?.array.exampleCount
    heldOutCount = file.arrays.heldOut?.inputs?.array.exampleCount
    classes = labels.flatMap { Self.classCounts($0.array) }
    values = (inputs?.source ?? labels).map { ValueStatistics($0.array) }
    targets = inputs == nil ? nil : labels.map { ValueStatistics($0.array) }
  }

  private static func withShape(
    _ source: SourceArray, path: String
  ) -> (source: SourceArray, shape: ImageShape)? {
    guard let found = try? OpenFile.shape(of: source, path: path) else { return nil }
    return (source, found.shape)
  }

  private static func classCounts(_ array: TypedArray) -> [ClassCount]? {
    guard array.shape.count == 1 || array.valuesPerExample == 1, let labels = array.integers(),
      !labels.isEmpty
    else { return nil }
    var counts: [Int: Int] = [:]
    for label in labels {
      counts[label, default: 0] += 1
      if counts.count > 1000 { return nil }
    }
    return counts.sorted { $0.key < $1.key }.map { ClassCount(label: $0.key, count: $0.value) }
  }
}
