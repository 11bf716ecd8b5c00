import LinearAlgebra
import Testing

@testable import RenormFiles

/// Every way in which a request and the files can disagree.
@Suite struct LoadErrorTests {
  let scratch: Scratch
  let images: String
  let labels: String
  let table: String

  init() throws {
    scratch = try Scratch()
    images = try scratch.file("images", idx(shape: [3, 1, 2], [1, 2, 3, 4, 5, 6]))
    labels = try scratch.file("labels", idx(shape: [3], [3, 8, 3]))
    table = try scratch.file("t.csv", "1,2,3\n3,4,8\n5,6,3\n")
  }

  private func load(
    _ train: String, labels: String? = nil, test: String? = nil, testLabels: String? = nil,
    _ selection: DataSelection = DataSelection()
  ) throws(DataError) -> LoadedData {
    try LoadedData.load(
      DataFiles(train: train, trainLabels: labels, test: test, testLabels: testLabels), selection)
  }

  @Test func counts() throws {
    let four = try scratch.file("four", idx(shape: [4], [3, 8, 3, 8]))
    expectError("images: 3 examples, but four has 4 labels") {
      try load(images, labels: four)
    }
    var writer = NPZWriter()
    writer.add("x", [1, 2], shape: [2, 1])
    writer.add("y", [1], shape: [1])
    let archive = try scratch.file("a.npz", writer.encoded())
    expectError("a.npz: 2 examples, but y has 1 label") { try load(archive) }
    expectError("t.csv: 4 training examples wanted, 3 available") {
      try load(table, DataSelection(trainCount: 4))
    }
    expectError("t.csv: 2 training examples wanted, 1 available") {
      try load(table, DataSelection(trainCount: 2, testFraction: 0.7))
    }
    expectError("t.csv: 4 test examples wanted, 3 available") {
      try load(table, test: table, DataSelection(testCount: 4))
    }
  }

  @Test func classes() throws {
    expectError("labels: no example of class 4; classes present: 3, 8") {
      try load(images, labels: labels, DataSelection(classes: [3, 4]))
    }
    expectError(
      "images: all selected training examples are of class 3; at least two classes are needed (`shuffle-seed` mixes a sorted file)"
    ) {
      try load(images, labels: labels, DataSelection(classes: [3, 8], trainCount: 1))
    }
    let same = try scratch.file("same", idx(shape: [3], [5, 5, 5]))
    expectError(
      "same: all selected training examples are of class 5; at least two classes are needed (`shuffle-seed` mixes a sorted file)"
    ) {
      try load(images, labels: same)
    }
    expectError("images: no example of class 3; classes present: 5") {
      try load(images, labels: labels, test: images, testLabels: same, DataSelection(classes: [3, 8]))
    }
  }

  @Test func invalidOptions() {
    expectError("classes 3: must be two or more different labels", .usage) {
      try load(table, DataSelection(classes: [3]))
    }
    expectError("classes 3,8,3: must be two or more different labels", .usage) {
      try load(table, DataSelection(classes: [3, 8, 3]))
    }
    expectError("training count 0: must be a positive integer", .usage) {
      try load(table, DataSelection(trainCount: 0))
    }
    expectError("test count -1: must be a positive integer", .usage) {
      try load(table, DataSelection(testCount: -1))
    }
    for fraction in [0, 1, -0.5, Double.nan] {
      expectError("test fraction \(fraction): must be between 0 and 1", .usage) {
        try load(table, DataSelection(testFraction: fraction))
      }
    }
  }

  @Test func contradictions() throws {
    expectError("t.csv: a test file and a test fraction exclude each other", .usage) {
      try load(table, test: table, DataSelection(testFraction: 0.5))
    }
    expectError("labels: test labels need a test file", .usage) { try load(table, testLabels: labels) }
    expectError("labels: a labels file and the target column 'a' exclude each other", .usage) {
      try load(table, labels: labels, DataSelection(targetColumn: "a"))
    }
    expectError("t.csv: a test count needs a test file or a test fraction", .usage) {
      try load(table, DataSelection(testCount: 1))
    }
    let archive = try scratch.file("a.npz", Fixtures.storedNPZ)
    expectError("a.npz: holds test examples of its own, so a test fraction contradicts it", .usage) {
      try load(archive, DataSelection(testFraction: 0.5))
    }
    expectError("a.npz: already holds labels, so the labels in labels contradict it", .usage) {
      try load(archive, labels: labels)
    }
    expectError(
      "a.npz: has no columns with names or numbers, so the target column 'y' contradicts it", .usage
    ) { try load(archive, DataSelection(targetColumn: "y")) }
  }

