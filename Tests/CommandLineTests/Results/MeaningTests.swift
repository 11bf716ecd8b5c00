import Foundation
import Testing

/// Names, headings and units from the command line to reports and predictions.
@Suite struct MeaningTests {
  let scratch: Scratch
  private let network = ["--architecture", "fc", "--width", "30", "--temperature", "0.1", "--quiet"]

  init() throws {
    scratch = try Scratch()
    let values: [(Double, Double)] = (0..<20).map { (row: Int) -> (Double, Double) in
      let first = Double((row * 7) % 20)
      let second = Double((row * 3) % 20)
      return (first / 10 - 1, second / 10 - 1)
    }
    func table(_ heading: String, _ target: (Double) -> String) -> String {
      var text = heading + "\n"
      for (a, b) in values { text += "\(a),\(b),\(target(a + b / 3))\n" }
      return text
    }
    try scratch.file("names.csv", table("a,b,kind") { $0 < 0 ? "\"low, cold\"" : "high" })
    try scratch.file("three.csv", table("a,b,kind") { $0 < -0.5 ? "\"low, cold\"" : $0 < 0.5 ? "mid" : "high" })
    try scratch.file("plain.csv", table("a,b,y") { "\($0)" })
    try scratch.file("large.csv", table("a,b,y") { "\(1000 + 50 * $0)" })
  }

  private func fit(_ table: String, _ more: String...) throws -> JSON {
    let run = try Tool.succeed(["fit", "--train", table] + network + ["--report", "-"] + more, in: scratch)
    return try JSON(run.output)
  }

  /// The warnings of a fit of a table whose columns are functions of the row.
  private func warnings(
    _ heading: String, _ columns: [(Int) -> String], rows: Int = 12, _ more: String...
  ) throws -> String {
    let lines = (0..<rows).map { row in columns.map { $0(row) }.joined(separator: ",") }
    try scratch.file("t.csv", ([heading] + lines).joined(separator: "\n") + "\n")
    return try Tool.succeed(["fit", "--train", "t.csv"] + network + more, in: scratch).errors
  }

  private static func a(_ row: Int) -> String { "\(sin(Double(3 * row)))" }
  private static func b(_ row: Int) -> String { "\(cos(Double(5 * row + 1)))" }

