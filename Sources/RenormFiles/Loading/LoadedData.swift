internal import LinearAlgebra

/// Training and held-out examples, ready for a network, with everything a report says about them.
public struct LoadedData: Sendable {
  /// The training examples.
  public let train: Dataset
  /// The held-out examples; nil where none were asked for.
  public let test: Dataset?
  /// The examples set apart for the choice of parameters; nil without a validation fraction.
  public let validation: Dataset?
  /// Positions of the training examples in their file, from 0.
  public let trainIndices: [Int]
  /// Positions of the held-out examples in their file, from 0.
  public let testIndices: [Int]
  /// How later files are prepared in the same way.
  public let recipe: DataRecipe
  /// What a user should know but need not stop for; each is one line.
  public let warnings: [String]

  /// The shift and scale of the inputs.
  public var standardization: Standardization { recipe.standardization }
  /// The files that were read.
  public var sources: [DataSource] { recipe.sources }

  /// Reads, selects, labels and standardises the examples of a fit.
  ///
  /// - Throws: `DataError` for files that cannot be read or understood, and for selections that contradict
  ///   themselves or the files.
  public static func load(_ files: DataFiles, _ selection: DataSelection) throws(DataError) -> LoadedData {
    try DataReader(files, selection).load()
  }

  init(_ opened: OpenedFiles, _ selection: DataSelection) throws(DataError) {
    let training = try TrainingExamples(opened.train, selection)
    let path = opened.train.path
    let decoder = try InputDecoder(fileShape: opened.shape, selection, path: path)
    let raw = try decoder.inputs(opened.train, training.indices)
    let standardization = try Standardization(selection.standardize, of: raw, path: path)
    let inputs = standardization.apply(to: raw)
    try NumberRange.checkLargest(inputs, training.indices, of: opened.train)
    try NumberRange.checkSmallest(inputs, what: "input", path: path)
    let targetScaling = try TargetScaling(selection.targets, training, opened.train)
    let recipe = DataRecipe(
      fileShape: opened.shape, classes: training.classes, outputs: training.outputs,
      standardization: standardization, selection: selection, sources: opened.sources,
      inputsAreBytes: opened.train.inputsAreBytes, inputHeadings: opened.train.inputHeadings,
      targetHeading: opened.train.targetHeading, droppedColumns: opened.train.droppedColumns,
      targetScaling: targetScaling)

    train = try recipe.dataset(
      opened.train, training.indices, labels: training.labels, inputs: inputs)
    try NumberRange.checkSmallest(train.targets, what: "target", path: path)
    let heldOut = try Self.heldOut(opened, training, recipe)
    test = heldOut?.dataset
    validation = try training.validation.map { (indices) throws(DataError) in
      try recipe.dataset(
        opened.train, indices, labels: training.labels, inputs: recipe.inputs(opened.train, indices))
    }
    trainIndices = training.indices
    testIndices = heldOut?.indices ?? []
    self.recipe = recipe
    let all =
      LoadWarnings.training(opened.train, train, training, recipe)
      + LoadWarnings.features(opened.train, inputs, standardization) + (heldOut?.warnings ?? [])
    // Arrays of one file say some things twice.
    warnings = all.indices.filter { all[..<$0].contains(all[$0]) == false }.map { all[$0] }
  }

  /// The held-out examples: from a test file or test arrays, else those set apart in the training file.
  private static func heldOut(
    _ opened: OpenedFiles, _ training: TrainingExamples, _ recipe: DataRecipe
  ) throws(DataError) -> (dataset: Dataset, indices: [Int], warnings: [String])? {
    let file: ExampleFile
    let indices: [Int]
    let labels: [ClassLabel]?
    var warnings: [String] = []
    if let test = try opened.test.map({ (file) throws(DataError) in try recipe.matched(file) }) {
      let chosen = try recipe.testExamples(of: test)
      (file, indices, labels) = (test, chosen.indices, chosen.labels)
      warnings += test.warnings
      warnings += LoadWarnings.unknownClasses(chosen.unknownCount, path: test.path)
      warnings += LoadWarnings.channels(test, recipe.selection.layout)
      warnings += LoadWarnings.scale(test, recipe)
    } else if let heldOut = training.heldOut {
      (file, indices, labels) = (opened.train, heldOut, training.labels)
    } else {
      return nil
    }
    let inputs = try recipe.inputs(file, indices)
    let dataset = try recipe.dataset(file, indices, labels: labels, inputs: inputs)
    if let labels, let classes = recipe.classes {
      warnings += LoadWarnings.absentClasses(
        classes, among: indices.map { labels[$0] }, of: .test, path: file.path)
    }
    return (dataset, indices, warnings)
  }
}

extension DataRecipe {
  /// The examples of a test file that the selection of the fit takes.
  ///
  /// `unknownCount` counts those left out because their class is not one of the model, where the request
  /// listed no classes.
  func testExamples(
    of file: ExampleFile
  ) throws(DataError) -> (indices: [Int], labels: [ClassLabel]?, unknownCount: Int) {
    let labels = try labels(of: file)
    let candidates = Selector.candidates(
      count: file.count, seed: selection.shuffleSeed, stream: .test, labels: labels, classes: classes)
    if candidates.isEmpty, let labels, let classes {
      throw .absentClass(path: file.path, label: classes[0], present: Set(labels).sorted())
    }
    let indices = try Selector.first(
      selection.testCount, of: candidates, part: .test, path: file.path)
    let unknown = selection.classes == nil ? file.count - candidates.count : 0
    return (indices, labels, unknown)
  }

  /// The class labels of all examples; nil for regression and for a file without labels.
  func labels(of file: ExampleFile) throws(DataError) -> [ClassLabel]? {
    guard classes != nil, let targets = file.targets else { return nil }
    return try ClassLabels.labels(of: targets, wanted: classes)
  }

  /// The chosen examples of a file that has targets.
  func dataset(
    _ file: ExampleFile, _ examples: [Int], labels: [ClassLabel]?, inputs: Matrix
  ) throws(DataError) -> Dataset {
    guard let targets = try targets(file, examples, labels: labels) else {
      throw .missingLabels(path: file.path, arrays: file.otherArrays)
    }
    return Dataset(shape: shape, inputs: inputs, targets: targets, classes: classes)
  }
}
