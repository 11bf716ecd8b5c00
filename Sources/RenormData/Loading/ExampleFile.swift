internal import LinearAlgebra

/// The examples of one file with the targets that belong to them, all still as the file stores them.
struct ExampleFile {
  let path: String
  let format: String
  /// First axis examples.
  let inputs: SourceArray
  /// Shape of an example; flat where the file has none.
  let shape: ImageShape
  /// Whether the file says that examples are images.
  let hasImageShape: Bool
  let targets: Targets?
  let sources: [DataSource]

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
