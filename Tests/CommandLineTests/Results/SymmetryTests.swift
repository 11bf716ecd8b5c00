import Testing

/// Changes of the input that must not change the result, or must change it in a known way.
@Suite struct SymmetryTests {
  let scratch: Scratch
  private let train = Problem(count: 14, seed: 9)
  private let files = Arguments.images + Arguments.testImages

  init() throws {
    scratch = try Scratch()
    try scratch.write(train, "train")
    try scratch.write(Problem(count: 6, seed: 10), "test")
  }

  private func expectSameResult(
    _ a: (report: JSON, predictions: Predictions), _ b: (report: JSON, predictions: Predictions),
    sourceLocation: SourceLocation = #_sourceLocation
  ) {
    let flat = { (report: JSON) in report["orderParameter"].matrix.flatMap(\.self) }
    for (x, y) in zip(flat(a.report), flat(b.report)) {
      #expect(abs(x - y) < 1e-7, sourceLocation: sourceLocation)
    }
    for column in ["mean", "variance"] {
      expectClose(
        a.predictions.column(column), b.predictions.column(column), relative: 1e-6,
        sourceLocation: sourceLocation)
    }
    #expect(!a.predictions.rows.isEmpty, sourceLocation: sourceLocation)
    for key in ["bias", "variance", "accuracy"] {
      expectClose(
        a.report["test"][key].number, b.report["test"][key].number, relative: 1e-6,
        sourceLocation: sourceLocation)
    }
  }

  @Test(arguments: [Arguments.fc, Arguments.lcn, Arguments.cnn], ["erf", "relu"])
  func orderOfTrainingExamples(network: [String], activation: String) throws {
    try scratch.write(train.examples([3, 0, 13, 7, 1, 12, 2, 4, 11, 5, 10, 6, 9, 8]), "permuted")
    let network = network + ["--activation", activation]
    let permuted = ["--train", "permuted.images", "--train-labels", "permuted.labels"] + Arguments.testImages
    expectSameResult(try fit(network + files, in: scratch), try fit(network + permuted, in: scratch))
  }

  /// Inputs times c are inputs with lambda0 / c^2.
  @Test(arguments: [Arguments.fc, Arguments.cnn]) func scaleOfInputs(network: [String]) throws {
    let test = Problem(count: 6, seed: 10)
    for (name, problem) in [("train", train), ("test", test)] {
      let inputs = problem.inputs.map { $0.map { 3 * $0 } }
      try scratch.file("\(name)3.csv", csv(inputs, problem.targets))
    }
    let plain = ["--train", "train.csv", "--test", "test.csv", "--classification", "--standardize", "none"]
    let scaled = plain.map { $0.replacing(".csv", with: "3.csv") }
    expectSameResult(
      try fit(network + plain + ["--lambda0", "0.5"], in: scratch),
      try fit(network + scaled + ["--lambda0", "4.5"], in: scratch))
  }

  /// Targets times c with temperature times c^2 and lambda1 / c^2: means times c, variances times c^2.
  @Test(arguments: [Arguments.fc, Arguments.lcn]) func scaleOfTargets(network: [String]) throws {
    for (name, problem) in [("train", train), ("test", Problem(count: 6, seed: 10))] {
      try scratch.file("\(name)2.csv", csv(problem.inputs, problem.targets.map { 2 * $0 }))
    }
    let one = try fit(network + ["--train", "train.csv", "--test", "test.csv"], in: scratch)
    let two = try fit(
      network + [
        "--train", "train2.csv", "--test", "test2.csv", "--temperature", "0.4", "--lambda1", "0.25",
      ],
      in: scratch)
    expectClose(one.predictions.column("mean").map { 2 * $0 }, two.predictions.column("mean"), relative: 1e-6)
    expectClose(
      one.predictions.column("variance").map { 4 * $0 }, two.predictions.column("variance"), relative: 1e-6)
    expectClose(4 * one.report["test"]["bias"].number, two.report["test"]["bias"].number, relative: 1e-6)
  }

  /// Global standardisation undoes any shift and scale of the pixels.
  @Test func standardisation() throws {
    for (name, problem) in [("train", train), ("test", Problem(count: 6, seed: 10))] {
      try scratch.file("\(name)5.csv", csv(problem.inputs.map { $0.map { 5 * $0 - 2 } }, problem.targets))
    }
    let plain = ["--train", "train.csv", "--test", "test.csv", "--classification"]
    let shifted = plain.map { $0.replacing(".csv", with: "5.csv") }
    expectSameResult(
      try fit(Arguments.cnn + plain, in: scratch), try fit(Arguments.cnn + shifted, in: scratch))
  }

