internal import LinearAlgebra

/// A file format: how to tell it from others by its content, and how to find the arrays in it.
///
/// To add one, write a conformance in a file of its own and list it in `DataFormats.all`.
protocol DataFormat {
  /// The name in reports and messages.
  static var name: String { get }

  /// Whether the content is in this format.
  static func recognize(_ content: FileContent) -> Recognition

  /// Bytes of the whole content, as a header at its beginning announces them; nil where there is none.
  static func announcedSize(of beginning: [UInt8]) -> Int?

  /// The arrays in content that this format recognized.
  static func read(_ content: FileContent, _ request: ReadingRequest) throws(DataError) -> FileArrays
}

extension DataFormat {
  static func announcedSize(of beginning: [UInt8]) -> Int? { nil }
}

/// How sure a format is of a content.
enum Recognition: Equatable {
  case certain
  /// It begins as this format does, but does not go on so: taken only when no other format is certain.
  case possible
  /// Not in this format; the hint says what a user might have overlooked.
  case no(hint: String?)
}

/// What is wanted from a file.
struct ReadingRequest {
  /// Which columns of a text table hold targets.
  enum Targets: Equatable {
    /// The column of this name or index, nil for the last.
    case column(String?)
    /// None: all columns are inputs, or all are labels.
    case none
    /// Columns as those of a fit.
    case fitted(FittedColumns)
  }

  var targets = Targets.column(nil)
  /// Columns of a text table that are left out, by heading or index.
  var droppedColumns: [String] = []
  /// Arrays of an NPZ file by the part they play.
  var arrays = ArrayNames()
  /// The names that the arrays had in the training file; those of them that occur are taken.
  var trainArrays = ArrayNames()
  /// Whether the file is to hold labels of another file's examples, which may be names alone.
  var isLabels = false
  /// Whether text among the integers of a target column is meant: some classes have names.
  var hasNamedClasses = false
  /// Whether of images only what a selection takes is read (`SourceArray.examples`).
  var isSelective = false
  /// An inspection takes everything as it is: infinite numbers, unsupported arrays, arrays of any name.
  var isInspection = false
}

/// An array together with where its elements come from, for messages.
struct SourceArray {
  let array: TypedArray
  /// Name inside the file, nil when it is the only array.
  var name: String?
  /// For text tables: the line of each example, and the column (from 0) of each value.
  var table: (lines: [Int], columns: [Int])?
  /// The texts of an array of names, whose `array` numbers them in ascending order; nil for numbers.
  var texts: [String]?
  /// What goes on where the bytes of `array` end; nil where they are all.
  var rest: GzippedBeginning?

  /// The chosen examples as doubles, one column each, for which the file is read as far as the last of them.
  func examples(_ examples: [Int]) throws(DataError) -> Matrix {
    guard let rest, let last = examples.max() else { return array.examples(examples) }
    let bytes = try rest.bytes(upTo: array.end(ofExample: last))
    return array.replacing(bytes: bytes[array.bytes.startIndex...]).examples(examples)
  }

  /// The place of value `offset` (in C order) of example `example`.
  func place(example: Int, offset: Int) -> DataPlace {
    if let table {
      return .cell(row: table.lines[example], column: table.columns[offset] + 1)
    }
    return .element(array: name, index: array.index(example: example, offset: offset))
  }
}

extension SourceArray {
  /// Names, one for each example, in an array of the given shape.
  init(texts: [String], shape: [Int], name: String? = nil, table: (lines: [Int], columns: [Int])? = nil) {
    let order = Dictionary(
      uniqueKeysWithValues: Set(texts.map { ClassLabel(text: $0) }).sorted().enumerated().map { ($1, $0) })
    let numbers = texts.map { Double(order[ClassLabel(text: $0)] ?? 0) }
    self.init(array: TypedArray(values: numbers, shape: shape), name: name, table: table, texts: texts)
  }
}

/// The arrays of one file, by the part they play.
struct FileArrays {
  /// Inputs (first axis examples) and their targets or class labels.
  struct Examples {
    var inputs: SourceArray?
    var targets: SourceArray?
  }

  /// What an array is called and made of, whether or not its type is supported.
  struct Summary {
    let name: String?
    let type: String
    let shape: [Int]
    /// The part it plays, for an inspection; nil where it plays none.
    var role: String?
  }

  /// All arrays in the order of the file.
  var summaries: [Summary]
  /// The training examples, or the only ones.
  var examples = Examples()
  /// Held-out examples kept in the same file.
  var heldOut: Examples?
  /// The one array of a file that may serve as labels of another file's examples.
  var labels: SourceArray?
  /// Whether integers found as targets or labels are class labels even where nobody says so.
  var labelsAreClasses = false
  /// Headings of a text table.
  var header: [String]?
  /// Whether targets are found by column.
  var isTable = false
  /// The columns of a text table by the part they play.
  var columns: ColumnRoles?
  /// What a user should know about the content; each is one line, without the path.
  var warnings: [String] = []
}

/// The known formats.
enum DataFormats {
  /// All formats; where several are certain the first is taken.
  static var all: [any DataFormat.Type] {
    [NPZFormat.self, NPYFormat.self, IDXFormat.self, CIFARFormat.self, CSVFormat.self]
  }

  /// Bytes of the whole content, as a header at its beginning announces them; nil where none does.
  static func announcedSize(of beginning: [UInt8]) -> Int? {
    all.lazy.compactMap { $0.announcedSize(of: beginning) }.first
  }

  /// The names of all formats, for messages.
  static var accepted: String { all.map { $0.name }.joined(separator: ", ") + ", each also gzipped" }

  /// The format of a content.
  static func format(
    of content: FileContent, _ request: ReadingRequest = ReadingRequest()
  ) throws(DataError) -> any DataFormat.Type {
    if let name = ForeignFormat.name(of: content.bytes) {
      throw .foreignFormat(path: content.path, name: name, accepted: accepted)
    }
    var possible: (any DataFormat.Type)?
    var hints: [String] = []
    for format in all {
      switch format.recognize(content) {
      case .certain: return format
      case .possible: possible = possible ?? format
      case .no(let hint): hints += hint.map { [$0] } ?? []
      }
    }
    // A list of class names has no numbers.
    if possible == nil, request.isLabels, content.looksLikeText { return CSVFormat.self }
    guard let possible else { throw .unknownFormat(path: content.path, accepted: accepted, hints: hints) }
    return possible
  }
}