  /// What a table may mean is said, and how to say otherwise.
  @Test func tablesThatMayMeanSomethingElse() throws {
    let counts = { (row: Int) in "\(row + 1)" }
    for rows in [3, 4, 12] {
      #expect(
        try warnings("n,a,y", [counts, Self.a, Self.b], rows: rows).contains(
          "the first column 'n' counts the rows from 1 to \(rows) and is an input; if it is an index, --drop-columns 0"
        ))
    }
    #expect(
      try warnings("a,b,y", [Self.a, Self.b, Self.a], rows: 12, "--drop-columns", "y").contains(
        "column 'y', the last, is dropped, so the target is column 'b'; --target-column names another"))
    #expect(try warnings("a,a,y", [Self.a, Self.b, Self.a]).contains("several input columns are called 'a'"))
    let years = try warnings("year,a,y", [{ "\(1990 + ($0 * 5) % 12)" }, Self.a, Self.b])
    #expect(years.contains("means of input columns lie far apart") && years.contains("--standardize feature"))
    #expect(!years.contains("unlike scale"))
    let unlike = try warnings("money,a,y", [{ "\(1e4 * sin(Double($0)))" }, Self.a, Self.b])
    #expect(unlike.contains("very unlike scale") && !unlike.contains("far apart"))
    #expect(try warnings("a,b,y", [Self.a, Self.b, Self.a]).isEmpty)
  }

  @Test func notANumberAmongClasses() throws {
    try scratch.file("c.csv", "a,b,kind\n1,2,good\n2,1,bad\n0,1,NaN\n1,1,good\n")
    try expectFailure(
      ExitCode.badData, ["c.csv", "row 4", "column 3", "'NaN' among names of classes"],
      ["fit", "--train", "c.csv"] + network, in: scratch)
  }

  /// One number scales all outputs; outputs far below it are told.
  @Test(.needsNumPy) func targetsOfUnlikeScale() throws {
    try Python.run(
      """
      r = np.random.default_rng(1); x = r.normal(size=(20, 3)); y = r.normal(size=(20, 2))
      np.savez('even.npz', x=x, y=y); np.savez('odd.npz', x=x, y=y * [1, 1000])
      np.savez('no-targets.npz', x_train=x, y_train=y, x_test=x)
      """, in: scratch)
    func errors(_ file: String, _ more: [String]) throws -> String {
      try Tool.succeed(["fit", "--train", file] + network + more, in: scratch).errors
    }
    #expect(try errors("odd.npz", ["--standardize-targets"]).contains("target 0 varies"))
    #expect(try errors("even.npz", ["--standardize-targets"]).isEmpty)
    try expectFailure(
      ExitCode.usage, ["no-targets.npz", "held-out inputs have no targets", "y_test"],
      ["fit", "--train", "no-targets.npz"] + network, in: scratch)
  }

  /// A held-out point without variance, and targets of extreme size: what was not asked for does not fail.
  @Test func trustThatIsNotFinite() throws {
    try scratch.file("blank.csv", "a,b,y\n0,0,0\n0.5,-0.25,1\n")
    let report = try fit("plain.csv", "--test", "blank.csv", "--standardize", "none")
    #expect(report["nextOrder"]["sigma"].number.isFinite && report["test"]["count"] == .number(2))
    let values = (0..<20).map {
      "\(Double(($0 * 7) % 20) / 10 - 1),\(Double($0) / 20),\(1e60 * sin(Double($0)))\n"
    }
    try scratch.file("huge.csv", "a,b,y\n" + values.joined())
    let huge = try Tool.run(
      ["fit", "--train", "huge.csv", "--test-fraction", "0.2", "--report", "r.json"] + network, in: scratch)
    #expect(try JSON(scratch.text("r.json"))["orderParameter"].elements.count == 1, "\(huge)")
  }

  @Test func namesOfClasses() throws {
    let report = try fit("names.csv", "--test-fraction", "0.3", "--predictions", "p.csv", "--model", "m.npz")
    #expect(report["data"]["classes"] == .array([.text("high"), .text("low, cold")]))
    let lines = try scratch.text("p.csv").split(separator: "\n")
    #expect(
      lines[0] == "index,target,mean,variance,probability_high,\"probability_low, cold\",class,predictedClass")
    #expect(lines.dropFirst().allSatisfy { $0.contains("\"low, cold\"") || $0.contains("high") })
    let again = try fit("names.csv", "--classes", "\"low, cold\",high")
    #expect(again["data"]["classes"] == .array([.text("low, cold"), .text("high")]))
    let predicted = try Tool.succeed(
      ["predict", "--model", "m.npz", "--data", "names.csv", "--all-examples", "--quiet"], in: scratch)
    #expect(predicted.output.isEmpty)
    _ = try Tool.succeed(
      [
        "fit", "--train", "three.csv", "--infinite-width", "--architecture", "fc",
        "--temperature", "0.1", "--test-fraction", "0.3", "--quiet", "--predictions", "three-p.csv",
      ], in: scratch)
    #expect(
      try scratch.text("three-p.csv").contains("\n0,\"low, cold\"")
        || scratch.text("three-p.csv").contains(",mid,"))
    try expectFailure(
      ExitCode.badData, ["no example of class hihg", "high, low, cold"],
      ["fit", "--train", "names.csv", "--classes", "hihg,high"] + network, in: scratch)
  }

  /// Shifting and scaling targets by hand, and undoing it by hand, gives the same numbers.
  @Test func unitsOfTargets() throws {
    let large = try fit(
      "large.csv", "--standardize-targets", "--test-fraction", "0.3", "--predictions", "p.csv")
    let scale = large["data"]["targetScaling"]["scale"].number
    let shift = large["data"]["targetScaling"]["shifts"].elements[0].number
    let rows = try scratch.text("large.csv").split(separator: "\n")
    let byHand = rows.dropFirst().map { line in
      let fields = line.split(separator: ",")
      return "\(fields[0]),\(fields[1]),\(((Double(fields[2]) ?? .nan) - shift) / scale)\n"
    }
    try scratch.file("hand.csv", "a,b,y\n" + byHand.joined())
    let hand = try fit("hand.csv", "--test-fraction", "0.3")
    func close(_ a: Double, _ b: Double) -> Bool { abs(a - b) <= 1e-6 * max(abs(a), abs(b)) }
    #expect(close(large["test"]["bias"].number, hand["test"]["bias"].number * scale * scale))
    #expect(close(large["test"]["variance"].number, hand["test"]["variance"].number * scale * scale))
    #expect(close(large["train"]["error"].number, hand["train"]["error"].number * scale * scale))
    // 14 training examples: the density of y is that of (y - shift) / scale over scale^14.
    #expect(abs(hand["logEvidence"].number - large["logEvidence"].number - 14 * log(scale)) < 1e-6)
    #expect(scale > 20 && scale < 100)
    let first = try scratch.text("p.csv").split(separator: "\n")[1].split(separator: ",").compactMap {
      Double($0)
    }
    #expect(abs(first[1] - 1000) < 100 && abs(first[1] - first[2]) < 20)
    let warned = try Tool.run(["fit", "--train", "large.csv"] + network, in: scratch)
    #expect(warned.errors.contains("centre the targets"))
  }

  @Test func targetsFoundByHeading() throws {
    _ = try fit("plain.csv", "--model", "m.npz")
    try scratch.file("new.csv", "y,id,b,a\n0.5,1006175,0.25,0.5\n")
    let run = try Tool.succeed(
      ["predict", "--model", "m.npz", "--data", "new.csv", "--predictions", "-", "--quiet"], in: scratch)
    #expect(run.output.split(separator: "\n")[1].hasPrefix("0,0.5,"))
    #expect(run.errors.contains("'id'"))
  }

  @Test(arguments: [
    (["fit", "--archtecture", "fc"], "did you mean '--architecture'?"),
    (["predict", "--modle", "m.npz"], "did you mean '--model'?"),
    (["sweep", "run", "--temprature", "1"], "did you mean '--temperature'?"),
  ])
  func mistypedOptions(arguments: [String], hint: String) throws {
    let run = try Tool.run(arguments, in: scratch)
    #expect(
      run.exitCode == ExitCode.usage
        && run.errors.contains("Unknown option '\(arguments.last { $0.hasPrefix("--") } ?? "")'"))
    #expect(run.errors.contains(hint) && run.errorLines.count == 2)
  }

  @Test func infiniteWidth() throws {
    let word = try Tool.succeed(
      [
        "fit", "--train", "plain.csv", "--architecture", "fc", "--width", "infinite", "--temperature", "0.1",
        "--report",
        "-", "--quiet",
      ], in: scratch)
    #expect(try JSON(word.output)["infiniteWidth"] == .bool(true))
    let sampled = try Tool.run(
      [
        "sample", "--train", "plain.csv", "--architecture", "fc", "--width", "infinite", "--temperature", "0.1",
      ], in: scratch)
    #expect(sampled.exitCode == ExitCode.usage && sampled.errors.contains("infinite width"))
  }

  @Test func completionOffersValues() throws {
    let script = try Tool.succeed(["--generate-completion-script", "bash"], in: scratch).output
    let values = [
      "matern32", "relu", "lcn", "nhwc", "feature", "langevin", "generalization-error", "evidence", "grid zip",
      "csv json",
    ]
    for value in values {
      #expect(value.split(separator: " ").allSatisfy { script.contains($0) }, "\(value)")
    }
    // Names of files for options that write too, and folders.
    for (command, option, kind) in [
      ("fit", "--report", "-f"), ("fit", "--model", "-f"), ("sample", "--predictions", "-f"),
      ("sweep_run", "--output", "-d"),
    ] {
      let body = script.split(separator: "\n").drop { !$0.hasPrefix("_renorm_\(command)()") }
      let line = body.drop {
        !$0.contains("'\(option)')") && !$0.contains("'\(option)'|") && !$0.contains("|'\(option)'")
      }
      .dropFirst().first
      #expect(line?.contains("__renorm_add_completions \(kind)") == true, "\(command) \(option)")
    }
  }
}
