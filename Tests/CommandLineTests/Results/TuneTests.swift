import Foundation
import RenormFiles
import Testing

/// What `renorm tune` finds, writes, keeps and refuses.
@Suite struct TuneTests {
  let scratch: Scratch
  private let network = [
    "--architecture", "cnn", "--width", "20", "--temperature", "0.5", "--mask", "2", "--readout", "exponential",
    "--length-scale", "1", "--threads", "1",
  ]
  private let data = Arguments.images + ["--test-fraction", "0.25"]

  init() throws {
    scratch = try Scratch()
    try scratch.write(Problem(count: 40), "train")
  }

  private func tune(_ tuned: String, _ more: [String] = []) -> [String] {
    ["tune", "--tune", tuned] + network + data + more
  }

  /// The report is that of a fit with the best values, and says how they were found.
  @Test func reportIsThatOfFit() throws {
    let run = try Tool.succeed(
      tune("temperature=0.001:10,lambda1", ["--report", "t.json", "--model", "m.npz", "--profile", "4"]),
      in: scratch)
    #expect(run.output.hasPrefix("tuned             temperature = "))
    let report = try TuneRecord(path: scratch.path("t.json"))
    let tuning = report.tuning
    #expect(tuning.criterion == "evidence" && tuning.parameters.map(\.name) == ["temperature", "lambda1"])
    #expect(tuning.parameters[1].lower == 0.01 && tuning.parameters[1].upper == 100)
    #expect(tuning.searches.count == 3 && tuning.evaluations.count > 6)
    #expect(tuning.profiles.map(\.name) == ["temperature", "lambda1"])
    #expect(tuning.profiles.allSatisfy { $0.points.count == 4 })
    expectClose(try #require(report.fit.logEvidence), tuning.value, relative: 1e-7)
    var arguments = ["fit"] + network + data + ["--report", "f.json"]
    let place = try #require(arguments.firstIndex(of: "--temperature"))
    arguments[place + 1] = "\(tuning.parameters[0].value)"
    arguments += ["--lambda1", "\(tuning.parameters[1].value)"]
    try Tool.succeed(arguments, in: scratch)
    let fit = try FitRecord(path: scratch.path("f.json"))
    #expect(fit.solution == report.fit.solution && fit.test == report.fit.test)
    #expect(try FitRecord(path: scratch.path("t.json")).solution == fit.solution)
    try Tool.succeed(["predict", "--model", "m.npz", "--data", "train.images", "--quiet"], in: scratch)
    for parameter in ["temperature", "lambda1"] {
      try Tool.succeed(
        ["plot", "profile", "t.json", "--parameter", parameter, "--script", "\(parameter).gp"], in: scratch)
      #expect(try scratch.text("\(parameter).gp").contains("title 'profile'"))
    }
    let wrong = try Tool.run(
      ["plot", "profile", "t.json", "--parameter", "lambda0", "--script", "x.gp"], in: scratch)
    #expect(wrong.exitCode == ExitCode.usage && wrong.errors.contains("accepted: temperature, lambda1"))
    let plain = try Tool.run(["plot", "profile", "f.json", "--script", "x.gp"], in: scratch)
    #expect(plain.exitCode == ExitCode.badData && plain.errors.contains("tuning"))
  }

  /// Criterion and generalization error are in the units of the targets.
  @Test func unitsAreThoseOfTargets() throws {
    let inputs = (0..<30).map { [sin(Double($0)), cos(Double(3 * $0))] }
    try scratch.file("table.csv", csv(inputs, inputs.map { 50 + 20 * $0[0] }))
    let base = [
      "--tune", "temperature=0.001:10", "--architecture", "fc", "--width", "20", "--temperature", "0.1",
      "--train",
      "table.csv", "--standardize-targets", "--threads", "1", "--quiet", "--report", "t.json",
    ]
    try Tool.succeed(["tune"] + base, in: scratch)
    let evidence = try TuneRecord(path: scratch.path("t.json"))
    expectClose(try #require(evidence.fit.logEvidence), evidence.tuning.value, relative: 1e-7)
    try Tool.succeed(["tune"] + base + ["--by", "validation", "--validation-fraction", "0.3"], in: scratch)
    let validation = try TuneRecord(path: scratch.path("t.json"))
    #expect(validation.tuning.criterion == "validation" && validation.tuning.validationFraction == 0.3)
    // Targets vary by 200 or so; a network that learns nothing has an error of this size.
    #expect(validation.tuning.value > 0.01 && validation.tuning.value < 400)
  }

  /// After an interrupt the same command goes on, and its report is that of an undisturbed run.
  @Test func goesOnAfterInterrupt() throws {
    let tuned = "temperature=0.001:10,lambda0=0.1:10,length-scale=0.2:10"
    func arguments(_ folder: String) -> [String] {
      tune(
        tuned, ["--output", folder, "--report", "\(folder).json", "--quiet", "--by", "k-fold", "--folds", "4"])
    }
    try Tool.succeed(arguments("whole"), in: scratch)
    let launch = try Launch(Tool.path(), arguments("out"), in: scratch)
    let isAtWork = try launch.wait {
      scratch.names(in: "out/evaluations").filter { $0.hasSuffix(".json") }.count >= 2
    }
    launch.send(SIGINT)
    let run = try launch.finish()
    if isAtWork, run.exitCode == 130 {
      #expect(run.errors.contains("evaluations are done and safe in out; the same command goes on"))
      #expect(!scratch.names(in: "out").contains("claim.json"))
    }
    let kept = scratch.names(in: "out/evaluations")
    try Tool.succeed(arguments("out"), in: scratch)
    #expect(kept.count >= 2)
    let (whole, again) = (
      try TuneRecord(path: scratch.path("whole.json")), try TuneRecord(path: scratch.path("out.json"))
    )
    #expect(whole.tuning == again.tuning && whole.fit.solution == again.fit.solution)
    let other = try Tool.run(
      tune("temperature", ["--output", "out", "--report", "x.json"]), in: scratch)
    #expect(other.exitCode == ExitCode.usage && other.errors.contains("out: holds another tuning"))
  }

  /// Without bounds a parameter goes as far as the network takes it.
  @Test func boundsOfANodePrior() throws {
    try Tool.succeed(
      [
        "tune", "--tune", "node-parameter", "--architecture", "fc", "--width", "20", "--temperature", "0.5",
        "--node-prior", "bernoulli", "--node-parameter", "0.3", "--max-evaluations", "3", "--starts", "1",
        "--report", "t.json", "--quiet",
      ] + data, in: scratch)
    let tuned = try TuneRecord(path: scratch.path("t.json")).tuning.parameters[0]
    #expect(tuned.lower == 0.003 && tuned.upper <= 1 && tuned.upper > 0.999)
  }

  /// Arguments that are refused, with a part of the line.
  private static let refused: [(String, [String], String)] = [
    ("temperature=1:0.1", [], "range of temperature is 1.0 to 0.1; accepted: two positive numbers"),
    ("temperature=1", [], "accepted: temperature=low:high"),
    ("temperature=1:2", [], "temperature is 0.5; accepted: the first start, within its range 1.0 to 2.0"),
    ("mask", [], "this network has no mask; accepted: length-scale, temperature"),
    ("wisdom", [], "'wisdom' is no parameter; accepted: length-scale, temperature, lambda0, lambda1"),
    ("filter-length-scale", [], "no filter-length-scale"),
    ("temperature,temperature", [], "temperature twice"),
    ("temperature", ["--by", "k-fold", "--folds", "31"], "--folds"),
    ("temperature", ["--by", "k-fold", "--folds", "1"], "--folds"),
    ("temperature", ["--folds", "3"], "--folds is for --by k-fold"),
    ("temperature", ["--by", "validation", "--validation-fraction", "1.5"], "between 0 and 1"),
    ("temperature", ["--starts", "0"], "1 to 1000"),
    ("temperature", ["--profile", "1"], "at least 2"),
  ]

  @Test(arguments: 0..<13) func refuses(_ index: Int) throws {
    let (tuned, more, part) = Self.refused[index]
    let run = try Tool.run(tune(tuned, more + ["--report", "x.json"]), in: scratch)
    #expect(run.exitCode == ExitCode.usage, "\(run)")
    #expect(
      run.errors.replacing("`", with: "").contains(part.replacing("--folds", with: "folds")), "\(run.errors)")
    #expect(run.errorLines.count == 2 && !scratch.names().contains("x.json"))
  }
}
