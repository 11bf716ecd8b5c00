import LinearAlgebra
import Testing

@testable import RenormFiles

/// Semantics of loading, on files small enough to see through.
@Suite struct LoadedDataTests {
  let scratch: Scratch
  /// Ten images of 1 x 2 pixels with values (n, 100), and labels that repeat 3, 8, 5.
  let images: String
  let labels: String

  init() throws {
    scratch = try Scratch()
    images = try scratch.file("images", idx(shape: [10, 1, 2], (0..<10).flatMap { [UInt8($0), 100] }))
    labels = try scratch.file("labels", gzip(idx(shape: [10], (0..<10).map { [3, 8, 5][$0 % 3] })))
  }

  private func load(_ selection: DataSelection) throws(DataError) -> LoadedData {
    try LoadedData.load(DataFiles(train: images, trainLabels: labels), selection)
  }

  @Test func twoListedClasses() throws {
    let data = try load(DataSelection(classes: [8, 3], trainCount: 4, standardize: .none))
    #expect(data.trainIndices == [0, 1, 3, 4])
    #expect(data.train.targets.elements == [1, -1, 1, -1])
    #expect(data.train.classes == [8, 3])
    #expect(data.train.shape == ImageShape(channels: 1, height: 1, width: 2))
    let pixels: [Double] = [0, 1, 3, 4]
    #expect(data.train.inputs.row(0) == pixels.map { $0 / 255 })
    #expect(data.test == nil)
    #expect(data.warnings == [])
    #expect(data.sources.map(\.role) == [.train, .trainLabels])
    #expect(data.sources.map(\.exampleCount) == [10, 10])
    #expect(data.sources[1].format == "IDX" && data.sources[1].byteCount == 18)
  }

  @Test func allClassesAscending() throws {
    let data = try load(DataSelection())
    #expect(data.train.classes == [3, 5, 8])
    let third = 1.0 / 3
    #expect(data.train.targets.row(1) == [-third, -third, 1 - third])
    let mean: Double = 1045 / 20 / 255
    guard case .global(let found, _) = data.standardization else { Issue.record("not global"); return }
    #expect(abs(found - mean) < 1e-15)
  }

  @Test func fractionTakesTheLast() throws {
    let data = try load(DataSelection(classes: [3, 8], trainCount: 3, testFraction: 0.3, standardize: .none))
    // Candidates 0 1 3 4 6 7 9: the last two are held out.
    #expect(data.trainIndices == [0, 1, 3])
    #expect(data.testIndices == [7, 9])
    #expect(data.test?.targets.elements == [1, -1])
    let fewer = try load(DataSelection(classes: [3, 8], testCount: 1, testFraction: 0.3))
    #expect(fewer.testIndices == [7])
  }

  @Test func shufflingComesFirst() throws {
    let data = try load(DataSelection(classes: [3, 8], testFraction: 0.3, shuffleSeed: 5))
    let order = Selector.candidates(
      count: 10, seed: 5, stream: .train, labels: (0..<10).map { [3, 8, 5][$0 % 3] }, classes: [3, 8])
    #expect(data.trainIndices + data.testIndices == order)
  }

  @Test func testFileIsShuffledOnItsOwn() throws {
    let files = DataFiles(train: images, trainLabels: labels, test: images, testLabels: labels)
    let data = try LoadedData.load(files, DataSelection(testCount: 5, shuffleSeed: 1, standardize: .none))
    #expect(data.testIndices.count == 5)
    #expect(data.testIndices != Array(data.trainIndices.prefix(5)))
    let test = try #require(data.test)
    #expect(test.inputs.row(0) == data.testIndices.map { Double($0) / 255 })
  }

