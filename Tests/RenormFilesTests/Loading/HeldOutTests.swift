import Foundation
import LinearAlgebra
import Testing

@testable import RenormFiles

/// Reading files for a fitted network: the held-out examples of the fit come back bit for bit.
@Suite struct HeldOutTests {
  let scratch: Scratch
  let images: String
  let labels: String

  init() throws {
    scratch = try Scratch()
    var generator = Seeded(1)
    let pixels = (0..<40 * 6).map { _ in UInt8.random(in: 0...255, using: &generator) }
    images = try scratch.file("images", gzip(idx(shape: [40, 2, 3], pixels)))
    labels = try scratch.file("labels", idx(shape: [40], (0..<40).map { [3, 8, 5, 7][$0 % 4] }))
  }

  /// The recipe as a model file would give it back.
  private func stored(_ data: LoadedData) throws -> DataRecipe {
    let recipe = try JSONDecoder().decode(DataRecipe.self, from: JSONEncoder().encode(data.recipe))
    #expect(recipe == data.recipe)
    return recipe
  }

  private func expectSame(_ heldOut: HeldOut, _ data: LoadedData) {
    #expect(heldOut.isOfFit)
    #expect(heldOut.dataset == data.test)
    #expect(heldOut.indices == data.testIndices)
  }

  @Test(arguments: StandardizationMode.allCases) func testFile(mode: StandardizationMode) throws {
    let files = DataFiles(train: images, trainLabels: labels, test: images, testLabels: labels)
    let selection = DataSelection(
      classes: [8, 3], trainCount: 9, testCount: 7, shuffleSeed: 3, standardize: mode)
    let data = try LoadedData.load(files, selection)
    let heldOut = try stored(data).loadHeldOut(file: images, labels: labels)
    expectSame(heldOut, data)
    #expect(heldOut.note == "the test examples of the fit")
  }

  @Test func contentNotNameDecides() throws {
    let data = try LoadedData.load(
      DataFiles(train: images, trainLabels: labels), DataSelection(testFraction: 0.4, shuffleSeed: 2))
    let plain = try scratch.file("copy", FileContent(path: images).bytes)
    let zipped = try scratch.file("copied-labels", gzip(FileContent(path: labels).bytes))
    let heldOut = try stored(data).loadHeldOut(file: plain, labels: zipped)
    expectSame(heldOut, data)
    #expect(heldOut.note == "the examples that the fit held out")
  }

  @Test func fractionOfTable() throws {
    var generator = Seeded(4)
    let rows = (0..<30).map { _ in
      (0..<4).map { _ in "\(Double.random(in: -1...1, using: &generator))" }.joined(separator: ",")
    }
    let table = try scratch.file("t.csv", "y,a,b,c\n" + rows.joined(separator: "\n"))
    let selection = DataSelection(
      trainCount: 10, testCount: 5, testFraction: 0.3, shuffleSeed: 0, targetColumn: "y")
    let data = try LoadedData.load(DataFiles(train: table), selection)
    expectSame(try stored(data).loadHeldOut(file: table), data)

    let all = try stored(data).loadHeldOut(file: table, allExamples: true)
    #expect(!all.isOfFit && all.count == 30)
    #expect(all.note == "all 30 examples of the file")
    #expect(all.inputs.selectingColumns(data.trainIndices) == data.train.inputs)
    #expect(all.targets?.selectingRows(data.trainIndices) == data.train.targets)

    // Without the target column.
    let bare = rows.map { $0.split(separator: ",").dropFirst().joined(separator: ",") }
    let inputs = try scratch.file("inputs.csv", "a,b,c\n" + bare.joined(separator: "\n"))
    let unlabelled = try stored(data).loadHeldOut(file: inputs)
    #expect(unlabelled.targets == nil && unlabelled.dataset == nil)
    #expect(unlabelled.inputs == all.inputs)

    let narrow = try scratch.file("narrow.csv", "y,a\n1,2\n")
    expectError("narrow.csv: row 1: no input column is called 'b' as one in t.csv") {
      try stored(data).loadHeldOut(file: narrow)
    }
  }

  @Test func arraysOfTheSameArchive() throws {
    let path = try scratch.file("d.npz", Fixtures.deflatedNPZ)
    let data = try LoadedData.load(DataFiles(train: path), DataSelection(classes: [3, 8], testCount: 1))
    expectSame(try stored(data).loadHeldOut(file: path), data)
    let all = try stored(data).loadHeldOut(file: path, allExamples: true)
    #expect(all.count == 2)  // those of x_test
  }

