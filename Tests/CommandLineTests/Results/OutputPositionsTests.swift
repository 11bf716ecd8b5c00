import Foundation
import LinearAlgebra
import RenormFiles
import Testing

/// Three classes of images with LCN and CNN at finite width, from fit to model, arrays and sweep.
@Suite struct OutputPositionsTests {
  let scratch: Scratch

  init() throws {
    scratch = try Scratch()
    try scratch.write(Problem(count: 15, classes: 3, seed: 7), "train")
    try scratch.write(Problem(count: 8, classes: 3, seed: 8), "test")
  }

  @Test(arguments: ["lcn", "cnn"], ["erf", "relu"])
  func fitsAndModels(architecture: String, activation: String) throws {
    try Tool.succeed(
      Arguments.cnn + Arguments.images + Arguments.testImages + [
        "--architecture", architecture, "--activation", activation, "--report", "fit.json", "--predictions",
        "fit.csv", "--model", "model.npz", "--arrays", "arrays.npz", "--quiet",
      ], in: scratch)
    let report = try FitRecord(path: scratch.path("fit.json"))
    let q = report.solution.orderParameter
    let average = try #require(report.solution.outputAverage)
    #expect(q.rows == 12 && average.rows == 3)
    for c in 0..<3 {
      for d in 0..<3 {
        expectClose(average[c, d], (0..<4).reduce(0) { $0 + q[3 * $1 + c, 3 * $1 + d] / 4 }, relative: 1e-12)
        if architecture == "lcn" { #expect(q[c, 3 + d] == 0) }
      }
    }
    #expect(report.test?.count == 8 && report.test?.accuracy != nil)

    try Tool.succeed(
      [
        "predict", "--model", "model.npz", "--data", "test.images", "--labels", "test.labels", "--predictions",
        "again.csv", "--report", "again.json", "--quiet",
      ], in: scratch)
    let (first, second) = (try scratch.text("fit.csv"), try scratch.text("again.csv"))
    for (a, b) in zip(first.split(separator: "\n").dropFirst(), second.split(separator: "\n").dropFirst()) {
      let values = [a, b].map { $0.split(separator: ",").map { Double($0) ?? .nan } }
      expectClose(values[0], values[1], relative: 1e-8, absolute: 1e-9)
    }
    #expect(try FitRecord(path: scratch.path("again.json")).solution.outputAverage == average)

    let archive = try NPZArchive.read(scratch.path("arrays.npz"))
    #expect(try archive.array("kernel").shape == [45, 45] && archive.array("eigenvalues").shape == [45])
    #expect(try archive.array("order_parameter").shape == [12, 12])
    #expect(try archive.array("positions").shape == [4, 2])
    #expect(try archive.array("covariance").shape == [3, 8, 8])
  }

  /// What a sweep finds is what a fit of its own finds.
  @Test func sweeps() throws {
    let sweep = try SweepScratch(
      "architecture: cnn\nmask: 2\nwidth: [5, 20]\ntemperature: [0.1, 0.5]\n", count: 20, classes: 3)
    try sweep.run("grid")
    let lines = try sweep.table("grid").split(separator: "\n").map {
      $0.split(separator: ",", omittingEmptySubsequences: false)
    }
    let column = try #require(lines[0].firstIndex(of: "bias"))
    #expect(lines.count == 5)
    try Tool.succeed(
      [
        "fit", "--architecture", "cnn", "--mask", "2", "--width", "5", "--temperature", "0.1", "--train",
        "train.images", "--train-labels", "train.labels", "--test-fraction", "0.2", "--report", "one.json",
        "--quiet",
      ], in: sweep.scratch)
    let report = try FitRecord(path: sweep.scratch.path("one.json"))
    let own = lines.dropFirst().first { $0.contains("5") && $0.contains("0.1") }
    expectClose(
      try #require(own.flatMap { Double($0[column]) }), try #require(report.test?.bias), relative: 1e-6)
  }
}
