import Foundation
import RenormFiles
import Testing

/// `renorm sample`: its report, its files, and that a run can be repeated and continued.
@Suite struct SampleTests {
  let scratch: Scratch
  private let split = ["--test-fraction", "0.25"]
  private static let short = ["--chains", "2", "--samples", "60", "--warmup", "60", "--seed", "3"]

  init() throws {
    scratch = try Scratch()
    try scratch.write(Problem(count: 16), "train")
    try scratch.write(Problem(count: 18, classes: 3), "three")
  }

  private func sample(_ network: [String]) -> [String] {
    ["sample"] + network.dropFirst() + Arguments.images + split + Self.short
  }

  @Test(arguments: [Arguments.fc, Arguments.lcn, Arguments.cnn]) func keysAndTypes(network: [String]) throws {
    let run = try Tool.succeed(sample(network) + ["--report", "-"], in: scratch)
    let report = try JSON(run.output)
    for key in ["architecture", "activation", "version", "readout"] { #expect(report[key].isText, "\(key)") }
    for key in ["width", "trainCount", "positions", "outputs"] { #expect(report[key].isInteger, "\(key)") }
    for key in ["temperature", "lambda0", "lambda1", "alpha"] { #expect(report[key].isNumber, "\(key)") }
    let order = network == Arguments.fc ? 1 : 4
    #expect(report["orderParameter"].matrix.map(\.count) == [Int](repeating: order, count: order))
    #expect(report["orderParameterError"].matrix.map(\.count) == [Int](repeating: order, count: order))
    #expect(report["test"]["count"] == .number(4))
    let estimates = ["bias", "variance", "generalizationError", "accuracy"].map { report["test"][$0] }
    for estimate in estimates + [report["train"]["loss"], report["weightNorm"], report["logDensity"]] {
      #expect(estimate["mean"].isNumber && estimate["standardError"].isNumber)
    }
    let diagnostics = report["diagnostics"].members
    for name in [
      "orderParameter[0,0]", "trainingLoss", "generalizationError", "means", "variances", "weightNorm",
    ] {
      for key in ["rHat", "bulkESS", "tailESS"] {
        #expect(diagnostics[name]?[key].isNumber == true, "\(name) \(key)")
      }
    }
    let sampler = report["sampler"]
    #expect(sampler["name"] == .text("collapsed"))
    for (key, value) in [("chains", 2), ("samples", 60), ("warmup", 60), ("seed", 3)] {
      #expect(sampler[key] == .number(Double(value)), "\(key)")
    }
    for key in ["acceptance", "stepSize", "trajectoryLength"] { #expect(sampler[key].number > 0, "\(key)") }
    for key in ["gradients", "divergences", "warmupGradients"] { #expect(sampler[key].isInteger, "\(key)") }
    #expect(sampler["perChain"].elements.count == 2)
    #expect(report["timing"]["sample"].isNumber && report["timing"]["total"].isNumber)
    #expect(report["data"]["classes"] == .array([.number(0), .number(1)]))
    // 120 draws are few, and the report says so, as does the exit code when all is written.
    #expect(run.exitCode == ExitCode.numerical)
    #expect(run.errorLines.dropLast().last?.hasPrefix("renorm: error: the chains did not converge: ") == true)
    #expect(report["converged"] == .bool(false))
    #expect(report["warnings"].elements.contains { "\($0)".contains("`samples`") })
    #expect(run.errors.contains("renorm: warning: "))
  }

  /// The estimates agree with each other, and the table with the report.
  @Test func numbersFitTogether() throws {
    try Tool.succeed(
      sample(Arguments.fc) + ["--report", "r.json", "--predictions", "p.csv", "--quiet"], in: scratch)
    let test = try JSON(scratch.text("r.json"))["test"]
    let (bias, variance, error) = (
      test["bias"]["mean"].number, test["variance"]["mean"].number, test["generalizationError"]["mean"].number
    )
    // Bias and variance have corrections for noise, which are opposite: batches are equally long here.
    expectClose(bias + variance, error, relative: 1e-9)
    let table = Predictions(try scratch.text("p.csv"))
    #expect(table.header == ["index", "target", "mean", "variance", "meanError"])
    #expect(table.rows.count == 4)
    #expect(table.column("meanError").allSatisfy { $0 > 0 && $0 < 0.2 })
    expectClose(table.column("variance").reduce(0, +) / 4, variance, relative: 1e-9)
  }

  /// The same seed gives the same draws on any number of cores; another seed gives others.
  @Test func repeats() throws {
    func draws(_ name: String, _ arguments: [String]) throws -> [UInt8] {
      let files = ["--draws", "\(name).npz", "--predictions", "\(name).csv", "--quiet"]
      try Tool.succeed(sample(Arguments.cnn) + arguments + files, in: scratch)
      return try scratch.bytes("\(name).npz")
    }
    let first = try draws("a", ["--threads", "1"])
    #expect(try draws("b", ["--threads", "2"]) == first)
    #expect(try scratch.text("a.csv") == scratch.text("b.csv"))
    #expect(try draws("c", ["--seed", "4"]) != first)
  }

  /// Predictive means agree with the fit where the theory is good: a wide network.
  @Test func agreesWithTheFitOfAWideNetwork() throws {
    let network = ["--architecture", "fc", "--width", "400", "--temperature", "0.5"]
    let theory = try fit(["fit"] + network + Arguments.images + split, in: scratch)
    try Tool.succeed(
      ["sample"] + network + Arguments.images + split + [
        "--report", "r.json", "--predictions", "p.csv", "--quiet",
      ]
        + ["--samples", "300", "--warmup", "100"], in: scratch)
    let report = try JSON(scratch.text("r.json"))
    let table = Predictions(try scratch.text("p.csv"))
    let errors = table.column("meanError")
    for (point, mean) in table.column("mean").enumerated() {
      // Five standard errors, and what the next order in 1/N may add.
      #expect(abs(mean - theory.predictions.column("mean")[point]) < 5 * errors[point] + 0.02)
    }
    let order = (report["orderParameter"].matrix[0][0], theory.report["orderParameter"].matrix[0][0])
    #expect(abs(order.0 - order.1) < 0.01)
  }

  @Test(arguments: ["full", "langevin"]) func otherSamplers(sampler: String) throws {
    let run = try Tool.succeed(
      sample(Arguments.fc) + ["--sampler", sampler, "--report", "-", "--draws", "d.npz"], in: scratch)
    let report = try JSON(run.output)
    #expect(report["sampler"]["name"] == .text(sampler))
    #expect(report["orderParameter"].matrix[0][0] > 0)
    #expect(report["test"]["bias"]["mean"].isNumber)
    let warns = report["warnings"].elements.contains { "\($0)".contains("biased by its step size") }
    #expect(warns == (sampler == "langevin"))
  }

  @Test func severalOutputsAndRegression() throws {
    let three = ["--train", "three.images", "--train-labels", "three.labels"] + split + Self.short
    let run = try Tool.succeed(
      ["sample"] + Arguments.fc.dropFirst() + three + ["--report", "-"], in: scratch)
    #expect(try JSON(run.output)["orderParameter"].matrix.map(\.count) == [3, 3, 3])
    let table = try Tool.succeed(
      ["sample"] + Arguments.fc.dropFirst() + three + ["--predictions", "-"], in: scratch)
    #expect(
      Predictions(table.output).header == [
        "index", "target", "mean_0", "mean_1", "mean_2", "variance_0", "variance_1", "variance_2",
        "meanError_0",
        "meanError_1", "meanError_2",
      ])
    let regression = try Tool.succeed(
      ["sample"] + Arguments.fc.dropFirst() + ["--train", "train.csv"] + Self.short + ["--report", "-"],
      in: scratch)
    let report = try JSON(regression.output)
    #expect(report.members["test"] == .null && report["train"]["loss"]["mean"].isNumber)
  }

  /// Steps so large that nothing is accepted: the chains stand still, and the report does not call it
  /// precision.
  @Test func chainsThatNeverMove() throws {
    let network = ["--architecture", "fc", "--width", "10", "--temperature", "1e-9"]
    let wild = ["--step-size", "1.5", "--trajectory-length", "20", "--warmup", "0", "--samples", "20"]
    for chains in ["1", "2"] {
      let run = try Tool.succeed(
        ["sample"] + network + Arguments.images + split + wild + ["--chains", chains, "--report", "r.json"],
        in: scratch)
      let report = try JSON(scratch.text("r.json"))
      #expect(report["converged"] == .bool(false))
      for estimate in [report["weightNorm"], report["logDensity"], report["test"]["bias"]] {
        #expect(estimate["mean"].isNumber && estimate.members["standardError"] == .null)
      }
      #expect(report["sampler"]["perChain"].elements.allSatisfy { $0["accepted"] == .number(0) })
      #expect(run.errors.contains("never moved"), "\(run.errors)")
      // Two that stand still disagree.
      let isInfinite = chains == "2"
      let quantity = report["diagnostics"]["weightNorm"]
      #expect(quantity.members["rHat"] == .null && quantity["isStuck"] == .bool(isInfinite))
      #expect(run.output.contains("R-hat infinite") == isInfinite, "\(run.output)")
    }
  }

  /// Positions whose pairs are too many for every draw: null in the report, NaN in the file.
  @Test func diagonalOfManyPositions() throws {
    try scratch.write(Problem(count: 6, height: 12, width: 12), "large")
    let network = ["--architecture", "cnn", "--mask", "1", "--width", "2", "--temperature", "1"]
    let run = try Tool.succeed(
      ["sample"] + network + ["--train", "large.images", "--train-labels", "large.labels", "--draws", "d.npz"]
        + ["--chains", "1", "--samples", "4", "--warmup", "2", "--report", "r.json"], in: scratch)
    let rows = try JSON(scratch.text("r.json"))["orderParameter"].elements.map(\.elements)
    #expect(rows.count == 144 && rows[3][3].isNumber && rows[3][4] == .null && rows[4][3] == .null)
    let draws = try NPZArchive.read(scratch.path("d.npz")).array("orderParameter")
    #expect(draws.shape == [1, 4, 144, 144])
    #expect(draws.values()[0].isFinite && draws.values()[1].isNaN)
    #expect(run.errors.contains("only the diagonal") && run.output.contains("order parameter"))
  }

  /// Memory is checked before it is taken.
  @Test(arguments: [["--samples", "1000000000"], ["--memory-limit", "2KB"]])
  func refusesWhatDoesNotFit(change: [String]) throws {
    let run = try Tool.run(sample(Arguments.fc) + change, in: scratch)
    #expect(run.exitCode == ExitCode.numerical, "\(run)")
    #expect(run.errors.contains("can be used; take fewer") && run.output.isEmpty, "\(run.errors)")
  }

  @Test func summary() throws {
    let run = try Tool.succeed(sample(Arguments.cnn), in: scratch)
    for word in [
      "network ", "order parameter", "held-out", "bias", "+-", "sampler", "acceptance", "R-hat", "time",
    ] {
      #expect(run.output.contains(word), "\(word)")
    }
    #expect(try Tool.succeed(sample(Arguments.fc) + ["--quiet"], in: scratch).output.isEmpty)
  }

  @Test(.needsNumPy) func drawsForNumPy() throws {
    try Tool.succeed(
      sample(Arguments.cnn) + ["--draws", "d.npz", "--report", "r.json", "--checkpoint", "c.npz", "--quiet"],
      in: scratch)
    let report = try JSON(scratch.text("r.json"))
    let output = try Python.run(
      """
      d = np.load("d.npz"); q = d["orderParameter"]
      print(q.shape, d["mean"].shape, d["variance"].shape, d["trainingLoss"].shape, d["logDensity"].shape)
      norm = d["weightNorm"].mean()
      print(abs(q - q.swapaxes(2, 3)).max(), repr(float(q[:, :, 1, 0].mean())), repr(float(norm)))
      c = np.load("c.npz"); print(c["position_1"].shape, c["random_0"].shape, c["draws_1"].shape[0])
      """, in: scratch)
    let lines = output.split(separator: "\n").map(String.init)
    #expect(lines[0] == "(2, 60, 4, 4) (2, 60, 4) (2, 60, 4) (2, 60) (2, 60)")
    let numbers = lines[1].split(separator: " ").compactMap { Double($0) }
    #expect(numbers[0] == 0)
    expectClose(numbers[1], report["orderParameter"].matrix[1][0], relative: 1e-12)
    expectClose(numbers[2], report["weightNorm"]["mean"].number, relative: 1e-12)
    #expect(lines[2] == "(40,) (625,) 60")
  }
}

/// Runs that are interrupted and continued.
@Suite struct SampleInterruptTests {
  let scratch: Scratch
  private let arguments = [
    "sample", "--architecture", "fc", "--width", "40", "--temperature", "0.05", "--train", "train.images",
    "--train-labels", "train.labels", "--test-fraction", "0.1", "--warmup", "100",
  ]

  init() throws {
    scratch = try Scratch()
    try scratch.write(Problem(count: 80, height: 8, width: 8), "train")
    try scratch.folder("out")
  }

  /// Killed or interrupted, also before the first write, and continued with as many samples as an uninterrupted
  /// run.
  @Test(arguments: [SIGINT, SIGTERM, SIGKILL]) func continues(signal: Int32) throws {
    let short = arguments + ["--samples", "100", "--quiet"]
    try Tool.succeed(short + ["--draws", "expected.npz"], in: scratch)
    let checkpoint = ["--checkpoint", "out/c.npz"]
    var delay = 0.05
    repeat {
      // More samples than there is time for.
      let launch = try Launch(
        Tool.path(), arguments + ["--samples", "100000", "--quiet", "--draws", "out/d.npz"] + checkpoint,
        in: scratch)
      Thread.sleep(forTimeInterval: delay)
      launch.send(signal)
      let run = try launch.finish()
      #expect(run.wasKilled && run.exitCode == signal)
      // What is killed while it writes leaves a part beside the file.
      let names = scratch.names(in: "out").filter { signal != SIGKILL || !TemporaryName.isAbandoned($0) }
      #expect(Set(names).isSubset(of: ["c.npz"]))
      if run.errors.contains("continues from out/c.npz") { #expect(scratch.names(in: "out") == ["c.npz"]) }
      // On a busy machine the first signals come before sampling has begun.
      delay *= 3
    } while delay < (signal == SIGKILL ? 1 : 600) && scratch.names(in: "out").isEmpty
    if signal != SIGKILL { #expect(scratch.names(in: "out") == ["c.npz"]) }
    try Tool.succeed(short + ["--draws", "found.npz"] + checkpoint, in: scratch)
    #expect(scratch.names(in: "out") == ["c.npz"])
    #expect(try scratch.bytes("found.npz") == scratch.bytes("expected.npz"))
  }

  /// The other samplers and a CNN continue as exactly.
  @Test(arguments: [
    ["--sampler", "full"], ["--sampler", "langevin", "--thinning", "20"],
    ["--architecture", "cnn", "--mask", "4", "--shape", "1x8x8", "--width", "10"],
  ])
  func continuesExactly(change: [String]) throws {
    let short = arguments + ["--samples", "60", "--quiet"] + change
    try Tool.succeed(short + ["--draws", "expected.npz"], in: scratch)
    let checkpoint = ["--checkpoint", "out/c.npz"]
    var delay = 0.1
    repeat {
      let launch = try Launch(
        Tool.path(), arguments + ["--samples", "100000", "--quiet"] + change + checkpoint, in: scratch)
      Thread.sleep(forTimeInterval: delay)
      launch.send(SIGINT)
      #expect(try launch.finish().wasKilled)
      delay *= 3
    } while delay < 600 && scratch.names(in: "out").isEmpty
    #expect(scratch.names(in: "out") == ["c.npz"])
    try Tool.succeed(short + ["--draws", "found.npz"] + checkpoint, in: scratch)
    #expect(try scratch.bytes("found.npz") == scratch.bytes("expected.npz"))
  }

  /// Without a checkpoint signals act at once, and leave nothing.
  @Test func withoutACheckpoint() throws {
    let launch = try Launch(
      Tool.path(), arguments + ["--samples", "100000", "--draws", "out/d.npz"], in: scratch)
    Thread.sleep(forTimeInterval: 0.3)
    launch.send(SIGINT)
    let run = try launch.finish()
    #expect(run.wasKilled && run.exitCode == SIGINT)
    #expect(scratch.names(in: "out").isEmpty)
  }

  @Test func refusesTheCheckpointOfAnotherRun() throws {
    let small = arguments + ["--samples", "5", "--chains", "1", "--quiet", "--checkpoint", "c.npz"]
    try Tool.succeed(small, in: scratch)
    for (change, word) in [
      (["--temperature", "0.1"], "temperature"), (["--seed", "2"], "seed"), (["--sampler", "full"], "sampler"),
      (["--width", "41"], "width"), (["--train-count", "20"], "selection of the data"),
      (["--standardize", "feature"], "selection of the data"),
    ] {
      let run = try Tool.run(small + change, in: scratch)
      #expect(run.exitCode == ExitCode.badData, "\(run)")
      #expect(run.errors.hasPrefix("renorm: error: c.npz: a checkpoint of another run: "), "\(run.errors)")
      #expect(run.errors.contains(word), "\(run.errors)")
    }
    // The same names, other content.
    try scratch.write(Problem(count: 80, height: 8, width: 8, seed: 2), "train")
    let run = try Tool.run(small, in: scratch)
    #expect(run.exitCode == ExitCode.badData && run.errors.contains("checksum of the data"), "\(run.errors)")
    try scratch.file("c.npz", "not a checkpoint")
    #expect(try Tool.run(small, in: scratch).exitCode == ExitCode.badData)
  }

  @Test(arguments: [
    (["--chains", "0"], "chains is 0"), (["--samples", "-1"], "samples is -1"),
    (["--warmup", "-2"], "warmup is -2"),
    (["--target-acceptance", "1.5"], "target-acceptance is 1.5"), (["--step-size", "0"], "step-size is 0"),
    (["--trajectory-length", "-1"], "trajectory-length is -1"), (["--seed", "-1"], "--seed"),
    (["--sampler", "nuts"], "nuts"), (["--sampler", "langevin", "--thinning", "0"], "thinning is 0"),
    (["--infinite-width"], "infinite width"), (["--draws", "-"], "--draws cannot go to standard output"),
    (["--checkpoint", "-"], "--checkpoint cannot go to standard output"),
  ])
  func refusesWrongUsage(change: [String], message: String) throws {
    let run = try Tool.run(arguments + change, in: scratch)
    #expect(run.exitCode == ExitCode.usage, "\(run)")
    #expect(run.errors.hasPrefix("renorm: error: ") && run.errors.contains(message), "\(run.errors)")
    #expect(run.output.isEmpty && scratch.names(in: "out").isEmpty)
  }
}
