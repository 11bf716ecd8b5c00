import LinearAlgebra
import Testing

@testable import RenormFiles

@Suite struct DataReaderTests {
  let scratch: Scratch
  let files: DataFiles

  init() throws {
    scratch = try Scratch()
    var generator = Seeded(7)
    let rows = (0..<50).map { example in
      ((0..<3).map { _ in "\(Double.random(in: -1...1, using: &generator))" } + ["\(example % 2)"]).joined(
        separator: ",")
    }
    files = DataFiles(train: try scratch.file("t.csv", rows.joined(separator: "\n")))
  }

  @Test func selectionsEqualSeparateLoads() throws {
    let selection = DataSelection(classification: true, testFraction: 0.2, validationFraction: 0.25)
    let reader = try DataReader(files, selection)
    for (count, seed) in [(nil, nil), (10, nil), (10, 3), (20, 3), (nil, 4)] as [(Int?, UInt32?)] {
      var own = selection
      (own.trainCount, own.shuffleSeed) = (count, seed)
      let (a, b) = (try reader.load(trainCount: count, shuffleSeed: seed), try LoadedData.load(files, own))
      #expect(a.train == b.train && a.test == b.test && a.validation == b.validation && a.recipe == b.recipe)
      #expect(try reader.trainingCount(trainCount: count, shuffleSeed: seed) == a.train.count)
    }
    expectError("t.csv: 31 training examples wanted, 30 available") {
      try reader.trainingCount(trainCount: 31)
    }
  }

  /// 50 examples: the last 10 for tests, the last 10 of the 40 others for validation.
  @Test func validationExamplesAreSetApart() throws {
    let whole = try LoadedData.load(files, DataSelection(classification: true, standardize: .none))
    let data = try LoadedData.load(
      files,
      DataSelection(
        classification: true, trainCount: 12, testFraction: 0.2, validationFraction: 0.25, validationCount: 7,
        standardize: .none))
    #expect(data.trainIndices == Array(0..<12) && data.testIndices == Array(40..<50))
    #expect(data.validation?.inputs == whole.train.inputs.selectingColumns(30..<37))
    #expect(data.validation?.targets == whole.train.targets.selectingRows(30..<37))
    #expect(whole.validation == nil)
    // They are standardised as the training examples are.
    let standardized = try LoadedData.load(
      files, DataSelection(classification: true, trainCount: 12, validationFraction: 0.2))
    #expect(
      standardized.validation?.inputs
        == standardized.standardization.apply(to: whole.train.inputs.selectingColumns(40..<50)))
  }

  @Test func requestsThatContradictThemselves() {
    expectError("a validation count (3) needs a validation fraction", .usage) {
      try LoadedData.load(files, DataSelection(classification: true, validationCount: 3))
    }
    expectError("validation fraction 1.0: must be between 0 and 1", .usage) {
      try LoadedData.load(files, DataSelection(classification: true, validationFraction: 1))
    }
  }
}
