internal import LinearAlgebra

/// The examples of one file with the targets that belong to them, all still as the file stores them.
struct ExampleFile {
  let path: String
  let format: String
  /// First axis examples.
  var inputs: SourceArray
  /// Shape of an example; flat where the file has none.
  var shape: ImageShape
  /// Whether the file says that examples are images.
  let hasImageShape: Bool
  let targets: Targets?
  /// The headings of the inputs in a text table; nil where there are none.
  var inputHeadings: [String]?
  /// The heading of the targets in a text table; nil where there is none.
  var targetHeading: String?
  /// Columns of a text table that are left out, from 0; nil for other files.
  var droppedColumns: [Int]?
  /// Whether it is a text table.
  var isTable = false
  /// The arrays of an archive that play no part.
  var otherArrays: [String] = []
  let sources: [DataSource]
  /// What a user should know about the content; each is one line.
  let warnings: [String]

  /// Targets as read: N x D.
  struct Targets {
    let path: String
    let source: SourceArray
    let values: Matrix
    /// Whether the file marks them as class labels, or they cannot be numbers.
    let areClasses: Bool
  }

  var count: Int { inputs.array.exampleCount }
  /// Whether the inputs are unsigned bytes, which are divided by 255.
  var inputsAreBytes: Bool { inputs.array.elementType == .uint8 }

  /// Which of the arrays in a file that also keeps held-out ones.
  enum Part {
    case training, heldOut
  }
}

extension ExampleFile {
  /// The same examples with the channels, which come last in the file, before rows and columns of pixels.
  ///
  /// `shape` is that of an example with the channels first.
  func movingChannels(_ shape: ImageShape) -> ExampleFile {
    var result = self
    result.shape = shape
    result.inputs = SourceArray(
      array: inputs.array.channelsFirst(
        channels: shape.channels, height: shape.height, width: shape.width), name: inputs.name,
      rest: inputs.rest)
    return result
  }

  /// How a message calls input `index`: by its heading where it has one.
  func inputName(_ index: Int) -> String {
    if let heading = inputHeadings?[index], !heading.isEmpty { return "'\(DataError.shown(heading))'" }
    return "\(inputs.table?.columns[index] ?? index)"
  }
}