  @Test func statisticsComeFromTrainingExamplesAlone() throws {
    let data = try load(
      DataSelection(classes: [3, 8], trainCount: 2, testFraction: 0.3, standardize: .feature))
    // Training pixels (0, 100) and (1, 100): mean 1/2, deviation 1/2, and a constant.
    #expect(data.train.inputs.row(0) == [-1, 1])
    #expect(data.train.inputs.row(1) == [0, 0])
    #expect(data.test?.inputs.row(1) == [0, 0])
    let first = try #require(data.test?.inputs[0, 0])
    #expect(abs(first - 13) < 1e-12)
    #expect(
      data.warnings == [
        "\(images): 1 of 2 input values are the same in all training examples; they are only centred"
      ])
  }

  @Test func unknownTestClassesAreLeftOut() throws {
    let all = try scratch.file("more", idx(shape: [3], [3, 9, 8]))
    let three = try scratch.file("three", idx(shape: [3, 1, 2], [1, 2, 3, 4, 5, 6]))
    let files = DataFiles(train: images, trainLabels: labels, test: three, testLabels: all)
    let data = try LoadedData.load(files, DataSelection())
    #expect(data.testIndices == [0, 2])
    #expect(
      data.warnings == [
        "\(three): 1 example of classes not in the training data is left out",
        "\(three): no test example of class 5",
      ])
    // Where the classes are listed, the others are left out because they were asked to be.
    let listed = try LoadedData.load(files, DataSelection(classes: [3, 8]))
    #expect(listed.warnings == [])
  }

  @Test func classesMissingFromTheSelection() throws {
    let data = try load(DataSelection(trainCount: 2))
    #expect(data.train.classes == [3, 5, 8])
    #expect(data.warnings == ["\(images): no training example of class 5"])
  }

  @Test func cifarInGray() throws {
    let path = try scratch.file("cifar.bin", cifar([(0, 255, 0, 0), (1, 0, 255, 0), (1, 0, 0, 255)]))
    let data = try LoadedData.load(
      DataFiles(train: path), DataSelection(standardize: .none, grayscale: true))
    #expect(data.train.shape == ImageShape(channels: 1, height: 32, width: 32))
    #expect((0..<3).map { data.train.inputs[7, $0] } == [0.299, 0.587, 0.114])
    #expect(data.train.targets.elements == [-1, 1, 1])
    expectError("images: examples of shape 1x1x2, expected 3 channels to convert to grayscale") {
      try load(DataSelection(grayscale: true))
    }
  }

  @Test func shapes() throws {
    let table = try scratch.file("table.csv", "1,2,3,4,0.5\n5,6,7,8,1.5\n")
    let flat = try LoadedData.load(DataFiles(train: table), DataSelection())
    #expect(flat.train.shape == ImageShape(channels: 1, height: 1, width: 4))
    let square = ImageShape(channels: 1, height: 2, width: 2)
    let image = try LoadedData.load(DataFiles(train: table), DataSelection(shape: square))
    #expect(image.train.shape == square)
    let large = ImageShape(channels: 3, height: 2, width: 2)
    expectError("table.csv: examples of shape 1x1x4, expected 12 values for 3x2x2") {
      try LoadedData.load(DataFiles(train: table), DataSelection(shape: large))
    }
    expectError("images: has images of 1x1x2, which the shape 1x2x1 contradicts", .usage) {
      try load(DataSelection(shape: ImageShape(channels: 1, height: 2, width: 1)))
    }
  }

  @Test func contradictingDuplicates() throws {
    let table = try scratch.file("table.csv", "1,2,0.5\n1,2,0.5\n1,2,0.7\n3,4,1\n")
    let data = try LoadedData.load(DataFiles(train: table), DataSelection())
    #expect(
      data.warnings == ["\(table): 1 training example with the inputs of an earlier one but another target"])
  }

  @Test func firstRowThatCounts() throws {
    let train = try scratch.file("train.csv", "0,1,2,3\n5,6,4,0.5\n7,2,8,1.5\n")
    let test = try scratch.file("test.csv", "0,1,2,3\n1,6,4,0.5\n")
    let data = try LoadedData.load(DataFiles(train: train, test: test), DataSelection())
    #expect(data.train.count == 2 && data.test?.count == 1)
    #expect(data.warnings.count == 2 && data.warnings.allSatisfy { $0.contains("was taken as headings") })
  }

  @Test func channelsThatSeemToComeLast() throws {
    let path = try scratch.file(
      "x.npy", npy("|u1", shape: "(2, 8, 8, 3)", (0..<384).map { UInt8($0 % 251) }))
    let targets = try scratch.file("y.npy", npy("<f8", shape: "(2,)", bytes([0.5, 1.5])))
    let data = try LoadedData.load(DataFiles(train: path, trainLabels: targets), DataSelection())
    #expect(data.warnings.count == 1 && data.warnings.first?.contains("`layout nhwc`") == true)
    let files = DataFiles(train: path, trainLabels: targets)
    #expect(try LoadedData.load(files, DataSelection(layout: .nchw)).warnings.isEmpty)
    let moved = try LoadedData.load(files, DataSelection(standardize: .none, layout: .nhwc))
    #expect(moved.warnings.isEmpty && moved.train.shape == ImageShape(channels: 3, height: 8, width: 8))
    // Channel 2, row 5, column 6 of example 1: value 192 + (5 * 8 + 6) * 3 + 2 of the array.
    #expect(moved.train.inputs[2 * 64 + 5 * 8 + 6, 1] == Double((192 + 46 * 3 + 2) % 251) / 255)
    let flat = try scratch.file(
      "flat.npy", npy("|u1", shape: "(2, 192)", (0..<384).map { UInt8($0 % 251) }))
    let shaped = DataSelection(
      standardize: .none, shape: ImageShape(channels: 3, height: 8, width: 8), layout: .nhwc)
    let same = try LoadedData.load(DataFiles(train: flat, trainLabels: targets), shaped)
    #expect(same.train.inputs == moved.train.inputs)
    #expect(try moved.recipe.loadHeldOut(file: path, labels: targets).inputs == moved.train.inputs)
  }
}
