import Foundation
import Testing

/// The keys, types and shapes of a report, which other programs read.
@Suite struct ReportTests {
  let scratch: Scratch
  private let split = ["--test-fraction", "0.25"]

  init() throws {
    scratch = try Scratch()
    try scratch.write(Problem(count: 16), "train")
    try scratch.write(Problem(count: 15, classes: 3), "three")
  }

  @Test(arguments: [Arguments.fc, Arguments.lcn, Arguments.cnn]) func keysAndTypes(network: [String]) throws {
    let report = try fit(network + Arguments.images + split, in: scratch).report
    for key in ["architecture", "activation", "formulation", "version"] {
      #expect(report[key].isText, "\(key)")
    }
    for key in ["width", "trainCount", "positions", "iterations", "evaluations"] {
      #expect(report[key].isInteger, "\(key)")
    }
    for key in ["temperature", "lambda0", "lambda1", "alpha", "action", "gradientNorm", "logEvidence"] {
      #expect(report[key].isNumber, "\(key)")
    }
    #expect(report["converged"] == .bool(true))
    for key in ["error", "accuracy"] { #expect(report["train"][key].isNumber, "train.\(key)") }
    for key in ["bias", "variance", "generalizationError", "accuracy"] {
      #expect(report["test"][key].isNumber, "test.\(key)")
    }
    #expect(report["test"]["count"] == .number(4))
    for key in ["load", "kernels", "solve", "predict", "total"] {
      #expect(report["timing"][key].number >= 0, "timing.\(key)")
    }
    #expect(report["data"]["classes"] == .array([.number(0), .number(1)]))
    #expect(
      report["data"]["sources"].elements.map { $0["path"] } == [.text("train.images"), .text("train.labels")])
    #expect(report["data"]["selection"]["testFraction"] == .number(0.25))
  }

  @Test func values() throws {
    let report = try fit(
      Arguments.fc + Arguments.images + split + ["--lambda0", "2", "--lambda1", "0.5"], in: scratch
    ).report
    #expect(report["architecture"] == .text("fc"))
    #expect(report["activation"] == .text("erf"))
    #expect(report["width"] == .number(10))
    #expect(report["temperature"] == .number(0.1))
    #expect(report["lambda0"] == .number(2))
    #expect(report["lambda1"] == .number(0.5))
    #expect(report["trainCount"] == .number(12))
    #expect(report["alpha"] == .number(1.2))
    #expect(report["positions"] == .number(1))
    #expect(report["gradientNorm"].number <= 1e-8)
    let timing = report["timing"]
    let parts = ["load", "kernels", "solve", "predict"].map { timing[$0].number }.reduce(0, +)
    #expect(parts <= timing["total"].number * 1.0001)
  }

  @Test func saddleHasALogEvidence() throws {
    let report = try fit(Arguments.cnn + Arguments.images + split + ["--activation", "relu"], in: scratch)
      .report
    #expect(report["logEvidence"].number < 0)
    #expect(report["formulation"] == .text("saddle") && report["activationIsOdd"] == .bool(false))
    #expect(report["orderParameter"].matrix.map(\.count) == [4, 4, 4, 4])
  }

  @Test func regressionHasNoAccuracy() throws {
    let report = try fit(Arguments.fc + ["--train", "train.csv"] + split, in: scratch).report
    #expect(report["train"].members["accuracy"] == .null)
    #expect(report["test"].members["accuracy"] == .null)
    #expect(report["test"]["bias"].isNumber)
    #expect(report["data"].members["classes"] == .null)
  }

  @Test func nothingHeldOut() throws {
    let run = try Tool.succeed(Arguments.fc + Arguments.images + ["--report", "-"], in: scratch)
    let report = try JSON(run.output)
    #expect(report.members["test"] == .null)
    #expect(report["data"].members["testIndices"] == .null)
    #expect(report["train"]["accuracy"].isNumber)
  }

  /// Rows of predictions can be joined with the file that the examples come from.
  @Test func positionsOfTheHeldOutExamples() throws {
    let three = ["--train", "three.images", "--train-labels", "three.labels"]
    let select = ["--classes", "2,0", "--shuffle-seed", "4", "--test-fraction", "0.4"]
    let (report, table) = try fit(Arguments.fc + three + select + ["--model", "m.npz"], in: scratch)
    let indices = report["data"]["testIndices"].elements.map { Int($0.number) }
    #expect(indices.count == 4 && Set(indices).count == 4 && indices != indices.sorted())
    // Label n % 3, of which 2 is -1 and 0 is +1.
    #expect(table.column("target") == indices.map { $0 % 3 == 2 ? -1 : 1 })

    func predicted(_ arguments: [String]) throws -> JSON {
      let data = ["predict", "--model", "m.npz", "--data", "three.images", "--labels", "three.labels"]
      let run = try Tool.succeed(data + arguments + ["--report", "-"], in: scratch)
      return try JSON(run.output)["data"]["testIndices"]
    }
    #expect(try predicted([]) == report["data"]["testIndices"])
    let known = (0..<15).filter { $0 % 3 != 1 }.map { JSON.number(Double($0)) }
    #expect(try predicted(["--all-examples"]) == .array(known))
  }

