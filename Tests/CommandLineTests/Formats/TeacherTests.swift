import Foundation
import RenormFiles
import Testing

/// `renorm data teacher`: files that the other commands read.
@Suite struct TeacherTests {
  private let scratch: Scratch

  init() throws { scratch = try Scratch() }

  /// A network fitted on a linear teacher learns it; the same command writes the same bytes.
  @Test func filesAreFitted() throws {
    let command = [
      "data", "teacher", "--teacher", "linear", "--inputs", "5", "--examples", "60", "--test-examples", "20",
      "--noise", "0.1", "--seed", "3", "--output",
    ]
    try Tool.succeed(command + ["a.npz"], in: scratch)
    try Tool.succeed(command + ["b.npz"], in: scratch)
    #expect(try scratch.bytes("a.npz") == scratch.bytes("b.npz"))
    try Tool.succeed(
      [
        "fit", "--architecture", "fc", "--activation", "linear", "--width", "50", "--temperature", "0.01",
        "--standardize", "none", "--train", "a.npz", "--report", "fit.json", "--quiet",
      ], in: scratch)
    let report = try FitRecord(path: scratch.path("fit.json"))
    // Targets have variance 1; what is left of five coefficients after 60 examples with noise 0.01 is 1e-3.
    #expect(report.test?.count == 20 && (report.test?.bias ?? 1) < 0.01)
  }

  @Test(arguments: [
    ["--teacher", "network", "--hidden", "3", "--activation", "relu"],
    ["--teacher", "single-index", "--hermite", "0,0,1"], ["--teacher", "templates", "--templates", "4"],
  ])
  func kinds(options: [String]) throws {
    try Tool.succeed(
      ["data", "teacher", "--inputs", "6", "--examples", "9", "--output", "t.npz"] + options, in: scratch)
    let data = try LoadedData.load(DataFiles(train: scratch.path("t.npz")), DataSelection())
    #expect(data.train.count == 9 && data.train.inputs.rows == 6 && data.test == nil)
  }

  @Test func refusals() throws {
    func refusal(_ options: [String]) throws -> String {
      let run = try Tool.run(
        ["data", "teacher", "--inputs", "6", "--examples", "9", "--output", "t.npz"] + options, in: scratch)
      #expect(run.exitCode == ExitCode.usage && scratch.names().isEmpty, "\(run)")
      return run.errorLines.first ?? ""
    }
    #expect(
      try refusal(["--hermite", "1"]).contains("--hermite belongs to --teacher single-index, not to network"))
    #expect(try refusal(["--teacher", "single-index", "--hermite", "1,x"]).contains("'--hermite <c0,c1,...>'"))
    #expect(try refusal(["--noise", "-1"]).contains("noise is -1.0; accepted: a number that is not negative"))
    #expect(try refusal(["--hidden", "0"]).contains("hidden is 0; accepted: 1 to"))
    #expect(try refusal(["--activation", "tanj"]).contains("activation"))
  }
}
