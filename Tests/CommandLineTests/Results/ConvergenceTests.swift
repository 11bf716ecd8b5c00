import Testing

/// A fit that is stopped before it has converged.
@Suite struct ConvergenceTests {
  let scratch: Scratch

  init() throws {
    scratch = try Scratch()
    try scratch.write(Problem(count: 12), "train")
  }

  @Test(arguments: [Arguments.fc, Arguments.lcn, Arguments.cnn], ["erf", "relu"])
  func tooFewIterations(network: [String], activation: String) throws {
    let arguments =
      network + Arguments.images
      + ["--activation", activation, "--test-fraction", "0.25", "--max-iterations", "1", "--quiet"]
    let run = try Tool.run(arguments + ["--report", "r.json", "--model", "m.npz"], in: scratch)
    #expect(run.exitCode == ExitCode.numerical)
    #expect(run.output.isEmpty)
    #expect(run.errorLines.count == 2 && run.errors.hasPrefix("renorm: error: the fit did not converge"))

    let report = try JSON(scratch.text("r.json"))
    #expect(report["converged"] == .bool(false))
    #expect(report["iterations"] == .number(1))
    #expect(report["gradientNorm"].number > 1e-8)
    for fragment in [
      "gradient norm \(report["gradientNorm"].number)", "tolerance 1e-08", "--max-iterations", "--tolerance",
      "--temperature",
    ] {
      #expect(run.errors.contains(fragment), "\(fragment)")
    }

    // The model says so too when it is used.
    let prediction = try Tool.succeed(
      ["predict", "--model", "m.npz", "--data", "train.images", "--report", "-"], in: scratch)
    #expect(try JSON(prediction.output)["converged"] == .bool(false))
    #expect(prediction.errors.contains("warning: the model did not converge"))
  }

  @Test func summary() throws {
    let run = try Tool.run(Arguments.cnn + Arguments.images + ["--max-iterations", "1"], in: scratch)
    #expect(run.exitCode == ExitCode.numerical)
    #expect(run.output.contains("NOT CONVERGED"))
  }

  @Test func reportOnStandardOutput() throws {
    let run = try Tool.run(
      Arguments.cnn + Arguments.images + ["--max-iterations", "1", "--report", "-"], in: scratch)
    #expect(run.exitCode == ExitCode.numerical)
    #expect(try JSON(run.output)["converged"] == .bool(false))
    #expect(run.errorLines.count == 2)
  }

  /// No number of iterations reaches a tolerance below rounding; the fit is as good as it gets, and says so.
  @Test func toleranceBelowRounding() throws {
    let run = try Tool.run(
      Arguments.cnn + Arguments.images + ["--tolerance", "1e-200", "--report", "-"], in: scratch)
    #expect(run.exitCode == 0)
    let report = try JSON(run.output)
    #expect(report["gradientNorm"].number <= 10 * report["gradientRounding"].number)
    #expect(run.errors.contains("warning: rounding limits the order parameter"))
  }

  /// A wider tolerance accepts what a narrow one did not.
  @Test func tolerance() throws {
    let arguments = Arguments.cnn + Arguments.images + ["--report", "-"]
    let loose = try JSON(Tool.succeed(arguments + ["--tolerance", "0.1"], in: scratch).output)
    let tight = try JSON(Tool.succeed(arguments + ["--tolerance", "1e-10"], in: scratch).output)
    #expect(loose["tolerance"] == .number(0.1))
    #expect(loose["iterations"].number < tight["iterations"].number)
    #expect(tight["gradientNorm"].number <= 1e-10)
  }
}
