import Foundation
import LinearAlgebra
import RenormFiles
import TestSupport
import Testing

/// Networks of several hidden layers on the command line.
@Suite struct DepthTests {
  let scratch: Scratch
  private static let fc = ["fit", "--architecture", "fc", "--temperature", "0.1"]
  private static let data = Arguments.images + Arguments.testImages

  init() throws {
    scratch = try Scratch()
    try scratch.write(Problem(count: 16, seed: 5), "train")
    try scratch.write(Problem(count: 7, seed: 6), "test")
    try scratch.write(Problem(count: 15, classes: 3, seed: 7), "three")
  }

  /// Order parameters, paths, and the evidence from the arrays of a fit.
  @Test func reportAndArrays() throws {
    let (report, _) = try fit(
      Self.fc + ["--widths", "9,14", "--lambdas", "0.5,2", "--arrays", "a.npz"] + Self.data, in: scratch)
    let q = report["orderParameters"].elements.map(\.number)
    let p = report["paths"].elements.map(\.number)
    #expect(q.count == 2 && p.count == 2 && q.allSatisfy { $0 > 0 })
    expectClose(p[0], q[0] * q[1], relative: 1e-14)
    expectClose(p[1], q[1], relative: 0)
    #expect(report["orderParameter"].matrix == [[q[0], 0], [0, q[1]]])
    #expect(report["depth"] == .number(2) && report["width"] == .number(14))
    #expect(report["widths"] == .array([.number(9), .number(14)]))
    #expect(report["lambdas"] == .array([.number(0.5), .number(2)]) && report["lambda1"] == .number(0.5))
    #expect(report["deepTheory"] == .null)
    expectClose(report["alpha"].number, 16.0 / 14, relative: 1e-14)

    let archive = try NPZArchive.read(scratch.path("a.npz"))
    expectClose(try archive.array("paths").values(), p, relative: 1e-14)
    #expect(!archive.names.contains("positions"))
    let eigenvalues = try archive.array("eigenvalues").values()
    let kernel = try #require(try archive.array("kernel").matrix())
    let y = try archive.array("targets").values()
    let a = Matrix(rows: 16, columns: 16) { kernel[$0, $1] + ($0 == $1 ? 0.1 : 0) }
    let u = Naive.solve(a, Matrix(rows: 16, columns: 1, elements: y)).elements
    let prior = 9 * (q[0] - 1 - log(q[0])) + 14 * (q[1] - 1 - log(q[1]))
    let rest =
      eigenvalues.reduce(0) { $0 + log(0.1 + max($1, 0)) } + zip(y, u).reduce(0) { $0 + $1.0 * $1.1 }
      + 16 * log(2 * .pi)
    expectClose(report["logEvidence"].number, -0.5 * (prior + rest), relative: 1e-9)
  }

  /// A list of equal values is depth and width, and depth 1 the network of one hidden layer.
  @Test func equivalentOptions() throws {
    func numbers(_ arguments: [String]) throws -> JSON {
      let report = try fit(Self.fc + arguments + Self.data, in: scratch).0
      return .array(
        ["orderParameter", "logEvidence", "test", "depth", "widths", "lambda1", "lambdas"].map { report[$0] })
    }
    let list = try numbers(["--widths", "9,9", "--lambdas", "2,2"])
    #expect(try numbers(["--depth", "2", "--width", "9", "--lambda1", "2"]) == list)
    let one = try numbers(["--width", "9"])
    #expect(try numbers(["--widths", "9"]) == one)
    #expect(try numbers(["--depth", "1", "--width", "9"]) == one)
    #expect(one != list)
  }

  @Test(arguments: [
    [], ["--deep-theory", "nested"], ["--deep-theory", "vanilla"], ["--activation", "linear"],
    ["--activation", "relu"], ["--widths", "9,infinite"], ["--lambdas", "0.5,2"],
  ]) func models(options: [String]) throws {
    let widths = options.contains("--widths") ? [] : ["--depth", "2", "--width", "12"]
    try Tool.succeed(
      Self.fc + widths + options + Self.data
        + ["--model", "m.npz", "--report", "f.json", "--predictions", "f.csv", "--quiet"], in: scratch)
    try Tool.succeed(
      [
        "predict", "--model", "m.npz", "--data", "test.images", "--labels", "test.labels", "--report", "p.json",
        "--predictions", "p.csv", "--quiet",
      ], in: scratch)
    #expect(try scratch.text("p.csv") == scratch.text("f.csv"))
    let (fitted, read) = (try JSON(scratch.text("f.json")), try JSON(scratch.text("p.json")))
    for key in ["orderParameters", "paths", "meanWeights", "depth", "widths", "lambdas", "deepTheory"] {
      #expect(read[key] == fitted[key], "\(key)")
    }
    // Of a model it is computed again, with sums in another order.
    expectClose(read["logEvidence"].number, fitted["logEvidence"].number, relative: 1e-13)
    #expect((fitted["meanWeights"] != .null) == options.contains("relu"))
    // A reader of version 1 would take it for a network of one hidden layer.
    #expect(try NPZArchive.read(scratch.path("m.npz")).array("format_version").values() == [2])
  }

