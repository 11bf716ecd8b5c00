import LinearAlgebra
import Testing

@testable import RenormFiles

/// Which targets mean classification and which regression.
@Suite struct TargetsTests {
  let scratch: Scratch

  init() throws { scratch = try Scratch() }

  private func load(
    _ train: String, labels: String? = nil, _ selection: DataSelection = DataSelection(standardize: .none)
  ) throws(DataError) -> LoadedData {
    try LoadedData.load(DataFiles(train: train, trainLabels: labels), selection)
  }

  @Test func tablesMeanRegression() throws {
    let table = try scratch.file("t.csv", "a,b,y\n1,2,0\n3,4,1\n5,6,7\n")
    let regression = try load(table)
    #expect(regression.train.classes == nil)
    #expect(regression.train.targets.elements == [0, 1, 7])
    #expect(regression.train.inputs.row(0) == [1, 3, 5])
    let classified = try load(table, DataSelection(classification: true))
    #expect(classified.train.classes == [0, 1, 7])
    #expect(classified.train.outputs == 3)
    #expect(try load(table, DataSelection(classes: [7, 0])).train.targets.elements == [1, -1])
    let byName = try load(table, DataSelection(standardize: .none, targetColumn: "a"))
    #expect(byName.train.targets.elements == [1, 3, 5])
  }

  @Test func oneExampleOfRegression() throws {
    let table = try scratch.file("t.csv", "1,2,0.5\n")
    #expect(try load(table).train.count == 1)
  }

  @Test func severalRealTargets() throws {
    let x = try scratch.file("x.npy", npy("<f8", shape: "(2, 1)", bytes([1, 2] as [Double])))
    let y = try scratch.file("y.npy", npy("<f4", shape: "(2, 3)", bytes([1, 2, 3, 4, 5, 6] as [Float])))
    let data = try load(x, labels: y)
    #expect(data.train.targets == Matrix(rows: 2, columns: 3, elements: [1, 4, 2, 5, 3, 6]))
    expectError(
      "y.npy: shape 2x3 cannot be used as class labels; accepted is one integer or name for each example"
    ) {
      try load(x, labels: y, DataSelection(classification: true))
    }
  }

  @Test func labelFilesOfEveryKind() throws {
    let images = try scratch.file("x", idx(shape: [3, 1, 2], [1, 2, 3, 4, 5, 6]))
    let text = try scratch.file("labels.csv", "label\n4\n6\n4\n")
    let array = try scratch.file("labels.npy", npy("<i8", shape: "(3, 1)", bytes([4, 6, 4] as [Int64])))
    for labels in [text, array] {
      #expect(try load(images, labels: labels).train.targets.elements == [4, 6, 4])
      let classified = try load(images, labels: labels, DataSelection(classification: true))
      #expect(classified.train.targets.elements == [-1, 1, -1])
    }
    // With a labels file all columns of a table are inputs.
    let table = try scratch.file("x.csv", "1,2\n3,4\n5,6\n")
    #expect(try load(table, labels: text).train.shape.count == 2)
  }

  @Test(arguments: ["|i1", "|u1"]) func integersThatMayBeLabels(type: String) throws {
    func loadTargets(_ values: [UInt8], _ selection: DataSelection = DataSelection()) throws -> [String] {
      let count = values.count
      let x = try scratch.file("x.npy", npy("<f8", shape: "(\(count), 1)", bytes((0..<count).map(Double.init))))
      let y = try scratch.file("y.npy", npy(type, shape: "(\(count),)", values))
      return try load(x, labels: y, selection).warnings
    }
    func message(_ count: Int) -> [String] {
      [
        "\(scratch.path("y.npy")): the targets are integers of \(count) different values, read as real "
          + "numbers; `classification` takes them as labels"
      ]
    }
    #expect(try loadTargets([0, 1, 1]) == message(2))
    #expect(try loadTargets([0, 1, 1], DataSelection(classification: true)).isEmpty)
    #expect(try loadTargets([0, 1, 1], DataSelection(classes: [1, 0])).isEmpty)
    #expect(try loadTargets([1, 1]).allSatisfy { $0.contains("nothing to learn") })
    #expect(try loadTargets(Array(0..<20) + [3]) == message(20))
    #expect(try loadTargets(Array(0..<21)).isEmpty)
  }

  @Test func realTargetsAreNoLabels() throws {
    #expect(try load(try scratch.file("t.csv", "1,2,0\n3,4,1\n")).warnings.isEmpty)
    let x = try scratch.file("x.npy", npy("<f8", shape: "(2, 1)", bytes([1, 2] as [Double])))
    let y = try scratch.file("y.npy", npy("<f8", shape: "(2,)", bytes([0, 1] as [Double])))
    #expect(try load(x, labels: y).warnings.isEmpty)
    let pairs = try scratch.file("pairs.npy", npy("|u1", shape: "(2, 2)", [0, 1, 1, 0]))
    #expect(try load(x, labels: pairs).warnings.isEmpty)
  }

  @Test func npzWithTestArrays() throws {
    let path = try scratch.file("d.npz", Fixtures.deflatedNPZ)
    let data = try load(path, DataSelection(classes: [3, 8], standardize: .none))
    #expect(data.trainIndices == [0, 1, 2, 3, 5])
    #expect(data.train.targets.elements == [-1, 1, -1, 1, -1])
    #expect(data.test?.targets.elements == [1, -1])
    #expect(data.test?.inputs[0, 0] == 100.0 / 255)
    #expect(data.sources.map(\.role) == [.train, .test])
    #expect(data.sources.map(\.exampleCount) == [6, 2])
    #expect(try load(path).train.classes == nil)
  }

  @Test func labelsMustBeIntegers() throws {
    let table = try scratch.file("t.csv", "a,y\n1,2\n1,2.5\n")
    expectError("t.csv: row 3, column 2: 2.5 is not an integer class label") {
      try load(table, DataSelection(classification: true))
    }
    var writer = NPZWriter()
    writer.add("x", [1, 2], shape: [2, 1])
    writer.add("y", [1, 1e300], shape: [2])
    let archive = try scratch.file("t.npz", writer.encoded())
    expectError("t.npz: array y, element (1): 1e+300 is not an integer class label") {
      try load(archive, DataSelection(classification: true))
    }
  }
}
