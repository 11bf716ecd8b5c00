import Foundation
import Testing

/// `renorm compare`: the theory beside the sampled network.
@Suite struct CompareTests {
  let scratch: Scratch
  private let split = ["--test-fraction", "0.25"]
  private let short = ["--samples", "400", "--warmup", "150"]

  init() throws {
    scratch = try Scratch()
    try scratch.write(Problem(count: 24), "train")
  }

  private func compare(_ arguments: [String]) throws -> (report: JSON, output: String) {
    let run = try Tool.succeed(
      ["compare"] + arguments + Arguments.images + split + ["--report", "c.json", "--predictions", "c.csv"],
      in: scratch)
    return (try JSON(scratch.text("c.json")), run.output)
  }

  /// An infinitely wide network is as the theory says; at N = 1000 and this temperature the sampling error is
  /// larger than the next order.
  @Test func agrees() throws {
    let (report, output) = try compare(
      ["--architecture", "fc", "--width", "1000", "--temperature", "20", "--samples", "300", "--warmup", "100"])
    #expect(report["verdict"]["agrees"] == .bool(true), "\(output)")
    #expect(output.contains("theory agrees within sampling error"))
    #expect(report["predictions"]["zRMS"].number < 2)
    #expect(report["verdict"]["comparisons"] == .number(10))
    // The two-sided quantile at 0.01/10 of Student's distribution with 39 degrees of freedom, of 40 batches.
    #expect(report["verdict"]["degreesOfFreedom"] == .number(39))
    expectClose(report["verdict"]["threshold"].number, 3.5581, relative: 1e-4)
  }

  /// A single hidden unit is far from the theory's reach.
  @Test func deviates() throws {
    let (report, output) = try compare(
      ["--architecture", "fc", "--width", "1", "--temperature", "0.05", "--samples", "1000"])
    #expect(report["sampled"]["converged"] == .bool(true), "\(output)")
    #expect(report["verdict"]["agrees"] == .bool(false), "\(output)")
    #expect(output.contains("theory off by") && output.contains(" at this width: "))
    #expect(report["verdict"]["relativeDeviation"].number > 0.01)
    #expect(report["verdict"]["quantity"].isText)
  }

  /// The bias of the step size is not the theory's.
  @Test func langevinDoesNotJudge() throws {
    let (report, output) = try compare(
      ["--architecture", "fc", "--width", "2", "--temperature", "0.05", "--sampler", "langevin"] + short)
    #expect(report["verdict"].members["agrees"] == .null)
    #expect(output.contains("unadjusted Langevin dynamics is biased by its step size"), "\(output)")
    #expect(output.contains("--sampler collapsed or full judges"))
    #expect(!output.contains("theory off"))
  }

  /// What sampling refuses is refused before the fit, which fails here.
  @Test func checksSamplingBeforeTheFit() throws {
    let start =
      ["compare", "--architecture", "fc", "--width", "10", "--temperature", "0.01", "--max-iterations", "1"]
      + Arguments.images + split
    let fails = try Tool.run(start, in: scratch)
    #expect(fails.exitCode == ExitCode.numerical && fails.errors.contains("did not converge"), "\(fails)")
    try Tool.succeed(
      ["sample"] + start[1..<7] + Arguments.images + split
        + ["--samples", "5", "--warmup", "5", "--checkpoint", "c.npz", "--quiet"], in: scratch)
    for (change, code, word) in [
      (["--samples", "0"], ExitCode.usage, "samples is 0"),
      (["--step-size", "-1"], ExitCode.usage, "step-size"),
      (["--infinite-width"], ExitCode.usage, "infinite width"),
      (["--samples", "1000000000"], ExitCode.numerical, "can be used"),
      (
        ["--checkpoint", "c.npz", "--seed", "9", "--warmup", "5"], ExitCode.badData, "checkpoint of another run"
      ),
    ] {
      let arguments = change[0] == "--infinite-width" ? start.filter { $0 != "--width" && $0 != "10" } : start
      let run = try Tool.run(arguments + change, in: scratch)
      #expect(run.exitCode == code && run.errors.contains(word), "\(run)")
    }
  }

