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
