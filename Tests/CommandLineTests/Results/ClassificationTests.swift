import Foundation
import RenormFiles
import TestSupport
import Testing

/// `--likelihood softmax` (docs/classification.md).
@Suite struct ClassificationTests {
  let scratch: Scratch
  private static let softmax = ["--likelihood", "softmax"]
  private static let twoFiles = Arguments.images + Arguments.testImages
  private static let threeClasses = [
    "--train", "three.images", "--train-labels", "three.labels", "--test", "test.images", "--test-labels",
    "three2.labels",
  ]

  init() throws {
    scratch = try Scratch()
    try scratch.write(Problem(count: 16, seed: 5), "train")
    try scratch.write(Problem(count: 9, seed: 6), "test")
    try scratch.write(Problem(count: 15, classes: 3, seed: 7), "three")
    try scratch.write(Problem(count: 9, classes: 3, seed: 8), "three2")
  }

  private static func network(_ architecture: String) -> [String] {
    ["--architecture", architecture, "--width", "10", "--temperature", "0.2"]
      + (architecture == "fc" ? [] : ["--mask", "2"])
  }

  /// A model predicts what the fit did, and the report counts what predictions say.
  @Test(
    arguments: ["fc", "lcn", "cnn"],
    [[], ["--approximation", "ep"], ["--classes", "0,1,2"], ["--infinite-width", "--activation", "relu"]])
  func modelsPredictTheSame(architecture: String, extra: [String]) throws {
    let isThree = extra.contains("--classes")
    let files = isThree ? Self.threeClasses : Self.twoFiles
    let (report, table) = try fit(
      ["fit"] + Self.network(architecture) + Self.softmax + files + extra + ["--model", "m.npz"], in: scratch)
    #expect(report["likelihood"] == .text("softmax"))
    #expect(report["approximation"] == (extra.contains("ep") ? .text("ep") : .null))
    #expect(try NPZArchive.read(scratch.path("m.npz")).array("format_version").values() == [2])
    let test = report["test"]
    #expect(test["bias"] == .null && test["generalizationError"] == .null && report["train"]["error"] == .null)
    #expect(test["nll"].number > 0 && test["brier"].number > 0 && report["train"]["nll"].number > 0)

    let names = isThree ? ["0", "1", "2"] : ["0", "1"]
    let probabilities = names.map { table.column("probability_\($0)") }
    let targets = table.column("target")
    var (nll, hits) = (0.0, 0)
    for point in targets.indices {
      let row = probabilities.map { $0[point] }
      expectClose(row.reduce(0, +), 1, relative: 1e-12)
      let own = isThree ? Int(targets[point]) : (targets[point] > 0 ? 1 : 0)
      nll -= log(row[own]) / Double(targets.count)
      hits += row.indices.allSatisfy { row[$0] <= row[own] } ? 1 : 0
    }
    expectClose(test["nll"].number, nll, relative: 1e-10)
    expectClose(test["accuracy"].number, Double(hits) / Double(targets.count), relative: 1e-12)

    let data = ["--data", "test.images", "--labels", isThree ? "three2.labels" : "test.labels"]
    try Tool.succeed(
      ["predict", "--model", "m.npz"] + data + ["--report", "p.json", "--predictions", "p.csv", "--quiet"],
      in: scratch)
    let again = try JSON(scratch.text("p.json"))
    expectSame(again, report)
    #expect(Predictions(try scratch.text("p.csv")).rows == table.rows)
  }

  /// Several hidden layers, of one output and of several, and the pair of an activation with means.
  @Test(arguments: [
    ["--architecture", "fc", "--depth", "2"],
    ["--architecture", "fc", "--depth", "2", "--approximation", "ep"],
    ["--architecture", "fc", "--depth", "2", "--classes", "0,1,2"],
    ["--architecture", "cnn", "--mask", "2,2"], ["--architecture", "fc", "--activation", "relu"],
    ["--architecture", "fc", "--depth", "2", "--activation", "relu"],
    ["--architecture", "fc", "--depth", "2", "--infinite-width", "--classes", "0,1,2"],
  ])
  func deepModels(options: [String]) throws {
    let isThree = options.contains("--classes")
    let size = options.contains("--infinite-width") ? [] : ["--width", "12"]
    let (report, table) = try fit(
      ["fit", "--temperature", "0.2", "--model", "m.npz"] + size + options + Self.softmax
        + (isThree ? Self.threeClasses : Self.twoFiles), in: scratch)
    #expect(report["converged"] == .bool(true) && report["logEvidence"].number < 0)
    let data = ["--data", "test.images", "--labels", isThree ? "three2.labels" : "test.labels"]
    try Tool.succeed(
      ["predict", "--model", "m.npz"] + data + ["--report", "p.json", "--predictions", "p.csv", "--quiet"],
      in: scratch)
    let again = try JSON(scratch.text("p.json"))
    expectSame(again, report)
    #expect(Predictions(try scratch.text("p.csv")).rows == table.rows)
    if isThree, !options.contains("--infinite-width") {
      let matrices = report["pathMatrices"].elements
      #expect(matrices.count == 2)
      for row in matrices.flatMap(\.elements) {
        expectClose(row.elements.reduce(0) { $0 + $1.number }, 1, relative: 1e-10)
      }
    }
  }

