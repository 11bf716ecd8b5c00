import Foundation
import LinearAlgebra
import Testing

@testable import RenormFiles

/// Columns of held-out tables are found by the headings of the training inputs.
@Suite struct HeadingsTests {
  let scratch: Scratch
  let train: String

  init() throws {
    scratch = try Scratch()
    train = try scratch.file("train.csv", "a,b,c,y\n1,20,300,0.5\n4,50,600,1.5\n7,80,900,2.5\n")
  }

  private static let rows = "1.5,2.5,0.5,7\n3.1,4.2,1.5,1\n7.3,8.1,2.5,4\n2.2,9.4,0.5,4\n"

  /// Data frames number their columns; in floating point too.
  @Test(arguments: [
    "0,1,2,3", "0.0,1.0,2.0,3.0", "0.0,0.5,1.0,target", "400,401,402,y", "1.0,2.0,3.0,y", "2,0,y,1",
  ])
  func numberedHeadings(line: String) throws {
    let arrays = try readArrays(line + "\n" + Self.rows)
    #expect(arrays.header == line.split(separator: ",").map(String.init))
    #expect(arrays.examples.inputs?.array.shape == [4, 3])
  }

  /// Whole numbers beside a class may be an example.
  @Test func countsBesideAClass() throws {
    #expect(try readArrays("2,0,1,cat\n3,1,5,dog\n0,1,1,cat\n").examples.inputs?.array.shape == [3, 3])
  }

