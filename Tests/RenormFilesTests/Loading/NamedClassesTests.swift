import Foundation
import LinearAlgebra
import Testing

@testable import RenormFiles

/// Class labels that are names, in every kind of file.
@Suite struct NamedClassesTests {
  let scratch: Scratch

  init() throws { scratch = try Scratch() }

  private func load(_ train: String, labels: String? = nil, _ selection: DataSelection = DataSelection()) throws
    -> LoadedData
  {
    try LoadedData.load(DataFiles(train: train, trainLabels: labels), selection)
  }

  /// An array of texts as NumPy writes it.
  private func texts(_ type: String, _ all: [String], length: Int) -> [UInt8] {
    let elements = all.flatMap { text -> [UInt8] in
      let characters =
        Array(text.unicodeScalars.map(\.value)) + [UInt32](repeating: 0, count: length - text.count)
      return type == "S" ? characters.map { UInt8($0) } : characters.flatMap { bytes([$0]) }
    }
    return npy((type == "S" ? "|S" : "<U") + "\(length)", shape: "(\(all.count),)", elements)
  }

  @Test func tables() throws {
    for heading in ["a,b,kind\n", ""] {
      let path = try scratch.file("t.csv", heading + "1,2,malignant\n3,4,benign\n5,7,malignant\n")
      let data = try load(path)
      #expect(data.train.classes == ["benign", "malignant"])
      #expect(data.train.targets.elements == [1, -1, 1])
      #expect(
        try load(path, DataSelection(classes: ["malignant", "benign"])).train.targets.elements == [-1, 1, -1])
      expectError("t.csv: no example of class bening; classes present: benign, malignant") {
        try load(path, DataSelection(classes: ["malignant", "bening"]))
      }
      expectError(
        "t.csv: the targets are classes, which 'center-targets' contradicts; it is for real numbers", .usage
      ) { try load(path, DataSelection(targets: .center)) }
    }
  }

  @Test func filesOfLabels() throws {
    let x = try scratch.file("x.npy", npy("<f8", shape: "(3, 1)", bytes([1, 2, 4] as [Double])))
    let names = ["no", "yes", "no"]
    let files = [
      try scratch.file("u.npy", texts("U", names, length: 3)),
      try scratch.file("s.npy", texts("S", names, length: 3)),
      try scratch.file("bare.txt", "no\nyes\nno\n"), try scratch.file("named.txt", "answer\nno\nyes\nno\n"),
    ]
    for labels in files {
      let data = try load(x, labels: labels)
      #expect(data.train.classes == ["no", "yes"] && data.train.targets.elements == [-1, 1, -1], "\(labels)")
    }
    let truths = try scratch.file("b.npy", npy("|b1", shape: "(3,)", [0, 1, 0]))
    #expect(try load(x, labels: truths).train.classes == ["False", "True"])
    #expect(try load(x, labels: truths, DataSelection(classes: [1, 0])).train.targets.elements == [1, -1, 1])
  }

  @Test func oneMistakeIsNoClass() throws {
    let path = try scratch.file("t.csv", "a,y\n1,2\n3,4x\n5,6\n")
    expectError("t.csv: row 3, column 2: '4x' is not a number") { try load(path) }
    let lines = (0..<30).map { "\($0 * $0),name\($0)\n" }.joined()
    #expect(throws: DataError.self) { try load(try scratch.file("names.csv", "a,remark\n" + lines)) }
  }

  @Test func recipes() throws {
    let path = try scratch.file("t.csv", "a,kind\n1,\"b, c\"\n3,a\n5,a\n")
    let recipe = try load(path).recipe
    let json = try JSONEncoder().encode(recipe)
    #expect(try JSONDecoder().decode(DataRecipe.self, from: json) == recipe)
    #expect(recipe.classes == ["a", .name("b, c")] && recipe.targetHeading == "kind")
    // As earlier versions wrote it.
    let integers = try load(try scratch.file("i.csv", "a,k\n1,3\n3,8\n"), DataSelection(classes: [3, 8])).recipe
    let text = String(decoding: try JSONEncoder().encode(integers), as: UTF8.self)
    #expect(text.contains("\"classes\":[3,8]"))
  }

  @Test func labelsOfATextAndTheirOrder() {
    #expect(ClassLabel.list("3, 8") == [3, 8])
    #expect(ClassLabel.list("\"a, b\",c") == [.name("a, b"), "c"])
    #expect(ClassLabel.list("a,,b") == nil && ClassLabel.list("\"a") == nil)
    #expect([ClassLabel.name("b"), 10, "a", 9].sorted() == [9, 10, "a", "b"])
    #expect(ClassLabel(text: "01") == .name("01"))
  }
}
