/// The files of a fit, opened and found to agree with the request and each other.
struct OpenedFiles {
  let train: ExampleFile
  /// Held-out examples from a file or from arrays of their own.
  let test: ExampleFile?
  /// Shape of an example, before conversion to grayscale.
  let shape: ImageShape

  var sources: [DataSource] { train.sources + (test?.sources ?? []) }

  init(_ files: DataFiles, _ selection: DataSelection) throws(DataError) {
    try Self.check(files, selection)
    let request = selection.request(.column(selection.targetColumn))
    let trainFile = try OpenFile(
      files.train, files.trainLabels == nil ? request : selection.request(.none))
    try Self.check(trainFile, selection)
    let opened = try trainFile.examples(
      .training, role: .train, labels: files.trainLabels, labelsRole: .trainLabels,
      labelsRequest: selection.labelsRequest)
    shape = try Self.shape(of: opened, selection)
    train = try opened.arranged(selection, shape)

    if let path = files.test {
      let fitted = train.fittedColumns(selection, hasLabelsElsewhere: files.testLabels != nil)
      let testFile = try OpenFile(path, selection.request(fitted, of: .heldOut))
      test = try testFile.examples(
        .heldOut, role: .test, labels: files.testLabels, labelsRole: .testLabels,
        labelsRequest: selection.labelsRequest
      ).arranged(selection, shape)
    } else if trainFile.arrays.heldOut?.inputs != nil {
      test = try trainFile.examples(.heldOut, role: .test, labels: nil, labelsRole: .testLabels)
        .arranged(selection, shape)
    } else {
      test = nil
    }
    if selection.testFraction != nil && test != nil {
      throw .contradiction(
        "\(files.train): holds test examples of its own, so a test fraction contradicts it")
    }
    if selection.testCount != nil && selection.testFraction == nil && test == nil {
      throw .contradiction("\(files.train): a test count needs a test file or a test fraction")
    }
    if let test, test.targets == nil {
      guard files.test == nil else { throw .missingLabels(path: test.path) }
      throw .contradiction(
        "\(files.train): its held-out inputs have no targets beside them; add an array such as y_test, give "
          + "`test-labels` or `test-target-array`, or save the training arrays alone")
    }
  }

  /// Contradictions that show without the files.
  private static func check(_ files: DataFiles, _ selection: DataSelection) throws(DataError) {
    let inputs = [files.train, files.trainLabels, files.test, files.testLabels]
    guard inputs.count(where: { $0 == FileContent.standardInput }) < 2 else {
      throw .contradiction("standard input (-) can only be one of the files of training and held-out examples")
    }
    if let test = files.test, selection.testFraction != nil {
      throw .contradiction("\(test): a test file and a test fraction exclude each other")
    }
    if let labels = files.testLabels, files.test == nil {
      throw .contradiction("\(labels): test labels need a test file")
    }
    if let column = selection.targetColumn, let labels = files.trainLabels {
      throw .contradiction("\(labels): a labels file and the target column '\(column)' exclude each other")
    }
  }

  /// Contradictions between what is asked for and the kind of file.
  private static func check(_ file: OpenFile, _ selection: DataSelection) throws(DataError) {
    if let column = selection.targetColumn, !file.arrays.isTable {
      throw .contradiction(
        "\(file.path): has no columns with names or numbers, so the target column '\(column)' "
          + "contradicts it")
    }
    if let dropped = selection.droppedColumns, !dropped.isEmpty, !file.arrays.isTable {
      throw .contradiction(
        "\(file.path): has no columns with names or numbers, so dropping the columns "
          + "\(DataError.listed(dropped)) contradicts it")
    }
    if selection.arrays?.isEmpty == false, file.format != NPZFormat.name {
      throw .contradiction("\(file.path): is no NPZ file, so names of arrays contradict it")
    }
  }

  /// The shape from the file where it has one, else the requested one, else flat.
  private static func shape(
    of file: ExampleFile, _ selection: DataSelection
  ) throws(DataError) -> ImageShape {
    let own = file.shape(in: selection.layout)
    guard let requested = selection.shape, requested != own else { return own }
    guard !file.hasImageShape else {
      throw .contradiction(
        "\(file.path): has images of \(own), which the shape \(requested) contradicts")
    }
    guard requested.count == file.shape.count else {
      throw .wrongShape(
        path: file.path, found: "\(file.shape)", expected: "\(requested.count) values for \(requested)")
    }
    return requested
  }
}

extension ExampleFile {
  /// The shape of an example with the channels first.
  func shape(in layout: ImageLayout?) -> ImageShape {
    guard layout == .nhwc, inputs.array.shape.count == 4 else { return shape }
    return ImageShape(channels: shape.width, height: shape.channels, width: shape.height)
  }

  /// The examples with the channels first; `shape` is that of an example of the fit.
  func arranged(_ selection: DataSelection, _ shape: ImageShape) throws(DataError) -> ExampleFile {
    guard selection.layout == .nhwc else { return self }
    let own = hasImageShape ? self.shape(in: .nhwc) : shape
    guard own.channels > 1, inputs.array.valuesPerExample == own.count else {
      var result = self
      if hasImageShape { result.shape = own }
      return inputs.array.shape.count == 4 ? movingChannels(own) : result
    }
    return movingChannels(own)
  }

  /// The columns by which those of held-out tables are found.
  func fittedColumns(_ selection: DataSelection, hasLabelsElsewhere: Bool) -> FittedColumns {
    FittedColumns(
      inputCount: inputs.array.valuesPerExample, inputHeadings: inputHeadings, targetHeading: targetHeading,
      targetColumn: selection.targetColumn, dropped: droppedColumns ?? [],
      hasLabelsElsewhere: hasLabelsElsewhere, path: path)
  }
}

extension DataSelection {
  /// A request for a file of examples.
  func request(_ targets: ReadingRequest.Targets) -> ReadingRequest {
    ReadingRequest(
      targets: targets, droppedColumns: droppedColumns ?? [], arrays: arrays ?? ArrayNames(),
      hasNamedClasses: hasNamedClasses, isSelective: true)
  }

  /// A request for a file of held-out examples, whose tables have columns as the training file, and whose NPZ
  /// arrays have the names given for held-out ones.
  func request(_ fitted: FittedColumns, of part: ExampleFile.Part) -> ReadingRequest {
    var request = request(.fitted(fitted))
    request.arrays = ArrayNames(test: arrays?.test, testTargets: arrays?.testTargets)
    request.trainArrays = arrays ?? ArrayNames()
    return request
  }

  /// A request for a file of labels.
  var labelsRequest: ReadingRequest {
    ReadingRequest(targets: .none, isLabels: true, hasNamedClasses: hasNamedClasses)
  }

  private var hasNamedClasses: Bool { classes?.contains(where: \.isName) ?? false }
}