  @Test func orderParameterOfFC() throws {
    let matrix = try fit(Arguments.fc + Arguments.images + split, in: scratch).report["orderParameter"].matrix
    #expect(matrix.map(\.count) == [1])
    #expect(matrix[0][0] > 0)
  }

  @Test func orderParameterOfLCN() throws {
    let matrix = try fit(Arguments.lcn + Arguments.images + split, in: scratch).report["orderParameter"]
      .matrix
    #expect(matrix.map(\.count) == [4, 4, 4, 4])
    for i in 0..<4 {
      for j in 0..<4 { #expect(i == j ? matrix[i][j] > 0 : matrix[i][j] == 0) }
    }
  }

  @Test func orderParameterOfCNN() throws {
    let report = try fit(Arguments.cnn + Arguments.images + split, in: scratch).report
    let matrix = report["orderParameter"].matrix
    #expect(report["positions"] == .number(4))
    #expect(matrix.map(\.count) == [4, 4, 4, 4])
    for i in 0..<4 { for j in 0..<4 { expectClose(matrix[i][j], matrix[j][i], relative: 1e-9) } }
    #expect(matrix[0][1] != 0)
  }

  @Test func orderParameterOfSeveralOutputs() throws {
    let data = ["--train", "three.images", "--train-labels", "three.labels"]
    let report = try fit(Arguments.fc + data + split, in: scratch).report
    #expect(report["orderParameter"].matrix.map(\.count) == [3, 3, 3])
    #expect(report["data"]["classes"].elements.count == 3)
  }

  @Test func droppedPixels() throws {
    let run = try Tool.succeed(
      [
        "fit", "--architecture", "cnn", "--width", "5", "--temperature", "1", "--mask", "2x3", "--stride",
        "1x2",
      ]
        + Arguments.images + ["--report", "-"], in: scratch)
    let report = try JSON(run.output)
    #expect(report["positions"] == .number(3))
    #expect(report["droppedRows"] == .number(0))
    #expect(report["droppedColumns"] == .number(1))
    #expect(report["warnings"].elements.count == 1)
    #expect(run.errors.hasPrefix("renorm: warning: ") && run.errors.contains("1 columns"))
  }

  /// Every number is written with as many digits as it takes to read the same double again.
  @Test func numbersRoundTrip() throws {
    try Tool.succeed(
      Arguments.lcn + Arguments.images + split + ["--report", "r.json", "--predictions", "p.csv", "--quiet"],
      in: scratch)
    let fields = Predictions(try scratch.text("p.csv")).rows.flatMap { $0.dropFirst() }
    #expect(fields.allSatisfy { text in Double(text).map { "\($0)" == text } ?? false })
    // Sums of the table are those of the report up to the order of addition.
    let table = Predictions(try scratch.text("p.csv"))
    let report = try JSON(scratch.text("r.json"))["test"]
    let count = Double(table.rows.count)
    let residuals = zip(table.column("target"), table.column("mean")).map { $0 - $1 }
    expectClose(residuals.map { $0 * $0 }.reduce(0, +) / count, report["bias"].number, relative: 1e-15)
    expectClose(table.column("variance").reduce(0, +) / count, report["variance"].number, relative: 1e-15)
    expectClose(
      report["bias"].number + report["variance"].number, report["generalizationError"].number, relative: 1e-15)
    let hits = zip(table.column("target"), table.column("mean")).filter { $0 * $1 > 0 }.count
    #expect(report["accuracy"].number == Double(hits) / count)
  }

  /// The score of several classes is that of the largest output.
  @Test func predictionsOfSeveralClasses() throws {
    let data = ["--train", "three.images", "--train-labels", "three.labels"]
    let (report, table) = try fit(Arguments.fc + data + ["--test-fraction", "0.4"], in: scratch)
    #expect(
      table.header
        == ["index", "target"]
        + ["mean", "variance", "probability"].flatMap { name in (0..<3).map { "\(name)_\($0)" } })
    let means = (0..<3).map { table.column("mean_\($0)") }
    var hits = 0.0
    var squares = 0.0
    for (point, label) in table.column("target").enumerated() {
      let row = means.map { $0[point] }
      if row.firstIndex(of: row.max()!) == Int(label) { hits += 1 }
      for (output, mean) in row.enumerated() {
        let target = (output == Int(label) ? 1 : 0) - 1.0 / 3
        squares += (mean - target) * (mean - target)
      }
    }
    let count = Double(table.rows.count)
    expectClose(report["test"]["accuracy"].number, hits / count, relative: 1e-9)
    expectClose(report["test"]["bias"].number, squares / (3 * count), relative: 1e-9)
  }
}
