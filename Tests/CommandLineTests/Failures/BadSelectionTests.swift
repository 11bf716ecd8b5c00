import Testing

/// Files that can be read, but do not belong together or do not hold what was asked for.
@Suite struct BadSelectionTests {
  let scratch: Scratch
  let problem = Problem(count: 8)

  init() throws {
    scratch = try Scratch()
    try scratch.write(problem, "train")
    try scratch.write(problem, "test")
  }

  @Test func differentCounts() throws {
    try scratch.file("seven.labels", problem.examples(0..<7).labelFile)
    try expectFailure(
      ExitCode.badData, ["train.images", "8 examples", "seven.labels", "7 labels"],
      Arguments.fc + ["--train", "train.images", "--train-labels", "seven.labels"], in: scratch)
  }

  @Test func differentCountsOfTestFiles() throws {
    try scratch.file("seven.labels", problem.examples(0..<7).labelFile)
    try expectFailure(
      ExitCode.badData, ["test.images", "8 examples", "seven.labels", "7 labels"],
      Arguments.fc + Arguments.images + ["--test", "test.images", "--test-labels", "seven.labels"],
      in: scratch)
  }

  @Test func classNotPresent() throws {
    try expectFailure(
      ExitCode.badData, ["train.labels", "class 7", "0, 1"],
      Arguments.fc + Arguments.images + ["--classes", "1,7"], in: scratch)
  }

  @Test func oneClassPresent() throws {
    try scratch.write(problem.examples([0, 2, 4]), "zeros")
    try expectFailure(
      ExitCode.badData, ["zeros.labels", "class 0", "at least two classes"],
      Arguments.fc + ["--train", "zeros.images", "--train-labels", "zeros.labels"], in: scratch)
  }

  @Test func oneClassWanted() throws {
    try expectFailure(
      ExitCode.usage, ["classes 1", "two or more different labels"],
      Arguments.fc + Arguments.images + ["--classes", "1"], in: scratch)
  }

  @Test func sameClassTwice() throws {
    try expectFailure(
      ExitCode.usage, ["classes 1,1", "two or more different labels"],
      Arguments.fc + Arguments.images + ["--classes", "1,1"], in: scratch)
  }

  @Test func oneClassLeftByTheCount() throws {
    try expectFailure(
      ExitCode.badData, ["train.images", "class 0", "at least two classes"],
      Arguments.fc + Arguments.images + ["--train-count", "1"], in: scratch)
  }

  @Test func labelsThatAreNotIntegers() throws {
    try scratch.file("half.csv", "1,2,0\n3,4,0.5\n")
    try expectFailure(
      ExitCode.badData, ["half.csv", "row 2, column 3", "0.5 is not an integer"],
      Arguments.fc + ["--train", "half.csv", "--classification"], in: scratch)
  }

  @Test func moreTrainingExamplesThanThereAre() throws {
    try expectFailure(
      ExitCode.badData, ["train.images", "9 training examples", "8 available"],
      Arguments.fc + Arguments.images + ["--train-count", "9"], in: scratch)
  }

  @Test func moreTestExamplesThanThereAre() throws {
    try expectFailure(
      ExitCode.badData, ["test.images", "9 test examples", "8 available"],
      Arguments.fc + Arguments.images + Arguments.testImages + ["--test-count", "9"], in: scratch)
  }

  @Test func testFractionBesidesATestFile() throws {
    try expectFailure(
      ExitCode.usage, ["test.images", "test fraction"],
      Arguments.fc + Arguments.images + Arguments.testImages + ["--test-fraction", "0.5"], in: scratch)
  }

  @Test func testLabelsWithoutATestFile() throws {
    try expectFailure(
      ExitCode.usage, ["test.labels", "test file"],
      Arguments.fc + Arguments.images + ["--test-labels", "test.labels"], in: scratch)
  }

  @Test func testCountWithoutTestExamples() throws {
    try expectFailure(
      ExitCode.usage, ["test count"], Arguments.fc + Arguments.images + ["--test-count", "2"], in: scratch)
  }

  @Test func predictionsWithoutTestExamples() throws {
    try expectFailure(
      ExitCode.usage, ["--predictions", "--test-fraction"], Arguments.fc + Arguments.images, in: scratch)
  }

  @Test func missingLabels() throws {
    try expectFailure(
      ExitCode.usage, ["train.images", "labels"], Arguments.fc + ["--train", "train.images"], in: scratch)
  }

  @Test func unknownColumn() throws {
    try scratch.file("named.csv", "a,b,y\n1,2,0\n3,5,1\n")
    try expectFailure(
      ExitCode.badData, ["named.csv", "'z'", "a, b, y"],
      Arguments.fc + ["--train", "named.csv", "--target-column", "z"], in: scratch)
  }

  @Test func testExamplesOfAnotherShape() throws {
    try scratch.write(Problem(count: 4, height: 3, width: 3), "small")
    try expectFailure(
      ExitCode.badData, ["small.images", "1x3x3", "1x4x4"],
      Arguments.fc + Arguments.images + ["--test", "small.images", "--test-labels", "small.labels"],
      in: scratch)
  }

  @Test func shapeThatTheValuesDoNotFill() throws {
    try expectFailure(
      ExitCode.badData, ["train.csv", "1x1x16", "1x3x3"],
      Arguments.fc + ["--train", "train.csv", "--shape", "1x3x3"], in: scratch)
  }

  @Test func grayscaleOfOneChannel() throws {
    try expectFailure(
      ExitCode.badData, ["train.images", "1x4x4", "3 channels"],
      Arguments.fc + Arguments.images + ["--grayscale"], in: scratch)
  }
}
