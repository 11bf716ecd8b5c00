internal import LinearAlgebra

/// The examples of one file with the targets that belong to them, all still as the file stores them.
struct ExampleFile {
  let path: String
  let format: String
  /// First axis examples.
  var inputs: SourceArray
  /// Shape of an example; flat where the file has none.
  let shape: ImageShape
  /// Whether the file says that examples are images.
  let hasImageShape: Bool
  let targets: Targets?
  /// The headings of the inputs in a text table; nil where there are none.
  var inputHeadings: [String]?
  let sources: [DataSource]
  /// What a user should know about the content; each is one line.
  let warnings: [String]

  /// Targets as read: N x D.
  struct Targets {
    let path: String
    let source: SourceArray
    let values: Matrix
    /// Whether the file marks them as class labels.
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
  /// The same examples with value `order[k]` of each as value k.
  func reorderingInputs(_ order: [Int]) -> ExampleFile {
    var result = self
    let values = inputs.array.examples(0..<count).selectingRows(order).elements
    result.inputs = SourceArray(
      array: TypedArray(values: values, shape: inputs.array.shape), name: inputs.name,
      table: inputs.table.map { table in (table.firstRow, order.map { table.columns[$0] }) })
    result.inputHeadings = inputHeadings.map { headings in order.map { headings[$0] } }
    return result
  }
}
