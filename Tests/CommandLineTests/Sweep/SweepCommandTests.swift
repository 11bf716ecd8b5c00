import Foundation
import Testing

/// What `renorm sweep` prints and refuses.
@Suite struct SweepCommandTests {
  private static let yaml = """
    architecture: [fc, cnn]
    mask: 2
    width: [5, 50, infinite]
    temperature: [0.1, 1]
    shuffle-seed: [1, 2]
    validation-fraction: 0.25

    """

  @Test func planInWords() throws {
    let sweep = try SweepScratch(Self.yaml)
    let run = try Tool.succeed(["sweep", "plan", "sweep.yaml"], in: sweep.scratch)
    #expect(run.errors.isEmpty)
    let lines = run.output.split(separator: "\n").map(String.init)
    #expect(lines[0] == "24 points, 4 groups that share kernels, 8 chains of warm starts")
    #expect(lines[1].hasPrefix("estimated: "))
    #expect(lines.count == 6)
    #expect(lines[2].hasPrefix("  6 points: fc, erf, lambda0 1.0, P = 36, seed 1; 1 unit, 2 chains; "))
    #expect(lines[4].hasPrefix("  6 points: cnn, erf, lambda0 1.0, mask 2x2, stride 2x2, P = 36, seed 1; "))
    #expect(sweep.scratch.names() == ["sweep.yaml", "train.csv", "train.images", "train.labels"])
  }

  @Test func planAsJSON() throws {
    let sweep = try SweepScratch(Self.yaml)
    let plan = try JSON(Tool.succeed(["sweep", "plan", "sweep.yaml", "--json"], in: sweep.scratch).output)
    #expect(plan["points"] == .number(24) && plan["groups"].elements.count == 4)
    #expect(plan["seconds"].number > 0 && plan["bytes"].isInteger)
    #expect(plan["groups"].elements[0]["trainCount"] == .number(36))
  }

  /// An edited description is refused, and a file that cannot be read does not hide the others.
  @Test func editedStores() throws {
    let sweep = try SweepScratch(Self.yaml)
    try sweep.run("store")
    let scratch = sweep.scratch
    try FileManager.default.removeItem(atPath: scratch.path("store/points/000003.json"))
    try FileManager.default.createDirectory(
      atPath: scratch.path("store/points/000003.json"), withIntermediateDirectories: false)
    let run = try Tool.succeed(["sweep", "status", "store", "--json"], in: scratch)
    let status = try JSON(run.output)
    #expect(status["unreadable"] == .array([.number(3)]) && status["finished"] == .number(23))
    #expect(run.errors.contains("000003.json"))
    let text = try scratch.text("store/sweep.json")
    for (old, new) in [("\"pointCount\" : 24", "\"pointCount\" : 20"), ("\"0.1\"", "\"0.2\"")] {
      #expect(text.contains(old))
      try scratch.file("store/sweep.json", text.replacing(old, with: new))
      for command in [["status", "store"], ["export", "store"], ["best", "store"]] {
        try expectFailure(
          ExitCode.badData, ["sweep.json", "changed by hand"], ["sweep"] + command, outputs: [],
          in: scratch)
      }
    }
    // Stores of earlier versions have no checksum.
    let plain = text.split(separator: "\n").filter { !$0.contains("\"checksum\"") }.joined(separator: "\n")
    try scratch.file("store/sweep.json", plain + "\n")
    #expect(try JSON(Tool.succeed(["sweep", "status", "store", "--json"], in: scratch).output) == status)
  }