  @Test func infiniteWidth() throws {
    try Tool.succeed(
      Self.fc + [
        "--depth", "3", "--infinite-width", "--train", "three.images", "--train-labels", "three.labels",
        "--report",
        "r.json", "--quiet",
      ], in: scratch)
    let report = try JSON(scratch.text("r.json"))
    #expect(report["orderParameters"] == .array([.number(1), .number(1), .number(1)]))
    #expect(report["paths"] == report["orderParameters"] && report["action"] == .null)
    #expect(report["outputs"] == .number(3))
  }

  @Test func summaryNamesLayers() throws {
    let text = try Tool.succeed(Self.fc + ["--depth", "2", "--width", "12"] + Self.data, in: scratch).output
    #expect(
      text.contains("depth = 2") && text.contains("order parameter   q = ") && text.contains("paths p = "))
  }

  /// Each in one line.
  @Test func refusals() throws {
    let deep = ["--depth", "2", "--width", "9"]
    for (arguments, fragments) in [
      (
        Arguments.cnn + ["--depth", "2"],
        ["depth 2 with the architecture 'cnn' and one mask", "a mask for each"]
      ),
      (
        Self.fc + deep + ["--node-prior", "gamma", "--node-parameter", "2"],
        ["depth 2 with the node prior 'gamma'"]
      ),
      (
        Self.fc + deep + ["--order", "next", "--activation", "tanh"],
        ["the order 'next' in 1/N with depth 2", "erf network"]
      ),
      (
        Self.fc + deep + ["--order", "next", "--deep-theory", "vanilla"],
        ["the order 'next' in 1/N with depth 2"]
      ),
      (
        Self.fc + deep + ["--activation", "relu", "--deep-theory", "nested"],
        ["'nested' with the activation 'relu'"]
      ),
      (Self.fc + deep + ["--deep-theory", "deep"], ["deep theory is 'deep'", "linear-part, nested, vanilla"]),
      (Self.fc + deep + ["--lambdas", "1,2,3"], ["lambdas is 1.0,2.0,3.0", "2 values"]),
      (Self.fc + deep + ["--lambdas", "1,-2"], ["lambdas is 1.0,-2.0", "a positive number"]),
      (Self.fc + deep + ["--widths", "3,4"], ["width is 9", "no width beside --widths"]),
      (Self.fc + deep + ["--lambda1", "3", "--lambdas", "1,2"], ["lambda1 is 3.0", "--lambdas"]),
      (Self.fc + ["--depth", "0", "--width", "9"], ["depth is 0", "a positive number of hidden layers"]),
      (Self.fc + ["--depth", "two", "--width", "9"], ["'two'", "--depth"]),
      (Self.fc + ["--widths", "9,x"], ["'9,x'", "--widths"]),
    ] as [([String], [String])] {
      try expectFailure(64, fragments, arguments + Self.data, in: scratch)
    }
    let three = ["--train", "three.images", "--train-labels", "three.labels"]
    try expectFailure(
      64, ["3 outputs with depth 2 and the activation 'relu'"],
      Self.fc + deep + ["--activation", "relu"] + three,
      outputs: ["--report", "out/report.json", "--model", "out/model.npz"], in: scratch)
  }

  @Test func warnings() throws {
    let run = try Tool.succeed(Self.fc + ["--width", "9", "--deep-theory", "nested"] + Self.data, in: scratch)
    #expect(run.errors.contains("--deep-theory has no effect on this network"))
    let relu = try Tool.succeed(
      Self.fc + ["--depth", "2", "--width", "12", "--activation", "relu"] + Self.data, in: scratch)
    #expect(relu.errors.contains("rougher than with an odd one"))
  }
}
