import Testing

/// The same examples in every format give the same numbers, to the last digit.
@Suite struct SameNumbersTests {
  let scratch: Scratch
  let train = Problem(count: 14, seed: 3)
  let test = Problem(count: 5, seed: 4)
  private let tables = ["--train", "train.csv", "--test", "test.csv", "--classification"]

  init() throws {
    scratch = try Scratch()
    try scratch.write(train, "train")
    try scratch.write(test, "test")
  }

  /// Expects that two ways to give the data lead to the same report and predictions.
  private func expectSame(
    _ arguments: [String], _ reference: [String], network: [String] = Arguments.fc,
    sourceLocation: SourceLocation = #_sourceLocation
  ) throws {
    let a = try fit(network + arguments, in: scratch, sourceLocation: sourceLocation)
    let b = try fit(network + reference, in: scratch, sourceLocation: sourceLocation)
    #expect(numbers(a.report) == numbers(b.report), sourceLocation: sourceLocation)
    #expect(a.predictions.rows == b.predictions.rows, sourceLocation: sourceLocation)
    #expect(!a.predictions.rows.isEmpty, sourceLocation: sourceLocation)
  }

  @Test(arguments: [Arguments.fc, Arguments.lcn, Arguments.cnn]) func idxAndTable(network: [String]) throws {
    try expectSame(Arguments.images + Arguments.testImages, tables, network: network)
  }

  @Test func headings() throws {
    let names = (0..<16).map { "pixel \($0)" } + ["label"]
    try scratch.file("train2.csv", csv(train.inputs, train.targets, header: names.joined(separator: ",")))
    try expectSame(["--train", "train2.csv", "--test", "test.csv", "--classification"], tables)
  }

  @Test(arguments: ["label", "0", "-17"]) func targetColumn(column: String) throws {
    for (name, problem) in [("train", train), ("test", test)] {
      let names = ["label"] + (0..<16).map { "\"pixel, \($0)\"" }
      let rows = zip(problem.targets, problem.inputs).map {
        ([$0] + $1).map { "\($0)" }.joined(separator: ",")
      }
      try scratch.file("\(name)2.csv", ([names.joined(separator: ",")] + rows).joined(separator: "\r\n"))
    }
    try expectSame(
      ["--train", "train2.csv", "--test", "test2.csv", "--classification", "--target-column", column], tables)
  }

  @Test(arguments: [";", "\t"]) func otherSeparators(separator: String) throws {
    try scratch.file("train2.csv", train.table.replacing(",", with: separator))
    try expectSame(["--train", "train2.csv", "--test", "test.csv", "--classification"], tables)
  }

  @Test func labelsInATableOfTheirOwn() throws {
    try scratch.file("labels.csv", train.labels.map { "\($0)\n" }.joined())
    try expectSame(
      ["--train", "train.images", "--train-labels", "labels.csv", "--classification"] + Arguments.testImages,
      Arguments.images + Arguments.testImages)
  }

  @Test func arraysOfBytes() throws {
    for (name, problem) in [("train", train), ("test", test)] {
      try scratch.file("\(name).x", npy("|u1", [problem.count, 4, 4], problem.images.flatMap(\.self)))
      try scratch.file("\(name).y", npy("<i8", [problem.count], bytes(problem.labels)))
    }
    try expectSame(arrays, Arguments.images + Arguments.testImages, network: Arguments.cnn)
  }

  @Test(arguments: [false, true]) func arraysOfDoubles(bigEndian: Bool) throws {
    for (name, problem) in [("train", train), ("test", test)] {
      let values = problem.inputs.flatMap(\.self)
      try scratch.file("\(name).x", npy([problem.count, 16], values, bigEndian ? .bigEndian : .littleEndian))
      try scratch.file(
        "\(name).y", npy([problem.count], problem.targets, bigEndian ? .bigEndian : .littleEndian))
    }
    try expectSame(arrays, tables)
  }

  @Test func arraysInFortranOrder() throws {
    for (name, problem) in [("train", train), ("test", test)] {
      let values = (0..<16).flatMap { pixel in problem.images.map { $0[pixel] } }
      try scratch.file("\(name).x", npy("|u1", [problem.count, 16], fortran: true, values))
      try scratch.file("\(name).y", npy("|u1", [problem.count], problem.labels.map { UInt8($0) }))
    }
    try expectSame(arrays, tables)
  }

  private let arrays = [
    "--train", "train.x", "--train-labels", "train.y", "--test", "test.x", "--test-labels", "test.y",
    "--classification",
  ]

  @Test(
    .needsNumPy, arguments: ["savez", "savez_compressed"])
  func archive(function: String) throws {
    try writeArchives(function)
    try expectSame(["--train", "all.npz", "--classification"], tables)
    try expectSame(["--train", "train.npz", "--test", "test.npz", "--classification"], tables)
  }

  private func writeArchives(_ function: String) throws {
    try Python.run(
      """
      x, t = (np.fromfile(f, 'u1')[16:].reshape(-1, 4, 4) for f in ('train.images', 'test.images'))
      y, u = (np.fromfile(f, 'u1')[8:] for f in ('train.labels', 'test.labels'))
      np.\(function)('all.npz', x_train=x, y_train=y.astype('i4'), x_test=t, y_test=u.astype('f4'))
      np.\(function)('train.npz', X=x, y=y)
      np.\(function)('test.npz', x=t, y=u.astype('>i2'))
      """, in: scratch)
  }

  @Test func gzipped() throws {
    for name in ["train.images", "train.labels", "train.csv", "test.images", "test.labels", "test.csv"] {
      try scratch.gzip(name)
    }
    let zipped = { (arguments: [String]) in arguments.map { $0.contains(".") ? $0 + ".gz" : $0 } }
    try expectSame(zipped(Arguments.images + Arguments.testImages), Arguments.images + Arguments.testImages)
    try expectSame(zipped(tables), tables)
  }

  /// The name of a file says nothing about its format.
  @Test func misleadingNames() throws {
    try scratch.file("table.npz", train.table)
    try scratch.file("images.csv", test.imageFile)
    try expectSame(["--train", "table.npz", "--test", "test.csv", "--classification"], tables)
    try expectSame(
      Arguments.images + ["--test", "images.csv", "--test-labels", "test.labels"],
      Arguments.images + Arguments.testImages)
  }

  /// Classification into two classes is regression of -1 and +1.
  @Test func classesAreTargets() throws {
    for (name, problem) in [("train", train), ("test", test)] {
      try scratch.file("\(name)2.csv", csv(problem.inputs, problem.targets.map { 2 * $0 - 1 }))
    }
    let regression = try fit(Arguments.fc + ["--train", "train2.csv", "--test", "test2.csv"], in: scratch)
    let classes = try fit(Arguments.fc + tables, in: scratch)
    #expect(regression.report["orderParameter"] == classes.report["orderParameter"])
    #expect(regression.report["test"]["bias"] == classes.report["test"]["bias"])
    // Classes have their probabilities besides.
    let count = regression.predictions.header.count
    #expect(regression.predictions.rows == classes.predictions.rows.map { Array($0.prefix(count)) })
  }
}
