import RenormFiles
import Testing

@testable import RenormPlot

/// Many points of classes in few marks.
@Suite struct ConfusionViewTests {
  let scratch: Scratch

  init() throws { scratch = try Scratch() }

  private func file(_ rows: [String], classes: [ClassLabel] = [3, 7, 9]) throws -> PredictionsFile {
    let header = "index,target,mean_0,mean_1,mean_2,variance_0,variance_1,variance_2"
    let lines = [header] + rows.enumerated().map { "\($0),\($1)" }
    return try PredictionsFile(
      path: scratch.file("predictions.csv", lines.joined(separator: "\n") + "\n"), classes: classes)
  }

  /// Class 3 is right once and taken for 7 once; the margins are 0.6 - 0.2 and 0.1 - 0.5.
  @Test func countsAndMargins() throws {
    let file = try file([
      "3,0.6,0.2,-0.8,1,1,1", "3,0.1,0.5,0.2,1,1,4", "9,0,0.25,1,1,1,1",
    ])
    let view = ConfusionView(file, labels: [3, 7, 9], noise: 0)
    #expect(view.counts == [[1, 1, 0], [0, 0, 0], [0, 0, 1]])
    #expect(view.spreads[1] == nil && view.spreads[2]?.median == 0.75)
    let spread = try #require(view.spreads[0])
    for (value, expected) in [
      (spread.outer.low, -0.36), (spread.inner.low, -0.2), (spread.median, 0), (spread.inner.high, 0.2),
      (spread.outer.high, 0.36),
    ] { #expect(abs(value - expected) < 1e-15) }
    let script = Script(try PredictionsPlot(file, view: .confusion).figure)
    #expect(script.data(1) == [[50, 50, 0], [0, 0, 0], [0, 0, 100]])
    #expect(script.label("multiplot title") == "3 points, accuracy 0.6667; median s.d. of {/:Italic f} 1")
    // The parts of a class's middle 90 percent below and above zero, and their lengths.
    let isPart = { (row: [Double], expected: [Double]) in zip(row, expected).allSatisfy { abs($0 - $1) < 1e-15 }
    }
    #expect(script.data(3).count == 1 && isPart(script.data(3)[0], [-0.36, 0, 0.36]))
    #expect(script.data(4).count == 1 && isPart(script.data(4)[0], [0, 0, 0.36]))
  }

  @Test func quantiles() {
    #expect(ConfusionView.quantile([1], 0.95) == 1)
    #expect(ConfusionView.quantile([0, 1, 2, 3, 4], 0.5) == 2)
    #expect(
      ConfusionView.quantile([0, 1, 2, 3, 4], 0) == 0 && ConfusionView.quantile([0, 1, 2, 3, 4], 1) == 4)
    #expect(abs(ConfusionView.quantile([0, 10], 0.05) - 0.5) < 1e-15)
  }

  /// The margin of two classes is the mean where the label is +1, and minus it where the label is -1.
  @Test func twoClasses() throws {
    let path = try scratch.file("two.csv", "index,target,mean,variance\n0,1,0.75,1\n1,-1,-0.5,1\n2,-1,0.25,1\n")
    let view = ConfusionView(try PredictionsFile(path: path), labels: ["cat", "dog"], noise: 3)
    #expect(view.counts == [[1, 1], [0, 1]] && view.spreads.map { $0?.median } == [0.125, 0.75])
    #expect(Script(view.figure).text.contains("median s.d. of a label 2"))
  }

  /// Many points of several classes are not drawn one by one, unless asked for; numbers have no confusion
  /// matrix.
  @Test func chosenByTheNumberOfPoints() throws {
    let row = "7,0.1,0.5,0.2,1,1,1"
    let few = try file(Array(repeating: row, count: PredictionsPlot.largestPointCount))
    let many = try file(Array(repeating: row, count: PredictionsPlot.largestPointCount + 1))
    let isMatrix = { (plot: PredictionsPlot) in Script(plot.figure).label("ylabel") == "" }
    #expect(try !isMatrix(PredictionsPlot(few)) && isMatrix(PredictionsPlot(many)))
    #expect(
      try isMatrix(PredictionsPlot(few, view: .confusion)) && !isMatrix(PredictionsPlot(many, view: .points)))
    let numbers = try PredictionsFile(path: scratch.file("r.csv", "index,target,mean,variance\n0,0.5,0.4,1\n"))
    #expect(throws: PlotError.self) { try PredictionsPlot(numbers, view: .confusion) }
  }

  @Test(.needsGnuplot) func gnuplotHasNoComplaints() throws {
    let table = try file(
      ["3,0.6,0.2,-0.8,1,1,1", "3,0.1,0.5,0.2,1,1,4", "9,0,0.25,1,1,1,1"],
      classes: [
        3, "versicolor_with a long name", 9,
      ])
    for format in PictureFormat.allCases {
      for view in PredictionsPlot.View.allCases {
        let path = scratch.path("\(view).\(format.rawValue)")
        #expect(try PredictionsPlot(table, view: view).figure.write(to: path).isEmpty)
      }
    }
  }
}
