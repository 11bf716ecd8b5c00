internal import LinearAlgebra

/// All that turns a file into inputs and targets of a fitted network, without the files of the fit.
///
/// Stored with a model, it prepares later files exactly as the files of the fit were prepared.
public struct DataRecipe: Equatable, Sendable, Codable {
  /// Shape of an example in the file.
  public let fileShape: ImageShape
  /// Class labels in the order of the outputs (first -> -1, second -> +1); nil for regression.
  public let classes: [ClassLabel]?
  /// Number of outputs D of the network.
  public let outputs: Int
  /// The shift and scale of the inputs.
  public let standardization: Standardization
  /// What was selected for the fit.
  public let selection: DataSelection
  /// The files of the fit.
  public let sources: [DataSource]
  /// Whether the training inputs were unsigned bytes, which are divided by 255; nil where it is not known.
  package let inputsAreBytes: Bool?
  /// The headings of the training inputs in their order; nil where the file had none.
  package let inputHeadings: [String]?
  /// The heading of the training targets; nil where there was none.
  public let targetHeading: String?
  /// Columns of the training table that were left out, from 0; nil for other files.
  package let droppedColumns: [Int]?
  /// The shift and scale of real-valued targets; nil for as they are.
  public let targetScaling: TargetScaling?

  /// Shape of an example as the network sees it.
  public var shape: ImageShape { selection.shape(of: fileShape) }

  init(
    fileShape: ImageShape, classes: [ClassLabel]?, outputs: Int, standardization: Standardization,
    selection: DataSelection, sources: [DataSource], inputsAreBytes: Bool?, inputHeadings: [String]?,
    targetHeading: String?, droppedColumns: [Int]?, targetScaling: TargetScaling?
  ) {
    self.fileShape = fileShape
    self.classes = classes
    self.outputs = outputs
    self.standardization = standardization
    self.selection = selection
    self.sources = sources
    self.inputsAreBytes = inputsAreBytes
    self.inputHeadings = inputHeadings
    self.targetHeading = targetHeading
    self.droppedColumns = droppedColumns
    self.targetScaling = targetScaling
  }

  /// Decodes a recipe.
  ///
  /// - Throws: `DecodingError`, also when the parts do not fit together.
  public init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: CodingKeys.self)
    self.init(
      fileShape: try container.decode(ImageShape.self, forKey: .fileShape),
      classes: try container.decodeIfPresent([ClassLabel].self, forKey: .classes),
      outputs: try container.decode(Int.self, forKey: .outputs),
      standardization: try container.decode(Standardization.self, forKey: .standardization),
      selection: try container.decode(DataSelection.self, forKey: .selection),
      sources: try container.decode([DataSource].self, forKey: .sources),
      inputsAreBytes: try container.decodeIfPresent(Bool.self, forKey: .inputsAreBytes),
      inputHeadings: try container.decodeIfPresent([String].self, forKey: .inputHeadings),
      targetHeading: try container.decodeIfPresent(String.self, forKey: .targetHeading),
      droppedColumns: try container.decodeIfPresent([Int].self, forKey: .droppedColumns),
      targetScaling: try container.decodeIfPresent(TargetScaling.self, forKey: .targetScaling))
    let widths = standardization.featureCounts
    let classOutputs = classes.map { $0.count == 2 ? 1 : $0.count } ?? outputs
    guard (try? selection.validate()) != nil, standardization.isValid, widths.allSatisfy({ $0 == shape.count }),
      outputs >= 1,
      classOutputs == outputs,
      classes.map({ $0.count >= 2 }) ?? true, inputHeadings.map({ $0.count == fileShape.count }) ?? true,
      targetScaling.map({ $0.shifts.count == outputs && classes == nil }) ?? true
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

  /// The targets of the chosen examples as the network learns them: P x D; nil when the file has none.
  ///
  /// `labels` are those of all examples of the file; nil for regression.
  func targets(_ file: ExampleFile, _ examples: [Int], labels: [ClassLabel]?) throws(DataError) -> Matrix? {
    if let classes, let labels {
      return ClassLabels.targets(examples.map { labels[$0] }, classes: classes)
    }
    guard let targets = file.targets else { return nil }
    guard targets.values.columns == outputs else {
      throw .wrongOutputs(path: targets.path, found: targets.values.columns, expected: outputs)
    }
    guard targets.source.texts == nil else {
      throw .notANumber(
        path: targets.path, place: targets.source.place(example: 0, offset: 0),
        text: targets.source.texts?.first ?? "")
    }
    try NumberRange.checkLargest(targets, examples)
    let values = targets.values.selectingRows(examples)
    return targetScaling.map { $0.apply(to: values) } ?? values
  }

  /// A held-out file whose examples are known to have the shape of the training examples; flat ones with the
  /// right number of values are taken to have it.
  func matched(_ file: ExampleFile) throws(DataError) -> ExampleFile {
    try checkShape(of: file)
    return file
  }

  /// The columns by which those of other tables are found.
  func fittedColumns(hasLabelsElsewhere: Bool) -> FittedColumns {
    FittedColumns(
      inputCount: fileShape.count, inputHeadings: inputHeadings, targetHeading: targetHeading,
      targetColumn: selection.targetColumn, dropped: droppedColumns ?? [],
      hasLabelsElsewhere: hasLabelsElsewhere,
      path: source(.train)?.path ?? "the training file")
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
