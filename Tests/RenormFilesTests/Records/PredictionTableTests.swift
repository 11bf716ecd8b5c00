import LinearAlgebra
import Renorm
import Testing

@testable import RenormFiles

/// Tables of predictions that are written are read as they were.
@Suite struct PredictionTableTests {
  let scratch: Scratch

  init() throws { scratch = try Scratch() }

  private func again(_ table: PredictionTable) throws -> PredictionTable {
    try PredictionTable(path: scratch.file("p.csv", table.csv))
  }

  private func prediction(_ outputs: Int) -> Prediction {
    Prediction(
      mean: Matrix(rows: 3, columns: outputs) { 0.1 * Double($0) - 0.3 * Double($1) },
      variance: Matrix(rows: 3, columns: outputs) { 1 + Double($0) / 3 + Double($1) })
  }

  @Test(arguments: [1, 2, 11])
  func regression(outputs: Int) throws {
    let targets = Matrix(rows: 3, columns: outputs) { Double($0) + 1e-9 * Double($1) }
    let z = PredictionTable.Column(
      "z", Matrix(rows: 3, columns: outputs) { i, j in i == j ? .infinity : Double(i) })
    let table = PredictionTable(prediction(outputs), targets: targets, classes: nil, further: [z])
    #expect(try again(table) == table)
    #expect(table.targets == .values((0..<3).map(targets.row)))
    let unknown = PredictionTable(prediction(outputs), targets: nil, classes: nil)
    #expect(try again(unknown) == unknown && unknown.targets == .values([nil, nil, nil]))
  }

  @Test func scaledTargets() throws {
    let scaling = TargetScaling(shifts: [10], scale: 2)
    let table = PredictionTable(
      prediction(1), targets: Matrix(rows: 3, columns: 1) { i, _ in Double(i) }, classes: nil, scaling: scaling)
    #expect(table.targets == .values([[10], [12], [14]]))
    expectClose(table.means, scaling.restore(prediction(1).mean), absolute: 1e-14)
    expectClose(table.variances, 4 * prediction(1).variance, absolute: 1e-14)
  }

  @Test func classes() throws {
    let targets = Matrix(rows: 3, columns: 3) { i, j in (i == j ? 1 : 0) - 1.0 / 3 }
    let named = PredictionTable(prediction(3), targets: targets, classes: ["a,b", "say \"c\"", "d"])
    #expect(try again(named) == named)
    #expect(
      named.targets == .labels(["a,b", "say \"c\"", "d"]) && named.classes?.predicted == ["a,b", "a,b", "a,b"])
    let numbers = PredictionTable(prediction(3), targets: targets, classes: [5, 3, 9])
    #expect(try again(numbers) == numbers && numbers.classes == nil)
    let two = PredictionTable(
      prediction(1), targets: Matrix(rows: 3, columns: 1) { i, _ in i == 1 ? 1 : -1 }, classes: ["no", "yes"])
    #expect(try again(two) == two)
    #expect(two.targets == .values([[-1], [1], [-1]]) && two.classes?.classes == ["no", "yes", "no"])
    #expect(two.classes?.predicted == ["no", "yes", "yes"])
  }

  @Test func report() throws {
    let path = try scratch.file("r.json", "{\n  \"action\": 1\n}\n")
    expectError("r.json: it is JSON, such as a report; a CSV table is wanted") {
      try PredictionTable(path: path)
    }
  }

  /// Columns in another order, and columns of other programs.
  @Test func otherPrograms() throws {
    let text = "note,variance,mean,target,rank\nx,1,2,3,7\ny,1,2,,8\n"
    let table = try PredictionTable(path: scratch.file("p.csv", text))
    #expect(table.targets == .values([[3], nil]) && table.means.elements == [2, 2])
    #expect(table.further.map(\.name) == ["rank"] && table.classes == nil)
    let labels = try PredictionTable(
      path: scratch.file("p.csv", "target,mean_0,mean_1,variance_0,variance_1\n3.0,1,2,1,1\nash,1,2,1,1\n"))
    #expect(labels.targets == .labels([.integer(3), .name("ash")]))
  }
}
