import Foundation
import RenormFiles
import Testing

@testable import RenormPlot

/// Pictures of predictions, and of their calibration.
@Suite struct PredictionTests {
  let scratch: Scratch

  init() throws { scratch = try Scratch() }

  private func file(_ text: String, classes: [Int]? = nil) throws -> PredictionsFile {
    try PredictionsFile(
      path: scratch.file("predictions.csv", text), classes: classes.map { $0.map { .integer($0) } })
  }

  @Test func regression() throws {
    let file = try file("index,target,mean,variance\n0,0.5,0.4,0.09\n1,2,1,0.16\n2,,3,1\n")
    #expect(file.content == .regression && file.count == 2 && file.accuracy == nil)
    #expect(file.warnings == ["1 of 3 points have no target and are left out"])
    let script = Script(try PredictionsPlot(file).figure)
    #expect(script.data(1) == [[0.5, 0.4, 0.3], [2, 1, 0.4]])
    #expect(script.label("title") == "2 points; bars: ±1 s.d. of {/:Italic f}({/:Italic x})")
    let noisy = Script(try PredictionsPlot(file, noise: 0.07).figure)
    #expect(abs(noisy.data(1)[0][2] - 0.4) < 1e-15)
    #expect(noisy.label("title") == "2 points; bars: ±1 s.d. of a label, var {/:Italic f} + 0.07")
  }

  @Test func severalRealOutputs() throws {
    let file = try file("index,target_0,target_1,mean_0,mean_1,variance_0,variance_1\n0,1,2,3,4,0.25,1\n")
    #expect(file.content == .regression && file.outputs == 2)
    let script = Script(try PredictionsPlot(file).figure)
    #expect(script.data(1) == [[1, 3, 0.5]] && script.data(2) == [[2, 4, 1]])
    #expect(script.titles == ["output 0", "output 1"])
  }

  @Test func twoClasses() throws {
    let file = try file("index,target,mean,variance\n0,1,0.9,1\n1,-1,0.1,1\n2,1,0.2,4\n3,-1,-2,1\n")
    #expect(file.content == .twoClasses(nil) && file.accuracy == 0.75)
    let script = Script(try PredictionsPlot(file).figure)
    // Sorted by mean within each class.
    #expect(script.data(1).map { $0[1] } == [-2, 0.1] && script.data(2).map { $0[1] } == [0.2, 0.9])
    #expect(script.data(2)[0][2] == 2)
    #expect(script.label("title")?.hasPrefix("accuracy 0.75; bars") == true)
  }

  @Test func severalClasses() throws {
    let text = """
      index,target,mean_0,mean_1,mean_2,variance_0,variance_1,variance_2
      0,7,0.1,0.5,0.2,1,4,1
      1,3,0.1,0.5,0.2,1,1,1
      2,9,0,0,1,1,1,9

      """
    let file = try file(text)
    #expect(file.content == .classes([3, 7, 9]) && file.warnings.count == 1)
    #expect(file.accuracy.map { abs($0 - 2.0 / 3) < 1e-15 } == true)
    let script = Script(try PredictionsPlot(file).figure)
    #expect(script.titles == ["right", "wrong"])
    #expect(script.data(1).map { $0[1] } == [0.5, 1] && script.data(1).map { $0[2] } == [2, 3])
    #expect(script.data(2).map { $0[1] } == [0.1])
    let other = try self.file(text, classes: [7, 3, 9])
    #expect(other.warnings.isEmpty && other.isRight(1) && !other.isRight(0))
    #expect(throws: PlotError.self) { try self.file(text, classes: [1, 3, 7]) }
    #expect(throws: PlotError.self) { try self.file(text, classes: [3, 7]) }
  }

  @Test func badFiles() throws {
    let cases = [
      ("index,target,mean\n0,1,2\n", "no column 'variance'"),
      ("a,b\n1,2\n", "no column 'mean'"),
      ("index,target,mean,variance\n0,1,x,1\n", "row 2, column 3: 'x' in the column 'mean'"),
      ("index,target,mean,variance\n0,1,1,-1\n", "row 2, column 4: the variance -1.0 is negative"),
      ("index,target,mean,variance\n0,1,,1\n", "row 2, column 3: the column 'mean' is empty"),
      ("index,target,mean,variance\n0,,1,1\n", "no row has a target"),
      ("index,target,mean,variance\n0,1,1\n", "row 2: 3 fields, expected 4"),
    ]
    for (text, fragment) in cases {
      do {
        _ = try file(text)
        Issue.record("read: \(text)")
      } catch {
        #expect("\(error)".contains(fragment), "\(error)")
      }
    }
  }