  /// Each row against the report of a fit with the same parameters.
  @Test func tableAgainstFits() throws {
    let sweep = try SweepScratch(Self.yaml.replacing("validation-fraction: 0.25", with: "tolerance: 1e-10"))
    try sweep.run("out")
    let rows = Predictions(try sweep.table("out"))
    #expect(rows.rows.count == 24)
    func text(_ row: Int, _ column: String) -> String {
      rows.header.firstIndex(of: column).map { rows.rows[row][$0] } ?? "no column \(column)"
    }
    for row in [0, 5, 11, 14, 19, 23] {
      var arguments = [
        "fit", "--architecture", text(row, "architecture"), "--temperature", text(row, "temperature"),
      ]
      arguments +=
        text(row, "infiniteWidth") == "true" ? ["--infinite-width"] : ["--width", text(row, "width")]
      if text(row, "architecture") == "cnn" { arguments += ["--mask", "2"] }
      arguments += Arguments.images + ["--test-fraction", "0.2", "--shuffle-seed", text(row, "shuffleSeed")]
      let (report, _) = try fit(arguments + ["--tolerance", "1e-10", "--threads", "1"], in: sweep.scratch)
      for key in ["alpha", "logEvidence", "action"] where text(row, key) != "" {
        expectClose(Double(text(row, key)) ?? .nan, report[key].number, relative: 1e-7)
      }
      for key in ["bias", "variance", "generalizationError", "accuracy"] {
        expectClose(Double(text(row, key)) ?? .nan, report["test"][key].number, relative: 1e-7)
      }
      expectClose(Double(text(row, "trainError")) ?? .nan, report["train"]["error"].number, relative: 1e-6)
      #expect(text(row, "status") == "ok" && text(row, "converged") == "true" && text(row, "testCount") == "12")
    }
  }

