import Foundation
import Testing

/// Sampled networks with a node prior, errors of pruned ones, and their pictures.
@Suite struct NodePriorTests {
  let scratch: Scratch
  private let split = ["--test-fraction", "0.25"]
  // Too few draws for convergence: of interest are the keys.
  private let short = ["--samples", "60", "--warmup", "50", "--chains", "2"]

  init() throws {
    scratch = try Scratch()
    try scratch.write(Problem(count: 24), "train")
  }

  private func network(_ kind: [String], _ prior: String, _ parameter: String) -> [String] {
    Array(kind[1...]) + ["--node-prior", prior, "--node-parameter", parameter] + Arguments.images + split
  }

  /// Threads, seeds and an interruption change nothing; the report has the scales' number with its diagnostics.
  @Test(arguments: [("bernoulli", "0.5", "openFraction"), ("horseshoe", "0.3", "meanLogScale")])
  func sample(prior: String, parameter: String, key: String) throws {
    let arguments =
      ["sample"] + network(Arguments.cnn, prior, parameter) + [
        "--samples", "60", "--warmup", "50", "--chains", "2",
      ]
    func run(_ more: [String]) throws -> JSON {
      // Too few draws for convergence.
      _ = try Tool.run(arguments + more + ["--report", "r.json"], in: scratch)
      return try JSON(scratch.text("r.json"))
    }
    let report = try run(["--threads", "1"])
    #expect(report["nodeScales"][key]["mean"].isNumber && report["diagnostics"][key]["rHat"].isNumber)
    #expect(report["nodeScales"].members.count == 1)
    let other = try run(["--threads", "2"])
    #expect(other["orderParameter"] == report["orderParameter"])
    #expect(try run(["--seed", "3"])["orderParameter"] != report["orderParameter"])
    _ = try Tool.run(arguments + ["--samples", "20", "--checkpoint", "state.npz"], in: scratch)
    #expect(try run(["--checkpoint", "state.npz"])["orderParameter"] == report["orderParameter"])
    let summary = try Tool.run(arguments, in: scratch).output
    #expect(summary.contains(key == "openFraction" ? "open units" : "mean log scale"), "\(summary)")
  }

  /// Convolutional networks of heavy-tailed scales converge at any of the widths, or say that single units would
  /// carry what the data ask for; a warning where they carry more than half of it.
  @Test func heavyTails() throws {
    var isWarned: [Bool] = []
    for (parameter, width) in [("0.1", "20"), ("1", "200")] {
      let own = ["--width", width, "--temperature", "0.05", "--lambda1", "1"]
      let run = try Tool.run(
        ["fit", "--architecture", "cnn", "--mask", "4x2", "--stride", "4x2"] + Arguments.images + own + [
          "--node-prior", "horseshoe", "--node-parameter", parameter, "--report", "h.json",
        ], in: scratch)
      #expect(run.exitCode == 0, "\(run)")
      #expect(try JSON(scratch.text("h.json"))["converged"] == .bool(true))
      isWarned.append(run.errors.contains("single units carry it"))
    }
    #expect(isWarned == [true, false])
  }

  /// Theory, sampled and infinite width, where there is one, of a CNN; of a FC network for a law that is a long sum.
  @Test func compare() throws {
    for (prior, parameter, hasLimit) in [("bernoulli", "0.5", true), ("horseshoe", "1", false)] {
      let run = try Tool.run(
        ["compare"] + network(hasLimit ? Arguments.cnn : Arguments.fc, prior, parameter) + short + [
          "--report", "c.json",
        ], in: scratch)
      let report = try JSON(scratch.text("c.json"))
      let rows = report["comparison"].elements
      let name = prior == "bernoulli" ? "openFraction" : "meanLogScale"
      let row = try #require(rows.first { $0["name"] == .text(name) })
      #expect(row["theory"].isNumber && row["sampled"].isNumber && row["standardError"].isNumber)
      #expect(row["infiniteWidth"].isNumber == hasLimit)
      if hasLimit { #expect(row["infiniteWidth"].number == 0.5) }
      #expect(run.output.contains("infinite") == hasLimit, "\(run.output)")
      // 4 positions: 10 entries, the scales, and four scores.
      #expect(rows.count == (hasLimit ? 15 : 6))
    }
  }

  /// Errors of pruned networks beside theory: all that is kept is the error of the network itself.
  @Test(.needsGnuplot) func pruning() throws {
    let fc = network(Arguments.fc, "bernoulli", "0.5") + ["--sampler", "full", "--kept", "1,0.5,0.1"] + short
    let run = try Tool.run(["compare"] + fc + ["--report", "c.json"], in: scratch)
    let report = try JSON(scratch.text("c.json"))
    let (theory, sampled) = (report["pruning"].elements, report["sampled"]["pruning"].elements)
    #expect(theory.count == 3 && sampled.count == 3 && theory[0]["share"] == .number(1))
    expectClose(
      theory[0]["theory"].number, report["theory"]["test"]["generalizationError"].number, relative: 1e-9)
    expectClose(
      sampled[0]["error"]["mean"].number, report["sampled"]["test"]["generalizationError"]["mean"].number,
      relative: 1e-9)
    #expect(sampled[2]["error"]["mean"].number > sampled[0]["error"]["mean"].number)
    #expect(run.output.contains("units kept"))
    _ = try Tool.run(["sample"] + fc + ["--report", "s.json"], in: scratch)
    let picture = try Tool.succeed(["plot", "pruning", "c.json", "s.json", "--output", "p.svg"], in: scratch)
    #expect(picture.errors.isEmpty, "\(picture.errors)")
  }

  @Test func refusals() throws {
    let start = ["sample"] + network(Arguments.fc, "gamma", "2")
    let outputs = ["--report", "out/report.json"]
    for (change, fragments) in [
      (["--sampler", "langevin", "--step-size", "0.01"], ["langevin", "gamma", "collapsed"]),
      (["--sampler", "langevin"], ["langevin", "gamma"]),
      (["--kept", "0.5"], ["readout weights", "full"]),
      (["--kept", "1.5", "--sampler", "full"], ["kept is 1.5", "from 0 to 1"]),
      (["--kept", "a", "--sampler", "full"], ["'a'"]),
      (["--activation", "relu"], ["gamma", "relu", "odd"]),
    ] as [([String], [String])] {
      try expectFailure(ExitCode.usage, fragments, start + change, outputs: outputs, in: scratch)
    }
    try expectFailure(
      ExitCode.usage, ["held-out"],
      start.filter { $0 != "--test-fraction" && $0 != "0.25" } + ["--sampler", "full", "--kept", "0.5"],
      outputs: outputs, in: scratch)
  }
}
