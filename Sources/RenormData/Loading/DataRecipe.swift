internal import LinearAlgebra

/// All that turns a file into inputs and targets of a fitted network, without the files of the fit.
///
/// Stored with a model, it prepares later files exactly as the files of the fit were prepared.
public struct DataRecipe: Equatable, Sendable, Codable {
  /// Shape of an example in the file.
  public let fileShape: ImageShape
  /// Class labels in the order of the outputs (first -> -1, second -> +1); nil for regression.
  public let classes: [Int]?
  /// Number of outputs D of the network.
  public let outputs: Int
  /// The shift and scale of the inputs.
  public let standardization: Standardization
  /// What was selected for the fit.
  public let selection: DataSelection
  /// The files of the fit.
  public let sources: [DataSource]
  /// Whether the training inputs were unsigned bytes, which are divided by 255; nil where it is not known.
  public let inputsAreBytes: Bool?
  /// The headings of the training inputs in their order; nil where the file had none.
  public let inputHeadings: [String]?

  /// Shape of an example as the network sees it.
  public var shape: ImageShape { selection.shape(of: fileShape) }

  init(
    fileShape: ImageShape, classes: [Int]?, outputs: Int, standardization: Standardization,
    selection: DataSelection, sources: [DataSource], inputsAreBytes: Bool?, inputHeadings: [String]?
  ) {
    self.fileShape = fileShape
    self.classes = classes
    self.outputs = outputs
    self.standardization = standardization
    self.selection = selection
    self.sources = sources
    self.inputsAreBytes = inputsAreBytes
    self.inputHeadings = inputHeadings
  }

  /// Decodes a recipe.
  ///
  /// - Throws: `DecodingError`, also when the parts do not fit together.
  public init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: CodingKeys.self)
    self.init(
      fileShape: try container.decode(ImageShape.self, forKey: .fileShape),
      classes: try container.decodeIfPresent([Int].self, forKey: .classes),
      outputs: try container.decode(Int.self, forKey: .outputs),
      standardization: try container.decode(Standardization.self, forKey: .standardization),
      selection: try container.decode(DataSelection.self, forKey: .selection),
      sources: try container.decode([DataSource].self, forKey: .sources),
      inputsAreBytes: try container.decodeIfPresent(Bool.self, forKey: .inputsAreBytes),
      inputHeadings: try container.decodeIfPresent([String].self, forKey: .inputHeadings))
    let widths = standardization.featureCounts
    let classOutputs = classes.map { $0.count == 2 ? 1 : $0.count } ?? outputs
    guard (try? selection.validate()) != nil, standardization.isValid, widths.allSatisfy({ $0 == shape.count }), outputs >= 1,
      classOutputs == outputs,
      classes.map({ $0.count >= 2 }) ?? true, inputHeadings.map({ $0.count == fileShape.count }) ?? true
    else {
      throw DecodingError.dataCorrupted(
        .init(
          codingPath: decoder.codingPath, debugDescription: "shape, classes, outputs or headings disagree"))
    }
  }

  func source(_ role: DataSource.Role) -> DataSource? { sources.first { $0.role == role } }
}

extension DataRecipe {
  /// The standardised inputs of the chosen examples: `shape.count` x P.
  func inputs(_ file: ExampleFile, _ examples: [Int]) throws(DataError) -> Matrix {
    let decoder = try InputDecoder(
      fileShape: fileShape, selection, path: file.path)
    let inputs = standardization.apply(to: try decoder.inputs(file, examples))
    try NumberRange.checkLargest(inputs, examples, of: file)
    return inputs
  }

  /// The targets of the chosen examples: P x D; nil when the file has none.
  ///
  /// `labels` are those of all examples of the file; nil for regression.
  func targets(_ file: ExampleFile, _ examples: [Int], labels: [Int]?) throws(DataError) -> Matrix? {
    if let classes, let labels {
      return ClassLabels.targets(examples.map { labels[$0] }, classes: classes)
    }
    guard let targets = file.targets else { return nil }
    guard targets.values.columns == outputs else {
      throw .wrongOutputs(path: targets.path, found: targets.values.columns, expected: outputs)
    }
    try NumberRange.checkLargest(targets, examples)
    return targets.values.selectingRows(examples)
  }

  /// A held-out file with its inputs in the order of the training inputs, by headings where both have some.
  ///
  /// Examples must have the shape of the training examples; flat ones with the right number of values are
  /// taken to have it.
  func matched(_ file: ExampleFile) throws(DataError) -> ExampleFile {
    try checkShape(of: file)
    guard let inputHeadings, let found = file.inputHeadings, found != inputHeadings else { return file }
    let training = source(.train)?.path ?? "the training file"
    func mismatch(_ reason: String) -> DataError {
      .malformed(path: file.path, place: .row(1), reason: reason)
    }
    if let missing = inputHeadings.first(where: { !found.contains($0) }) {
      throw mismatch("no input column is called '\(DataError.shown(missing))' as one in \(training)")
    }
    if let unexpected = found.first(where: { !inputHeadings.contains($0) }) {
      throw mismatch("no input column in \(training) is called '\(DataError.shown(unexpected))' as one here")
    }
    let order = inputHeadings.compactMap { found.firstIndex(of: $0) }
    guard Set(order).count == found.count else {
      throw mismatch("input columns of the same heading, in another order than in \(training)")
    }
    return file.reorderingInputs(order)
  }

  /// Checks that the examples of a file have the shape of the training examples; flat ones with the right
  /// number of values are taken to have it.
  private func checkShape(of file: ExampleFile) throws(DataError) {
    let isSame = file.hasImageShape ? file.shape == fileShape : file.shape.count == fileShape.count
    guard isSame else {
      throw .wrongShape(
        path: file.path, found: "\(file.shape)", expected: "\(fileShape) as in the training data")
    }
  }
}
