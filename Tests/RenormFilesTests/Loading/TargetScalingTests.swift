import LinearAlgebra
import Testing

@testable import RenormFiles

/// Targets that are shifted and scaled, and remarks on data that may not be as meant.
@Suite struct TargetScalingTests {
  let scratch: Scratch

  init() throws { scratch = try Scratch() }

  private func load(_ text: String, _ selection: DataSelection = DataSelection()) throws -> LoadedData {
    try LoadedData.load(DataFiles(train: try scratch.file("t.csv", text)), selection)
  }

  @Test func centredAndStandardised() throws {
    let text = "a,y\n1,10\n2,14\n4,18\n"
    #expect(try load(text, DataSelection(targets: .center)).train.targets.elements == [-4, 0, 4])
    let data = try load(text, DataSelection(targets: .standardize))
    let scaling = try #require(data.recipe.targetScaling)
    #expect(scaling.shifts == [14] && abs(scaling.squaredScale - 32.0 / 3) < 1e-12)
    let restored = scaling.restore(data.train.targets).elements
    #expect(zip(restored, [10, 14, 18]).allSatisfy { abs($0 - $1) < 1e-12 })
    #expect(abs(scaling.logJacobian(count: 3) + 3 * 0.5 * 2.3671236141316165) < 1e-12)  // log(32/3)
    // Equal targets are only centred.
    #expect(TargetScaling(.standardize, of: Matrix(rows: 2, columns: 1, elements: [0.1, 0.1])).scale == 1)
  }

  @Test func sortedFilesThatAreCut() throws {
    let real = "a,y\n" + (0..<20).map { "\(($0 * 7) % 20),\($0).5\n" }.joined()
    let classes = "a,y\n" + (0..<20).map { "\(($0 * 7) % 20),\($0 < 12 ? "no" : "yes")\n" }.joined()
    for text in [real, classes] {
      let cut = try load(text, DataSelection(testFraction: 0.25)).warnings
      #expect(cut.contains { $0.contains("sorted") && $0.contains("`shuffle-seed`") })
      #expect(try !load(text).warnings.contains { $0.contains("sorted") })
      let mixed = try load(text, DataSelection(testFraction: 0.25, shuffleSeed: 1)).warnings
      #expect(!mixed.contains { $0.contains("sorted") })
    }
  }

  @Test func constantTargetsAndUnlikeColumns() throws {
    let rows = (0..<12).map { ($0 * 5) % 12 }
    let constant = try load("a,y\n" + rows.map { "\($0),3\n" }.joined()).warnings
    #expect(constant.contains { $0.contains("nothing to learn") })
    let unlike = "a,b,y\n" + rows.enumerated().map { "\($1),\(1000 * ($0 % 7)),\($0 % 5)\n" }.joined()
    #expect(try load(unlike).warnings.contains { $0.contains("`standardize feature`") })
    #expect(try load(unlike, DataSelection(standardize: .feature)).warnings.isEmpty)
    let alike = "a,b,y\n" + rows.enumerated().map { "\($1),\(2 * ($0 % 7)),\($0 % 5)\n" }.joined()
    #expect(try load(alike).warnings.isEmpty)
    // A common mean, however large, and a common unit leave columns alike; deviations are told in units of the
    // file.
    for (shift, unit) in [(1000.0, 1.0), (-5e4, 1), (0, 1e200), (0, 1e-200)] {
      let moved =
        "a,b,y\n"
        + rows.enumerated().map { "\(shift + unit * Double($1)),\(shift + unit * Double($0)),\($0 % 5)\n" }
        .joined()
      #expect(try load(moved).warnings.isEmpty, "\(shift), \(unit)")
    }
    #expect(
      try load(unlike).warnings.contains {
        $0.contains("deviations from 3.45 (column 'a') to 1.85e+03 (column 'b')")
      })
  }

  @Test func targetsByHeading() throws {
    let train = try scratch.file("train.csv", "id,a,b,y\n7,1,20,0.5\n9,4,50,1.5\n12,7,80,2.5\n")
    let recipe = try LoadedData.load(DataFiles(train: train), DataSelection(standardize: .none)).recipe
    func heldOut(_ text: String) throws -> HeldOut {
      try recipe.loadHeldOut(file: try scratch.file("new.csv", text))
    }
    for text in ["id,a,b,y\n1006175,4,50,1.5\n", "y,b,id,a\n1.5,50,1006175,4\n", "b,note,y,a\n50,red,1.5,4\n"] {
      let found = try heldOut(text)
      #expect(found.inputs.elements == [4, 50] && found.targets?.elements == [1.5])
    }
    for text in ["a,b,id\n4,50,1006175\n", "a,b\n4,50\n", "a,b,y\n4,50,\n", "4,50\n"] {
      let found = try heldOut(text)
      #expect(found.inputs.elements == [4, 50] && found.targets == nil, "\(text)")
    }
    expectError("new.csv: row 1: no input column is called 'b' as one in train.csv") {
      try heldOut("a,y\n4,1\n")
    }
  }
}