  @Test func missingLabels() {
    expectError("images: holds no labels or targets; a labels file is needed", .usage) { try load(images) }
    expectError("images: holds no labels or targets; a labels file is needed", .usage) {
      try load(images, labels: labels, test: images)
    }
  }

  @Test func missingTargetArray() throws {
    var writer = NPZWriter()
    for name in ["foo", "bar"] { writer.add(name, Matrix(rows: 4, columns: 2) { Double($0 + $1) }) }
    try writer.write(to: scratch.path("two.npz"))
    expectError(
      "two.npz: no array has the name of the targets; `target-array` names it: bar", .usage
    ) { try load(scratch.path("two.npz"), DataSelection(arrays: ArrayNames(train: "foo"))) }
  }

  @Test func unusableArrays() throws {
    expectError(
      "labels: shape 3 cannot be used as inputs; "
        + "accepted is NxM, NxHxW or NxCxHxW with at least one input value"
    ) { try load(labels, labels: labels) }
    expectError(
      "t.csv: shape 3x3 cannot be used as labels; accepted is an IDX, NPY or NPZ file, or a CSV file of one "
        + "column"
    ) { try load(images, labels: table) }
    let lone = try scratch.file("lone.csv", "1\n2\n")
    expectError(
      "lone.csv: there are no input values beside the targets; "
        + "accepted is NxM, NxHxW or NxCxHxW with at least one input value"
    ) { try load(lone) }
    let empty = try scratch.file("empty", idx(shape: [0, 2, 2], []))
    expectError("empty: holds no examples") { try load(empty, labels: labels) }
    var writer = NPZWriter()
    writer.add("data", [1], shape: [1])
    let archive = try scratch.file("a.npz", writer.encoded())
    expectError(
      "a.npz: array data: shape 1 cannot be used as inputs; accepted is NxM, NxHxW or NxCxHxW with at least "
        + "one input value"
    ) { try load(archive) }
  }

  @Test func shapesOfTestAndTrainingData() throws {
    let other = try scratch.file("other", idx(shape: [3, 2, 1], [1, 2, 3, 4, 5, 6]))
    expectError("other: examples of shape 1x2x1, expected 1x1x2 as in the training data") {
      try load(images, labels: labels, test: other, testLabels: labels)
    }
    let wide = try scratch.file("wide.csv", "1,2,3,4\n")
    expectError("wide.csv: examples of shape 1x1x3, expected 1x1x2 as in the training data") {
      try load(table, test: wide)
    }
    let y = try scratch.file("y.npy", npy("<f8", shape: "(3, 2)", bytes([1, 2, 3, 4, 5, 6] as [Double])))
    expectError("y.npy: 2 targets for each example, expected 1") {
      try load(table, test: images, testLabels: y)
    }
  }

  @Test func numbersThatAreNotFinite() throws {
    let x = try scratch.file(
      "x.npy", npy(">f4", shape: "(2, 1, 3)", bytes([1, 2, 3, 4, .nan, 6] as [Float], .bigEndian)))
    let y = try scratch.file("y.npy", npy("<f8", shape: "(2,)", bytes([1, 2] as [Double])))
    expectError("x.npy: element (1, 0, 1): 'nan' is not a finite number") { try load(x, labels: y) }
    #expect(throws: Never.self) { try load(x, labels: y, DataSelection(trainCount: 1)) }
    var writer = NPZWriter()
    writer.add("x", [1, 2], shape: [2, 1])
    writer.add("y", [1, -.infinity], shape: [2])
    let archive = try scratch.file("a.npz", writer.encoded())
    expectError("a.npz: array y, element (1): '-inf' is not a finite number") { try load(archive) }
  }

  @Test func equalInputs() throws {
    let flat = try scratch.file("flat.csv", "2,2,1\n2,2,2\n")
    expectError("flat.csv: all training inputs are equal to one value, so they cannot be standardised") {
      try load(flat)
    }
    #expect(throws: Never.self) { try load(flat, DataSelection(standardize: .feature)) }
  }
}