  @Test func regressionNeedsNoLabelsToSelect() throws {
    let y = try scratch.file("y.csv", (0..<40).map { "\($0).5" }.joined(separator: "\n"))
    let files = DataFiles(train: images, trainLabels: y, test: images, testLabels: y)
    let data = try LoadedData.load(files, DataSelection(testCount: 6, shuffleSeed: 8))
    let heldOut = try stored(data).loadHeldOut(file: images)
    #expect(heldOut.isOfFit && heldOut.targets == nil)
    #expect(heldOut.inputs == data.test?.inputs)
    let fraction = try LoadedData.load(
      DataFiles(train: images, trainLabels: y), DataSelection(testFraction: 0.2))
    #expect(try stored(fraction).loadHeldOut(file: images).indices == fraction.testIndices)
  }

  @Test func classificationWithoutLabels() throws {
    let files = DataFiles(train: images, trainLabels: labels, test: images, testLabels: labels)
    let data = try LoadedData.load(files, DataSelection(classes: [8, 3], testCount: 7))
    let heldOut = try stored(data).loadHeldOut(file: images)
    #expect(!heldOut.isOfFit && heldOut.count == 40 && heldOut.targets == nil)
    #expect(heldOut.classes == [8, 3])
  }

  @Test func otherFile() throws {
    let data = try LoadedData.load(
      DataFiles(train: images, trainLabels: labels), DataSelection(classes: [8, 3], trainCount: 5))
    let recipe = try stored(data)
    // The training file without held-out part is a file like any other.
    let all = try recipe.loadHeldOut(file: images, labels: labels)
    #expect(!all.isOfFit && all.count == 20)
    #expect(all.note == "all 20 examples of classes 8, 3")
    #expect(all.warnings == ["\(images): 20 examples of classes not in the training data are left out"])
    #expect(all.sources.map(\.role) == [.test, .testLabels])

    let others = try scratch.file("others", idx(shape: [40], [UInt8](repeating: 1, count: 40)))
    expectError("images: no example of class 8; classes present: 1") {
      try recipe.loadHeldOut(file: images, labels: others)
    }
    expectError("none: no such file", .missingInput) { try recipe.loadHeldOut(file: scratch.path("none")) }
    // Flat examples of the right size are taken for images of the model's shape.
    let flat = try scratch.file("flat.npy", npy("|u1", shape: "(1, 6)", [1, 2, 3, 4, 5, 6]))
    #expect(try recipe.loadHeldOut(file: flat).shape == ImageShape(channels: 1, height: 2, width: 3))
  }

  @Test func bytesAndOtherNumbers() throws {
    let pixels = [0, 51, 102, 255, 204, 0] as [UInt8]
    let small = try scratch.file("bytes.npy", npy("|u1", shape: "(3, 2)", pixels))
    let large = try scratch.file("doubles.npy", npy("<f8", shape: "(3, 2)", bytes(pixels.map(Double.init))))
    let y = try scratch.file("y.npy", npy("<f8", shape: "(3,)", bytes([0.5, 1.5, 2.5])))
    let messages = [
      "\(large): the inputs are not unsigned bytes and are taken as they are, but the training inputs in "
        + "\(small) are unsigned bytes, divided by 255; make sure that both are scaled alike",
      "\(small): the inputs are unsigned bytes, divided by 255, but the training inputs in \(large) are not "
        + "and are taken as they are; make sure that both are scaled alike",
    ]
    for ((train, test), message) in zip([(small, large), (large, small)], messages) {
      let files = DataFiles(train: train, trainLabels: y, test: test, testLabels: y)
      let data = try LoadedData.load(files, DataSelection(standardize: .none))
      #expect(data.warnings == [message])
      #expect(try stored(data).loadHeldOut(file: test, labels: y).warnings == [message])
      #expect(try stored(data).loadHeldOut(file: train, labels: y).warnings.isEmpty)
      // A recipe that does not say what the training inputs were.
      var object = try #require(
        JSONSerialization.jsonObject(with: JSONEncoder().encode(data.recipe)) as? [String: Any])
      #expect(object.removeValue(forKey: "inputsAreBytes") as? Bool == (train == small))
      let old = try JSONDecoder().decode(
        DataRecipe.self, from: JSONSerialization.data(withJSONObject: object))
      #expect(old.inputsAreBytes == nil)
      #expect(try old.loadHeldOut(file: test, labels: y).warnings.isEmpty)
    }
  }

  @Test func damagedRecipes() throws {
    let data = try LoadedData.load(
      DataFiles(train: images, trainLabels: labels), DataSelection(standardize: .feature))
    let text = String(decoding: try JSONEncoder().encode(data.recipe), as: UTF8.self)
    #expect(text.contains("\"width\":3") && text.contains("\"outputs\":4"))
    let changes = [
      ("\"width\":3", "\"width\":4"), ("\"width\":3", "\"width\":-3"), ("\"outputs\":4", "\"outputs\":3"),
    ]
    for change in changes {
      let damaged = text.replacingOccurrences(of: change.0, with: change.1)
      #expect(throws: DecodingError.self) {
        try JSONDecoder().decode(DataRecipe.self, from: Data(damaged.utf8))
      }
    }
  }
}