  /// Distances 0.5, 1 and 2.5 standard deviations lie inside the central 0.383, 0.683 and 0.988.
  @Test func coverage() throws {
    let file = try file("index,target,mean,variance\n0,1,0,3\n1,2,0,3\n2,-3,2,3\n")
    let coverage = CalibrationPlot(file, noise: 1).coverage
    #expect(coverage.count == 19)
    for (level, observed) in coverage {
      let expected = level < 0.3829 ? 0 : level < 0.6827 ? 1.0 / 3 : 2.0 / 3
      #expect(abs(observed - expected) < 1e-15, "\(level)")
    }
    #expect(!Script(CalibrationPlot(file, noise: 1).figure).text.contains("multiplot"))
  }

  /// Phi(1) = 0.8413447, Phi(-2) = 0.0227501.
  @Test func reliability() throws {
    let file = try file(
      "index,target,mean,variance\n0,1,2,3\n1,-1,2,3\n2,1,2,3\n3,1,2,3\n4,-1,-4,3\n")
    let bins = CalibrationPlot(file, noise: 1).reliability
    #expect(bins.map(\.count) == [1, 4] && bins.map(\.observed) == [0, 0.75])
    #expect(abs(bins[1].probability - 0.8413447460685429) < 1e-12)
    #expect(abs(bins[0].probability - 0.02275013194817921) < 1e-12)
    #expect(Script(CalibrationPlot(file, noise: 1).figure).text.contains("set ylabel 'share of +1'"))
  }

  /// Three classes of equal variances: the most probable one of means (2, 0, 0), right twice of three times.
  @Test func confidence() throws {
    let file = try file(
      "index,target,mean_0,mean_1,mean_2,variance_0,variance_1,variance_2\n0,3,2,0,0,1,1,1\n"
        + "1,9,2,0,0,1,1,1\n2,7,0,2,0,1,1,1\n", classes: [3, 7, 9])
    let bins = CalibrationPlot(file, noise: 1).confidence
    #expect(bins.count == 1 && bins[0].count == 3 && abs(bins[0].observed - 2.0 / 3) < 1e-15)
    // P(2 + a > b, c), a, b, c ~ N(0, 2): the orthant of two differences of variance 4 and correlation 1/2.
    #expect(abs(bins[0].probability - 0.74520358684675) < 1e-12, "\(bins[0].probability)")
    let script = Script(CalibrationPlot(file, noise: 1).figure)
    #expect(script.text.contains("set ylabel 'share that is right'"))
  }

  /// Labels of classes are not Gaussian, which the picture says; those of regression may be.
  @Test func remarkOnClasses() throws {
    let two = try file("index,target,mean,variance\n0,1,2,3\n1,-1,2,3\n")
    let three = try file(
      "index,target,mean_0,mean_1,mean_2,variance_0,variance_1,variance_2\n0,7,0,1,0,1,1,1\n",
      classes: [3, 7, 9])
    let numbers = try file("index,target,mean,variance\n0,1.5,2,3\n")
    for (table, remarks) in [(two, 2), (three, 2), (numbers, 0)] {
      let script = Script(CalibrationPlot(table, noise: 1).figure)
      let lines = script.lines.filter { $0.hasPrefix("set label") }
      #expect(lines.count == remarks && script.text.contains("is not expected") == (remarks > 0))
      #expect(script.titles.contains("calibrated") == (remarks == 0))
    }
  }

  /// Against sums by hand: n = 4, p = 1/2 has the weights 1, 4, 6, 4, 1 of 16, so the central 95 percent are
  /// all.
  @Test func intervals() {
    #expect(binomialInterval(0.5, count: 4) == (0, 1))
    // Published values: 95 percent of Binomial(100, 0.5) lie between 40 and 60.
    #expect(binomialInterval(0.5, count: 100) == (0.4, 0.6))
    #expect(binomialInterval(0.01, count: 100_000).low > 0.0093)
    #expect(binomialInterval(0.999, count: 100_000).high < 0.9993)
    // Wilson's limits are the p at which the share is 1.96 standard deviations of p away.
    let wilson = wilsonInterval(0.1, count: 10)
    #expect(wilson.low < 0.1 && wilson.high > 0.1)
    for p in [wilson.low, wilson.high] {
      #expect(abs(abs(p - 0.1) / (p * (1 - p) / 10).squareRoot() - 1.959963984540054) < 1e-12)
    }
  }
}