  @Test func exports() throws {
    let sweep = try SweepScratch(Self.yaml)
    try sweep.run("out", ["--quiet"])
    let csv = try Tool.succeed(["sweep", "export", "out"], in: sweep.scratch)
    #expect(csv.output == (try sweep.table("out")) && csv.errors.isEmpty)
    try Tool.succeed(["sweep", "export", "out", "--format", "json", "--output", "t.json"], in: sweep.scratch)
    let json = try JSON(sweep.scratch.text("t.json"))
    #expect(json.elements.count == 24)
    let cnn = try #require(
      json.elements.first { $0["architecture"] == .text("cnn") && $0["width"] == .number(5) })
    #expect(cnn["orderParameterMatrix"].matrix.map(\.count) == [4, 4, 4, 4])
    let aggregated = Predictions(
      try Tool.succeed(["sweep", "export", "out", "--aggregate"], in: sweep.scratch).output)
    #expect(aggregated.rows.count == 12)
    #expect(aggregated.column("repeats").allSatisfy { $0 == 2 })
    #expect(aggregated.column("generalizationErrorError").allSatisfy { $0 > 0 })
    // Half of it: what is there, and a warning.
    for name in sweep.scratch.names(in: "out/points").prefix(10) {
      try FileManager.default.removeItem(atPath: sweep.scratch.path("out/points/\(name)"))
    }
    let part = try Tool.succeed(["sweep", "export", "out"], in: sweep.scratch)
    #expect(part.errors == "renorm: warning: 10 of 24 points are not finished\n")
    #expect(Predictions(part.output).rows.count == 14)
  }

  @Test func best() throws {
    let sweep = try SweepScratch(Self.yaml)
    try sweep.run("out", ["--quiet"])
    let text = try Tool.succeed(["sweep", "best", "out"], in: sweep.scratch).output
    #expect(
      text.hasPrefix("best generalization error on the test examples\nchosen and reported on the same examples")
    )
    for sentence in ["fc, P = 36: the best finite width, N = ", "cnn, P = 36: the best finite width, N = "] {
      #expect(text.contains(sentence))
    }
    for architecture in ["fc", "cnn"] {
      let sentence = try Self.sentence(architecture, Predictions(try sweep.table("out")))
      #expect(text.contains("\n\(sentence)\n"), "'\(sentence)' in: \(text)")
    }
    let head = text.split(separator: "\n").first { $0.hasPrefix("P = 36: ") } ?? ""
    for part in ["erf, ", "T = ", "lambda0 = 1.0", "lambda1 = 1.0", ", 2 repeats"] {
      #expect(head.contains(part), "\(head)")
    }
    #expect(text.contains("  repeats  error"), "\(text)")
    let validated = try Tool.succeed(
      ["sweep", "best", "out", "--validation", "--by", "accuracy"], in: sweep.scratch
    ).output
    #expect(validated.hasPrefix("best accuracy on the validation examples\nP = 36: "))
    #expect(validated.contains("On the test examples: "))
    #expect(
      try Tool.succeed(["sweep", "best", "out", "--by", "evidence"], in: sweep.scratch).output.contains(
        "(natural logarithm)"))
  }

  /// What the data say about finite width, from the table alone: the mean over two repeats decides.
  private static func sentence(_ architecture: String, _ table: Predictions) throws -> String {
    func text(_ row: Int, _ column: String) -> String {
      table.header.firstIndex(of: column).map { table.rows[row][$0] } ?? "no column \(column)"
    }
    var groups: [[String]: [Double]] = [:]
    for row in table.rows.indices where text(row, "architecture") == architecture {
      let error = try #require(Double(text(row, "generalizationError")))
      groups[[text(row, "width"), text(row, "temperature")], default: []].append(error)
    }
    #expect(groups.count == 6 && groups.values.allSatisfy { $0.count == 2 })
    func best(_ isFinite: Bool) throws -> (width: String, values: [Double], text: String) {
      let means = groups.filter { !$0.key[0].isEmpty == isFinite }
      let (key, values) = try #require(means.min { $0.value[0] + $0.value[1] < $1.value[0] + $1.value[1] })
      let mean = (values[0] + values[1]) / 2
      return (
        key[0], values, String(format: "%.4g +- %.4g", mean, abs(values[0] - values[1]) / 2)
      )
    }
    let (finite, infinite) = (try best(true), try best(false))
    // Two repeats on the same training sets: mean and half the distance of their differences.
    let scale = 200 / (infinite.values[0] + infinite.values[1])
    let differences = zip(finite.values, infinite.values).map { scale * ($0 - $1) }
    let (percent, error) = ((differences[0] + differences[1]) / 2, abs(differences[0] - differences[1]) / 2)
    let verdict =
      abs(percent) <= 2 * error
      ? "no difference beyond the error" : "finite width is \(percent < 0 ? "better" : "worse")"
    return "\(architecture), P = 36: the best finite width, N = \(finite.width), has generalization error "
      + "\(finite.text), the best infinite width \(infinite.text): \(verdict) "
      + "(\(String(format: "%.2g", abs(percent))) percent \(percent < 0 ? "lower" : "higher"), "
      + "+- \(String(format: "%.2g", error)), paired over 2 repeats)."
  }

  /// A sweep that grows is the larger one, from `extend` and from `run`; what is no larger one is refused.
  @Test func growingSweeps() throws {
    let sweep = try SweepScratch(
      "architecture: [fc, cnn]\nmask: 2\nwidth: [3, 9]\ntemperature: 1\nlambda1: [1, 2]")
    try sweep.run("extended", ["--quiet"])
    try sweep.run("rerun", ["--quiet"])
    let small = try sweep.scratch.text("sweep.yaml")
    try sweep.scratch.file("sweep.yaml", small.replacing("[3, 9]", with: "[3, 5, 9, infinite]"))
    try sweep.run("whole", ["--quiet"])
    let run = try Tool.succeed(["sweep", "extend", "extended", "sweep.yaml"], in: sweep.scratch)
    #expect(run.errors == "renorm: the sweep grows to 16 points: 8 kept, 8 to be computed\n")
    #expect(run.output == "16 of 16 points finished, all in extended/table.csv\n")
    try sweep.run("rerun", ["--shard", "1/2", "--quiet"])
    let status = try JSON(Tool.succeed(["sweep", "status", "rerun", "--json"], in: sweep.scratch).output)
    #expect(
      status["points"] == .number(16) && status["running"] == .array([]) && status["failed"] == .array([]))
    #expect(!status["missing"].elements.isEmpty && status["secondsLeft"].number > 0)
    try sweep.run("rerun", ["--quiet"])
    #expect(try sweep.table("extended") == sweep.table("whole"))
    #expect(try sweep.table("rerun") == sweep.table("whole"))
    let words = try Tool.succeed(["sweep", "status", "whole"], in: sweep.scratch).output
    #expect(words == "finished  16 of 16 points\nfailed    0\nmissing   0\nrunning   0 processes\n")
    try sweep.scratch.file("sweep.yaml", small)
    try expectFailure(
      ExitCode.usage,
      ["holds another sweep: width was 3, 5, 9, infinite and is now 3, 9, so 8 of its 16 points"],
      ["sweep", "extend", "whole", "sweep.yaml"], outputs: [], in: sweep.scratch)
    try expectFailure(
      ExitCode.missingInput, ["nowhere: holds no sweep"], ["sweep", "extend", "nowhere", "sweep.yaml"],
      outputs: [],
      in: sweep.scratch)
  }

  @Test func bestWithoutValidation() throws {
    let sweep = try SweepScratch("architecture: fc\nwidth: 3\ntemperature: 1")
    try sweep.run("done", ["--quiet"])
    try expectFailure(
      ExitCode.usage, ["done: the sweep has no validation examples; run it with the key 'validation-fraction'"],
      ["sweep", "best", "done", "--validation"], outputs: [], in: sweep.scratch)
  }

  /// Options instead of a file, and a store that knows its own specification.
  @Test func optionsAndStore() throws {
    let sweep = try SweepScratch("architecture: fc\nwidth: [3, 4]\ntemperature: {logspace: [0.1, 10, 3]}")
    try sweep.run("file", ["--quiet"])
    let options = ["--architecture", "fc", "--width", "3,4", "--temperature", "logspace(0.1,10,3)"]
    try Tool.succeed(
      ["sweep", "run", "--output", "options", "--threads", "1", "--quiet"] + options + Arguments.images
        + ["--test-fraction", "0.2"], in: sweep.scratch)
    #expect(try sweep.table("file") == sweep.table("options"))
    try FileManager.default.removeItem(atPath: sweep.scratch.path("options/points/000003.json"))
    try FileManager.default.removeItem(atPath: sweep.scratch.path("sweep.yaml"))
    let run = try Tool.succeed(["sweep", "run", "-o", "options"], in: sweep.scratch)
    #expect(run.output == "6 of 6 points finished, all in options/table.csv\n")
    #expect(try sweep.table("file") == sweep.table("options"))
  }

  @Test func failedPoints() throws {
    let sweep = try SweepScratch(
      "architecture: cnn\nmask: 2\nwidth: 5\ntemperature: [0.001, 0.002, 100]\nmax-iterations: 1")
    for more in [[], [], ["--retry-failed"]] {
      let run = try Tool.run(sweep.arguments("out", more), in: sweep.scratch)
      #expect(run.exitCode == ExitCode.numerical, "\(run)")
      #expect(
        run.errors.contains(" of 3 points failed; point 0: did not converge: gradient norm "), "\(run.errors)")
      #expect(run.errors.contains("see the column 'failure' of `renorm sweep export out`"))
      #expect(run.output == "3 of 3 points finished, all in out/table.csv\n")
    }
    #expect(try sweep.table("out").contains(",failed,"))
    let run = try Tool.run(sweep.arguments("fast", ["--fail-fast"]), in: sweep.scratch)
    #expect(run.exitCode == ExitCode.numerical)
    #expect(sweep.finished("fast") < 3)
  }

  /// Failed points under larger limits, by a file, by the store alone, and by workers.
  @Test(arguments: [["sweep.yaml"], [], ["sweep.yaml", "--jobs", "2"]]) func retries(more: [String]) throws {
    let sweep = try SweepScratch(
      "architecture: cnn\nmask: 2\nwidth: 5\ntemperature: [0.001, 0.002, 100]\nmax-iterations: 1")
    let first = try Tool.run(sweep.arguments("out"), in: sweep.scratch)
    #expect(first.exitCode == ExitCode.numerical)
    #expect(first.errors.contains("--retry-failed with a larger --max-iterations or --memory-limit"))
    let again = ["sweep", "run", "--output", "out", "--retry-failed", "--max-iterations"]
    let run = try Tool.run(again + ["300"] + more, in: sweep.scratch)
    #expect(run.exitCode == 0 && run.output == "3 of 3 points finished, all in out/table.csv\n", "\(run)")
    let table = try sweep.table("out")
    #expect(!table.contains(",failed,") && table.contains("computed again with at most 300 iterations"))
    #expect(try sweep.scratch.text("out/points/000000.json").contains("\"retry\":{\"maximumIterations\":300}"))
    try expectFailure(
      ExitCode.usage, ["--max-iterations is 0; accepted: at least 1"],
      ["sweep", "run", "--output", "done", "--retry-failed", "--max-iterations", "0"], outputs: [],
      in: try SweepScratch("").scratch)
  }

  /// Processes that would take more memory than there is are refused before a store is made.
  @Test func moreMemoryThanThereIs() throws {
    let scratch = try Scratch()
    try scratch.write(Problem(count: 500, height: 16, width: 16), "train")
    try scratch.file(
      "sweep.yaml", SweepScratch.data + "architecture: cnn\nmask: 1\nwidth: 5\ntemperature: 1")
    try expectFailure(
      ExitCode.usage, ["1000 processes (--jobs) on this machine need ", "; accepted: "],
      ["sweep", "run", "sweep.yaml", "--output", "out/big", "--jobs", "1000", "--memory-limit", "64TiB"],
      outputs: [], in: scratch)
  }

  @Test func refusals() throws {
    let sweep = try SweepScratch("architecture: fc\nwidth: 3\ntemperature: -1")
    let run = ["sweep", "run", "sweep.yaml", "--output", "out/s"]
    func refuse(_ code: Int32, _ fragment: String, _ arguments: [String]) throws {
      try expectFailure(code, [fragment], arguments, outputs: [], in: sweep.scratch)
    }
    try refuse(ExitCode.badData, "sweep.yaml:6: temperature is -1; accepted: a positive number", run)
    try refuse(ExitCode.badData, "sweep.yaml:6: temperature is -1", ["sweep", "plan", "sweep.yaml"])
    try refuse(ExitCode.missingInput, "nowhere.yaml: no such file", ["sweep", "plan", "nowhere.yaml"])
    try refuse(ExitCode.missingInput, "nowhere: holds no sweep", ["sweep", "export", "nowhere"])
    try refuse(ExitCode.missingInput, "out/s: holds no sweep", ["sweep", "run", "--output", "out/s"])
    try refuse(
      ExitCode.usage, "--temperature: temperature is -1",
      ["sweep", "plan", "--architecture", "fc", "--width", "3", "--temperature", "-1"] + Arguments.images)
    try refuse(ExitCode.usage, "sweep.yaml and --width exclude each other", run + ["--width", "3"])
    try sweep.scratch.file("sweep.yaml", SweepScratch.data + "architecture: fc\nwidth: 3\ntemperature: 1")
    try refuse(ExitCode.usage, "--jobs is 0; accepted: 1 to 1024", run + ["--jobs", "0"])
    try refuse(ExitCode.usage, "threads is 0", run + ["--threads", "0"])
    try refuse(ExitCode.usage, "'4/3'", run + ["--shard", "4/3"])
    try refuse(
      ExitCode.usage, "I is 1 to N, N at most 100000", run + ["--shard", "1/9223372036854775807"])
    try refuse(
      ExitCode.cannotCreate, "sweep.yaml/points: cannot be created",
      ["sweep", "run", "sweep.yaml", "--output", "sweep.yaml"])
    try sweep.run("done", ["--quiet"])
    try sweep.scratch.file("sweep.yaml", SweepScratch.data + "architecture: fc\nwidth: 4\ntemperature: 1")
    try refuse(
      ExitCode.usage, "done: holds another sweep: width was 3 and is now 4",
      ["sweep", "run", "sweep.yaml", "--output", "done"])
  }
}
