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
    let request = ReadingRequest(targets: .column(selection.targetColumn))
    let trainFile = try OpenFile(
      files.train, files.trainLabels == nil ? request : ReadingRequest(targets: .none))
    if let column = selection.targetColumn, !trainFile.arrays.isTable {
      throw .contradiction(
        "\(files.train): has no columns with names or numbers, so the target column '\(column)' "
          + "contradicts it")
    }
    train = try trainFile.examples(
      .training, role: .train, labels: files.trainLabels, labelsRole: .trainLabels)
    shape = try Self.shape(of: train, requested: selection.shape)

    if let path = files.test {
      let testFile = try OpenFile(
        path, files.testLabels == nil ? request : ReadingRequest(targets: .none))
      test = try testFile.examples(.heldOut, role: .test, labels: files.testLabels, labelsRole: .testLabels)
    } else if trainFile.arrays.heldOut?.inputs != nil {
      test = try trainFile.examples(.heldOut, role: .test, labels: nil, labelsRole: .testLabels)
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
    if let test, test.targets == nil { throw .missingLabels(path: test.path) }
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

  /// The shape from the file where it has one, else the requested one, else flat.
  private static func shape(
    of file: ExampleFile, requested: ImageShape?
  ) throws(DataError) -> ImageShape {
    guard let requested, requested != file.shape else { return file.shape }
    guard !file.hasImageShape else {
      throw .contradiction(
        "\(file.path): has images of \(file.shape), which the shape \(requested) contradicts")
    }
    guard requested.count == file.shape.count else {
      throw .wrongShape(
        path: file.path, found: "\(file.shape)", expected: "\(requested.count) values for \(requested)")
    }
    return requested
  }
}