  /// Numbers at equal distances above rows that have none may be headings, such as wavelengths.
  @Test(arguments: [
    "0.0,0.1,0.2,0.3", "1,2,3,4", "400,410,420,430", "0,0.1,0.2,0.3", "1.0,2.0,3.0,4.0", "5.5,6,6.5,7",
  ])
  func perhapsHeadings(line: String) throws {
    let arrays = try readArrays(line + "\n" + Self.rows)
    #expect(arrays.header == nil && arrays.examples.inputs?.array.shape == [5, 3])
    let first = line.split(separator: ",")[0]
    #expect(
      arrays.warnings.contains { $0.hasPrefix("the first line \(first),") }, "\(arrays.warnings)")
  }

  /// pandas tells equal headings apart by numbers after a point.
  @Test func mangledHeadings() throws {
    let count = 12
    let heading = (0..<count).map { $0 == 0 ? "5" : "5.\($0)" }.joined(separator: ",")
    let rows = (0..<4).map { row in (0..<count).map { "\(($0 * 7 + row * 5) % 11).5" }.joined(separator: ",") }
    let arrays = try readArrays(([heading] + rows).joined(separator: "\n") + "\n")
    #expect(arrays.warnings.contains { $0.hasPrefix("the first line 5,5.1,") }, "\(arrays.warnings)")
  }

  @Test(arguments: ["1.5,2.5,3.6,3", "4,4,4,4", "3,2,1,0", "1,2,4,8"]) func ordinaryRows(line: String) throws {
    let arrays = try readArrays(line + "\n" + Self.rows)
    #expect(arrays.header == nil && !arrays.warnings.contains { $0.contains("the first line") })
    // Where other rows are regular too, the first is one of them.
    let regular = try readArrays("1,2,3,4\n" + Self.rows + "2,4,6,8\n")
    #expect(!regular.warnings.contains { $0.contains("the first line") })
  }

  private func load(_ test: String, column: String? = nil) throws(DataError) -> LoadedData {
    try LoadedData.load(
      DataFiles(train: train, test: test), DataSelection(standardize: .feature, targetColumn: column))
  }

  @Test(arguments: ["c,b,a,y\n600,50,4,1.5\n300,20,1,0.5\n", "y,b,c,a\n1.5,50,600,4\n0.5,20,300,1\n"])
  func otherOrder(text: String) throws {
    let test = try scratch.file("test.csv", text)
    let data = try load(test, column: "y")
    #expect(data.test?.inputs == data.train.inputs.selectingColumns([1, 0]))
    #expect(data.test?.targets.elements == [1.5, 0.5])
    #expect(data.recipe.inputHeadings == ["a", "b", "c"])
    let recipe = try JSONDecoder().decode(DataRecipe.self, from: JSONEncoder().encode(data.recipe))
    let heldOut = try recipe.loadHeldOut(file: test)
    #expect(heldOut.isOfFit && heldOut.dataset == data.test)

    // Another file without the targets.
    let inputs = try scratch.file("inputs.csv", "b,c,a\n80,900,7\n")
    #expect(try recipe.loadHeldOut(file: inputs).inputs == data.train.inputs.selectingColumns([2]))
  }

  @Test func filesWithoutHeadingsGoByPosition() throws {
    let data = try load(try scratch.file("bare.csv", "4,50,600,1.5\n"))
    #expect(data.test?.inputs == data.train.inputs.selectingColumns([1]))
    let files = DataFiles(train: try scratch.file("numbers.csv", "1,2,0\n3,4,1\n"), test: train)
    expectError("train.csv: examples of shape 1x1x3, expected 1x1x2 as in the training data") {
      try LoadedData.load(files, DataSelection())
    }
    let bare = DataFiles(
      train: try scratch.file("four.csv", "1,20,300,0\n4,50,600,1\n"),
      test: try scratch.file("named.csv", "c,b,a,y\n1,20,300,0\n"))
    let byPosition = try LoadedData.load(bare, DataSelection())
    #expect(byPosition.recipe.inputHeadings == nil)
    #expect(byPosition.test?.inputs == byPosition.train.inputs.selectingColumns([0]))
  }

  @Test func otherHeadings() throws {
    let test = try scratch.file("test.csv", "c,d,a,y\n600,50,4,1.5\n")
    let message = "test.csv: row 1: no input column is called 'b' as one in train.csv"
    expectError(message) { try load(test) }
    let recipe = try LoadedData.load(DataFiles(train: train), DataSelection()).recipe
    expectError(message) { try recipe.loadHeldOut(file: test) }
    // The targets are where an input was.
    let shifted = try scratch.file("shifted.csv", "y,a,b,c\n1.5,4,50,600\n")
    #expect(try load(shifted).test?.targets.elements == [1.5])
  }

  @Test func equalHeadings() throws {
    let twice = try scratch.file("twice.csv", "a,a,b,y\n1,2,3,0\n4,5,7,1\n")
    let recipe = try LoadedData.load(DataFiles(train: twice), DataSelection(standardize: .none)).recipe
    #expect(try recipe.loadHeldOut(file: twice).inputs.elements == [1, 2, 3, 4, 5, 7])
    let moved = try scratch.file("moved.csv", "b,a,a,y\n3,1,2,0\n")
    expectError("moved.csv: row 1: input columns of the same heading, in another order than in twice.csv") {
      try recipe.loadHeldOut(file: moved)
    }
    let other = try scratch.file("other.csv", "a,b,c,y\n1,2,3,0\n")
    expectError("other.csv: row 1: input columns of the same heading, in another order than in twice.csv") {
      try recipe.loadHeldOut(file: other)
    }
  }

  @Test func recipesWithoutHeadings() throws {
    let recipe = try LoadedData.load(DataFiles(train: train), DataSelection()).recipe
    var object = try #require(
      JSONSerialization.jsonObject(with: JSONEncoder().encode(recipe)) as? [String: Any])
    object["inputHeadings"] = ["a", "b"]
    #expect(throws: DecodingError.self) {
      try JSONDecoder().decode(DataRecipe.self, from: JSONSerialization.data(withJSONObject: object))
    }
    object["inputHeadings"] = nil
    let old = try JSONDecoder().decode(
      DataRecipe.self, from: JSONSerialization.data(withJSONObject: object))
    #expect(old.inputHeadings == nil)
    let test = try scratch.file("test.csv", "c,b,a,y\n1,20,300,0.5\n")
    #expect(try old.loadHeldOut(file: test).count == 1)
  }
}