  @Test func judgesNothingBeforeConvergence() throws {
    let (report, output) = try compare(
      ["--architecture", "fc", "--width", "5", "--temperature", "0.1", "--samples", "20", "--warmup", "10"])
    #expect(report["verdict"].members["agrees"] == .null)
    #expect(output.contains("the chains have not converged"))
    #expect(!output.contains("theory off") && !output.contains("agrees"))
  }

  /// Every row repeats what fit and sample report, and z is their difference over the error.
  @Test(arguments: [Arguments.fc, Arguments.lcn, Arguments.cnn]) func rows(network: [String]) throws {
    let sampling = ["--chains", "2", "--samples", "50", "--warmup", "50"]
    let network = Array(network.dropFirst())
    let (report, output) = try compare(network + sampling)
    let theory = try fit(["fit"] + network + Arguments.images + split, in: scratch)
    let sampled = try JSON(
      Tool.succeed(["sample"] + network + Arguments.images + split + sampling + ["--report", "-"], in: scratch)
        .output)
    #expect(report["theory"]["orderParameter"] == theory.report["orderParameter"])
    #expect(report["sampled"]["orderParameter"] == sampled["orderParameter"])
    #expect(report["sampled"]["test"] == sampled["test"])
    #expect(report["theory"]["test"] == theory.report["test"])
    let rows = report["comparison"].elements
    let isLocal = network.contains("cnn") ? 10 : network.contains("lcn") ? 4 : 1
    #expect(rows.count == isLocal + 4)
    for row in rows {
      guard case .text(let name) = row["name"] else {
        Issue.record("a row without a name")
        continue
      }
      #expect(output.contains(name))
      if name.hasPrefix("orderParameter") {
        let place = name.split { !$0.isNumber }.compactMap { Int($0) }
        #expect(row["theory"].number == theory.report["orderParameter"].matrix[place[0]][place[1]])
        #expect(row["sampled"].number == sampled["orderParameter"].matrix[place[0]][place[1]])
      } else {
        #expect(row["theory"] == theory.report["test"][name])
        #expect(row["sampled"] == sampled["test"][name]["mean"])
      }
      if row["z"].isNumber {
        let z = (row["theory"].number - row["sampled"].number) / row["standardError"].number
        expectClose(row["z"].number, z, relative: 1e-12)
      }
    }
    let table = Predictions(try scratch.text("c.csv"))
    #expect(
      table.header == [
        "index", "target", "mean", "variance", "sampledMean", "sampledVariance", "meanError", "z",
      ])
    #expect(table.column("mean") == theory.predictions.column("mean"))
    let z = table.column("z")
    expectClose(
      (z.reduce(0) { $0 + $1 * $1 } / Double(z.count)).squareRoot(), report["predictions"]["zRMS"].number,
      relative: 1e-12
    )
    expectClose(z.map(abs).max() ?? .nan, report["predictions"]["zMax"].number, relative: 1e-12)
  }

  @Test func withoutHeldOutExamples() throws {
    let run = try Tool.succeed(
      ["compare"] + Arguments.fc.dropFirst() + Arguments.images + ["--report", "-"] + short, in: scratch)
    let report = try JSON(run.output)
    #expect(report.members["predictions"] == .null)
    #expect(report["comparison"].elements.count == 1)
  }

  @Test func infiniteWidthIsRefused() throws {
    let run = try Tool.run(
      ["compare", "--architecture", "fc", "--infinite-width", "--temperature", "1"] + Arguments.images,
      in: scratch)
    #expect(run.exitCode == ExitCode.usage && run.errors.contains("infinite width"), "\(run)")
  }
}