  /// One patch as large as the image makes all architectures equal.
  @Test(arguments: ["lcn", "cnn"]) func onePosition(architecture: String) throws {
    let local = ["--architecture", architecture, "--mask", "4"]
    let one = try fit(Arguments.fc + files, in: scratch)
    let other = try fit(Arguments.fc + files + local, in: scratch)
    expectSameResult(one, other)
    expectClose(one.report["logEvidence"].number, other.report["logEvidence"].number, relative: 1e-9)
  }

  /// Holding out a quarter of a file is giving its last quarter as a test file.
  @Test func testFraction() throws {
    let problem = Problem(count: 16, seed: 2)
    try scratch.write(problem, "all")
    try scratch.write(problem.examples(0..<12), "first")
    try scratch.write(problem.examples(12..<16), "last")
    let held = try fit(
      Arguments.lcn + ["--train", "all.images", "--train-labels", "all.labels", "--test-fraction", "0.25"],
      in: scratch)
    let split = try fit(
      Arguments.lcn + ["--train", "first.images", "--train-labels", "first.labels"]
        + ["--test", "last.images", "--test-labels", "last.labels"], in: scratch)
    #expect(numbers(held.report) == numbers(split.report))
    #expect(held.predictions.rows == split.predictions.rows)
  }

  /// Counts take the first examples.
  @Test func counts() throws {
    try scratch.write(train.examples(0..<9), "nine")
    let counted = try fit(Arguments.fc + files + ["--train-count", "9", "--test-count", "4"], in: scratch)
    let nine = try fit(
      Arguments.fc + ["--train", "nine.images", "--train-labels", "nine.labels"] + Arguments.testImages,
      in: scratch)
    #expect(counted.report["orderParameter"] == nine.report["orderParameter"])
    #expect(counted.predictions.rows.count == 4)
    #expect(nine.predictions.rows.count == 6)
    for column in ["mean", "variance"] {
      expectClose(
        counted.predictions.column(column), Array(nine.predictions.column(column).prefix(4)), relative: 1e-9)
    }
  }

  @Test func shuffleSeed() throws {
    let arguments = Arguments.cnn + files + ["--train-count", "8", "--shuffle-seed"]
    let one = try fit(arguments + ["7"], in: scratch)
    let again = try fit(arguments + ["7"], in: scratch)
    let other = try fit(arguments + ["8"], in: scratch)
    #expect(numbers(one.report) == numbers(again.report))
    #expect(one.predictions.rows == again.predictions.rows)
    #expect(one.report["orderParameter"] != other.report["orderParameter"])
    // Every test example is still there.
    expectClose(
      one.predictions.column("target").sorted(), other.predictions.column("target").sorted(), relative: 1e-9)
  }

  @Test(arguments: [Arguments.fc, Arguments.lcn, Arguments.cnn], ["erf", "relu"])
  func infiniteWidth(network: [String], activation: String) throws {
    let network = network.filter { !["--width", "10"].contains($0) } + files + ["--activation", activation]
    let infinite = try fit(network + ["--infinite-width"], in: scratch)
    let matrix = infinite.report["orderParameter"].matrix
    for (i, row) in matrix.enumerated() {
      for (j, value) in row.enumerated() { #expect(value == (i == j ? 1 : 0)) }
    }
    #expect(infinite.report.members["width"] == .null)
    #expect(infinite.report["alpha"] == .number(0))
    #expect(infinite.report["formulation"] == .text("infinite-width"))
    #expect(infinite.report["converged"] == .bool(true))
    #expect(infinite.report["logEvidence"].isNumber)

    // The distance of finite widths falls as 1/N.
    let distances = try [10_000, 100_000].map { width in
      let finite = try fit(network + ["--width", "\(width)"], in: scratch)
      let pairs = zip(finite.predictions.column("mean"), infinite.predictions.column("mean"))
      return pairs.map { abs($0 - $1) }.max() ?? .nan
    }
    expectClose(distances[0], 10 * distances[1], relative: 0.02)
  }
}
