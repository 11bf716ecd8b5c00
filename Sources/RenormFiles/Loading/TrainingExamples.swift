/// Which examples of the training file are used, and their classes.
struct TrainingExamples {
  /// Positions of the training examples.
  let indices: [Int]
  /// Positions of the examples that a test fraction sets apart; nil without one.
  let heldOut: [Int]?
  /// Positions of the examples that a validation fraction sets apart; nil without one.
  let validation: [Int]?
  /// The labels of all examples of the file; nil for regression.
  let labels: [ClassLabel]?
  /// The classes in the order of the outputs; nil for regression.
  let classes: [ClassLabel]?
  /// Number of outputs D.
  let outputs: Int

  init(_ file: ExampleFile, _ selection: DataSelection) throws(DataError) {
    guard let targets = file.targets else { throw .missingLabels(path: file.path, arrays: file.otherArrays) }
    let isClassification =
      selection.classes != nil || selection.classification || targets.areClasses
    if isClassification, let mode = selection.targets {
      throw .contradiction(
        "\(targets.path): the targets are classes, which '\(mode.rawValue)-targets' contradicts; it is for "
          + "real numbers"
      )
    }
    labels = isClassification ? try ClassLabels.labels(of: targets, wanted: selection.classes) : nil
    classes = try labels.map { (all) throws(DataError) in
      try Self.classes(among: all, wanted: selection.classes, path: targets.path)
    }
    outputs = classes.map { $0.count == 2 ? 1 : $0.count } ?? targets.values.columns

    let parts = try Self.split(file, labels: labels, classes: classes, selection)
    heldOut = parts.heldOut
    validation = parts.validation
    indices = try Selector.first(
      selection.trainCount, of: parts.train, part: .training, path: file.path)
    if let labels, let first = indices.first, indices.allSatisfy({ labels[$0] == labels[first] }) {
      throw .singleClass(path: file.path, label: labels[first])
    }
  }

  /// The candidates for training, and the examples that fractions for test and validation set apart.
  static func split(
    _ file: ExampleFile, labels: [ClassLabel]?, classes: [ClassLabel]?, _ selection: DataSelection
  ) throws(DataError) -> (train: [Int], heldOut: [Int]?, validation: [Int]?) {
    var train = Selector.candidates(
      count: file.count, seed: selection.shuffleSeed, stream: .train, labels: labels, classes: classes)
    func setApart(
      _ fraction: Double?, _ count: Int?, _ part: DataPart
    ) throws(DataError) -> [Int]? {
      guard let fraction else { return nil }
      let parts = try Selector.split(train, fraction: fraction, part: part, path: file.path)
      train = parts.train
      return try Selector.first(count, of: parts.heldOut, part: part, path: file.path)
    }
    let heldOut = try setApart(selection.testFraction, selection.testCount, .test)
    let validation = try setApart(selection.validationFraction, selection.validationCount, .validation)
    return (train, heldOut, validation)
  }

  /// The wanted classes, all of which must occur; else all that occur, in ascending order.
  private static func classes(
    among labels: [ClassLabel], wanted: [ClassLabel]?, path: String
  ) throws(DataError) -> [ClassLabel] {
    let present = Set(labels).sorted()
    if let wanted {
      if let absent = wanted.first(where: { !present.contains($0) }) {
        throw .absentClass(path: path, label: absent, present: present)
      }
      return wanted
    }
    guard present.count > 1 else { throw .singleClass(path: path, label: present.first ?? 0) }
    // A column of remarks or names, not of classes.
    if labels.count > 20, present.count == labels.count, present.contains(where: \.isName) {
      throw .malformed(
        path: path, place: nil,
        reason:
          "every target is a different text, such as '\(DataError.shown(labels[0].description))', so these are no "
          + "classes; `target-column` names the column of the targets")
    }
    return present
  }
}
