/// What went wrong between a file on disk and a data set, with the offending value and its place.
///
/// `description` is one line that starts with the path of the file; `kind` sorts the cases for exit codes.
public enum DataError: Error, Equatable, Sendable {
  // Files.
  case missingFile(path: String)
  case unreadable(path: String, reason: String)
  case isDirectory(path: String)
  case readingFailed(path: String, reason: String)
  case emptyFile(path: String)
  case cannotCreate(path: String, reason: String)
  case writingFailed(path: String, reason: String)

  // Content of one file.
  case corruptGzip(path: String, reason: String)
  /// No reader accepts the content; each hint says why one of them does not, `accepted` lists the formats.
  case unknownFormat(path: String, accepted: String, hints: [String])
  /// The content is in a well-known format, called `name`, that no reader accepts.
  case foreignFormat(path: String, name: String, accepted: String)
  /// More bytes than can be held in memory; nil where they were not counted to the end.
  case tooLarge(path: String, item: String, bytes: Int?, available: Int)
  case malformed(path: String, place: DataPlace?, reason: String)
  /// A header declares `declared` bytes, nil when the number overflows, where there are `actual`.
  case wrongSize(path: String, item: String, declared: Int?, actual: Int)
  case unsupportedType(path: String, array: String?, type: String)
  case notANumber(path: String, place: DataPlace, text: String)
  case notFinite(path: String, place: DataPlace, text: String)
  case emptyField(path: String, place: DataPlace)
  case raggedRow(path: String, row: Int, fields: Int, expected: Int)

  // Meaning of the arrays in a file.
  case missingArray(path: String, wanted: [String], found: [String])
  case unusableArray(path: String, array: String?, shape: [Int], use: String, accepted: String)
  case unknownColumn(path: String, column: String, columns: [String])
  /// `arrays` are those that could hold them.
  case missingLabels(path: String, arrays: [String] = [])
  case notALabel(path: String, place: DataPlace, value: Double)
  case countMismatch(path: String, examples: Int, labelsPath: String, labels: Int)
  case noExamples(path: String)

  // Selection.
  case absentClass(path: String, label: ClassLabel, present: [ClassLabel])
  case singleClass(path: String, label: ClassLabel)
  case tooFewExamples(path: String, part: DataPart, requested: Int, available: Int)
  case wrongShape(path: String, found: String, expected: String)
  case wrongOutputs(path: String, found: Int, expected: Int)
  case equalInputs(path: String)

  // Requests that contradict each other or have a value out of range.
  case contradiction(String)
  case invalidOption(name: String, value: String, accepted: String)
}

/// Training, validation or test examples.
public enum DataPart: String, Sendable, Codable {
  case training, validation, test
}

/// A place inside a file.
public enum DataPlace: Equatable, Sendable {
  /// A line of a text file, from 1.
  case row(Int)
  /// A field of a text file; row (line) and column count from 1.
  case cell(row: Int, column: Int)
  /// An element of an array, nil for the only one of a file; indices count from 0.
  case element(array: String?, index: [Int])
  /// A key of a report, such as `test.bias`; indices of lists count from 0.
  case key(String)
}

extension DataError {
  /// Classes of errors, one for each exit code in the manner of sysexits.
  package enum Kind: Sendable {
    /// A request that contradicts itself or the data (64).
    case usage
    /// Content that cannot be used (65).
    case badData
    /// A file that is missing or cannot be opened (66).
    case missingInput
    /// A file that cannot be created (73).
    case cannotCreateOutput
    /// Reading or writing failed midway (74).
    case inputOutput
  }

  /// The class of this error.
  package var kind: Kind {
    switch self {
    case .contradiction, .invalidOption, .missingLabels: .usage
    case .missingFile, .unreadable, .isDirectory: .missingInput
    case .cannotCreate: .cannotCreateOutput
    case .readingFailed, .writingFailed: .inputOutput
    default: .badData
    }
  }
}