  @Test func refusals() throws {
    func refuse(_ code: Int32, _ fragments: [String], _ arguments: [String]) throws {
      try expectFailure(code, fragments, ["fit"] + arguments + Self.softmax, in: scratch)
    }
    let fc = Self.network("fc") + Self.twoFiles
    try refuse(ExitCode.usage, ["temperature", "at least 1e-08", "log(1/T)"], fc + ["--temperature", "9e-9"])
    try refuse(
      ExitCode.usage, ["relu", "not odd", "several positions", "infinite width"],
      Self.network("cnn") + Self.twoFiles + ["--activation", "relu"])
    try refuse(
      ExitCode.usage, ["relu", "3 classes", "infinite width"],
      Self.network("fc") + Self.threeClasses + ["--activation", "relu", "--classes", "0,1,2"])
    try refuse(
      ExitCode.usage, ["deep theory 'nested'", "linear-part"], fc + ["--depth", "2", "--deep-theory", "nested"])
    try refuse(
      ExitCode.usage, ["node prior 'gamma'"], fc + ["--node-prior", "gamma", "--node-parameter", "1"])
    try refuse(ExitCode.usage, ["next order", "likelihood", "gaussian"], fc + ["--order", "next"])
    try refuse(
      ExitCode.usage, ["'ep' for 3 classes", "laplace"],
      Self.network("fc") + Self.threeClasses + ["--approximation", "ep"])
    try refuse(
      ExitCode.badData, ["real numbers", "classes"],
      Self.network("fc") + ["--train", "train.csv", "--test-fraction", "0.2"])
    for command in ["sample", "compare"] {
      try expectFailure(
        ExitCode.usage, ["sampler 'collapsed'", "full"], [command] + fc + Self.softmax,
        outputs: predictOutputs, in: scratch)
    }
  }

  /// Gaussian noise and softmax side by side: columns, the choice by -log p, and no choice of T by the
  /// evidence.
  @Test func sweeps() throws {
    try scratch.file(
      "sweep.yaml",
      """
      train: train.images
      train-labels: train.labels
      test-fraction: 0.3
      architecture: [fc, cnn]
      mask: 2
      width: [5, infinite]
      likelihood: [gaussian, softmax]
      temperature: [0.2, 1]

      """)
    try Tool.succeed(["sweep", "run", "sweep.yaml", "--output", "out", "--quiet"], in: scratch)
    let table = Predictions(
      try Tool.succeed(["sweep", "export", "out"], in: scratch).output)
    #expect(table.rows.count == 16)
    let place = try #require(table.header.firstIndex(of: "likelihood"))
    for (row, fields) in table.rows.enumerated() {
      #expect(table.column("nll")[row] > 0 && table.column("brier")[row] > 0)
      #expect(table.column("bias")[row].isNaN == (fields[place] == "softmax"))
    }
    let best = try Tool.succeed(["sweep", "best", "out", "--by", "nll"], in: scratch).output
    #expect(best.contains("best -log p of labels on the test examples"))
    let run = try Tool.run(["sweep", "best", "out", "--by", "evidence"], in: scratch)
    #expect(run.exitCode == ExitCode.usage && run.errors.contains("--by nll") && run.errors.contains("softmax"))
  }

  @Test(arguments: [false, true]) func comparesWithSampling(isThree: Bool) throws {
    try Tool.succeed(
      ["compare"] + Self.network("fc") + (isThree ? Self.threeClasses : Self.twoFiles) + Self.softmax + [
        "--sampler", "full", "--samples", "80", "--warmup", "80", "--chains", "2", "--seed", "3", "--report",
        "c.json", "--predictions", "c.csv", "--quiet",
      ], in: scratch)
    let report = try JSON(scratch.text("c.json"))
    let names = report["comparison"].elements.map { $0["name"] }
    #expect(names.contains(.text("nll")) && names.contains(.text("brier")) && !names.contains(.text("bias")))
    let difference = report["probabilities"]["rmsDifference"].number
    #expect(difference > 0 && difference < 0.1)
    #expect(report["sampled"]["test"]["nll"]["mean"].number > 0)
    #expect(report["sampled"]["test"]["bias"] == .null)
  }

  /// Reliability alone is drawn of latents, from the probabilities of the file.
  @Test func reliability() throws {
    try Tool.succeed(
      ["fit"] + Self.network("fc") + Self.softmax + Self.twoFiles + [
        "--report", "f.json", "--predictions", "f.csv", "--quiet",
      ], in: scratch)
    try Tool.succeed(
      ["plot", "calibration", "f.csv", "--report", "f.json", "--script", "figure.gp"], in: scratch)
    let script = try scratch.text("figure.gp")
    #expect(script.contains("predicted probability") && !script.contains("nominal level"))
  }
}
