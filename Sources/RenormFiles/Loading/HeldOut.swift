public import LinearAlgebra

/// Examples for a fitted network, with targets where the file has them.
public struct HeldOut: Equatable, Sendable {
  /// Shape of an example as the network sees it.
  public let shape: ImageShape
  /// Standardised inputs, one column an example: `shape.count` x P.
  public let inputs: Matrix
  /// Targets P x D as the network learns them (`DataRecipe.targetScaling`); nil for a file without labels.
  public let targets: Matrix?
  /// The class labels in the order of the outputs; nil for regression.
  public let classes: [ClassLabel]?
  /// Positions of the examples in the file, from 0.
  public let indices: [Int]
  /// Which examples these are, in a few words.
  public let note: String
  /// Whether these are the held-out examples of the fit.
  public let isOfFit: Bool
  /// The files that were read.
  public let sources: [DataSource]
  /// What a user should know; each is one line.
  public let warnings: [String]

  /// Number of examples P.
  public var count: Int { inputs.columns }

  /// Inputs and targets; nil without targets.
  public var dataset: Dataset? {
    targets.map { Dataset(shape: shape, inputs: inputs, targets: $0, classes: classes) }
  }
}

extension DataRecipe {
  /// Reads the examples of a file for a fitted network.
  ///
  /// When the content is that of the fit's test file, or of the training file that the fit took its
  /// held-out examples from, they are the same held-out examples, bit for bit. Otherwise, and with
  /// `allExamples`, they are all examples of the file in its order, without those of classes that the
  /// model does not know.
  ///
  /// Columns of a table are found by the headings of the training inputs and targets, where both files have
  /// headings; others are ignored.
  ///
  /// - Throws: `DataError` for files that cannot be read or do not fit the model.
  public func loadHeldOut(
    file path: String, labels: String? = nil, allExamples: Bool = false
  ) throws(DataError) -> HeldOut {
    let fitted = fittedColumns(hasLabelsElsewhere: labels != nil)
    let opened = try OpenFile(path, selection.request(fitted, of: .heldOut))
    let file = try matched(
      opened.examples(
        .heldOut, role: .test, labels: labels, labelsRole: .testLabels,
        labelsRequest: selection.labelsRequest
      ).arranged(selection, fileShape))
    let fitExamples = allExamples ? nil : try fitExamples(of: file)
    let chosen = if let fitExamples { fitExamples } else { try everyExample(of: file) }
    return HeldOut(
      shape: shape, inputs: try inputs(file, chosen.indices),
      targets: try targets(file, chosen.indices, labels: chosen.labels), classes: classes,
      indices: chosen.indices, note: chosen.note, isOfFit: chosen.isOfFit, sources: file.sources,
      warnings: file.warnings + LoadWarnings.unknownClasses(chosen.unknownCount, path: path)
        + LoadWarnings.scale(file, self))
  }

  private struct Choice {
    var indices: [Int]
    var labels: [ClassLabel]?
    var note: String
    var isOfFit = false
    var unknownCount = 0
  }

  /// The held-out examples of the fit; nil when the files are not those of the fit.
  private func fitExamples(of file: ExampleFile) throws(DataError) -> Choice? {
    if matches(file, .test, .testLabels) {
      let chosen = try testExamples(of: file)
      return Choice(
        indices: chosen.indices, labels: chosen.labels, note: "the test examples of the fit", isOfFit: true,
        unknownCount: chosen.unknownCount)
    }
    if selection.testFraction != nil, matches(file, .train, .trainLabels) {
      let labels = try labels(of: file)
      let parts = try TrainingExamples.split(file, labels: labels, classes: classes, selection)
      return parts.heldOut.map {
        Choice(indices: $0, labels: labels, note: "the examples that the fit held out", isOfFit: true)
      }
    }
    return nil
  }

  /// Whether inputs and labels are those that the fit read in the given roles.
  private func matches(_ file: ExampleFile, _ role: DataSource.Role, _ labelsRole: DataSource.Role) -> Bool {
    guard let inputs = source(role), file.sources[0].hasSameContent(as: inputs) else { return false }
    switch (source(labelsRole), file.sources.dropFirst().first) {
    case (nil, nil): return true
    case (let fitted?, let given?): return given.hasSameContent(as: fitted)
    // Without classes to filter by, the labels have no part in the selection.
    case (_?, nil): return classes == nil
    case (nil, _?): return false
    }
  }

  /// All examples of the file, without those of unknown classes.
  private func everyExample(of file: ExampleFile) throws(DataError) -> Choice {
    let all = Array(0..<file.count)
    guard let classes, let labels = try labels(of: file) else {
      return Choice(indices: all, note: "all \(DataError.counted(all.count, "example")) of the file")
    }
    let known = Set(classes)
    let indices = all.filter { known.contains(labels[$0]) }
    guard !indices.isEmpty else {
      throw .absentClass(path: file.path, label: classes[0], present: Set(labels).sorted())
    }
    return Choice(
      indices: indices, labels: labels,
      note: "all \(DataError.counted(indices.count, "example")) of classes \(DataError.listed(classes))",
      unknownCount: all.count - indices.count)
  }
}
