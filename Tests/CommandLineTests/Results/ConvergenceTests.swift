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
    #expect(report["orderParameterError"].number < 1e-12)
    #expect(run.errors.contains("warning: rounding limits the order parameter"))
  }

  /// Nearly equal inputs with different targets at a temperature below the rounding of their kernel: no
  /// tolerance makes the order parameter right, and none is advised.
  @Test(arguments: ["1e-8", "1e-4"]) func lostToRounding(tolerance: String) throws {
    var lines: [String] = []
    for k in 0..<8 {
      let (x, y) = (Double(k % 4) * 0.7 - 1, k < 4 ? 1.0 : -0.5 - Double(k % 3))
      lines.append("\(k < 4 ? x : x + 1e-8),\(x * x - 0.4),\(y)")
    }
    _ = try scratch.file("near.csv", lines.joined(separator: "\n") + "\n")
    let run = try Tool.run(
      [
        "fit", "--architecture", "fc", "--width", "20", "--temperature", "1e-9", "--train", "near.csv",
        "--tolerance",
        tolerance, "--quiet", "--report", "-",
      ], in: scratch)
    #expect(run.exitCode == ExitCode.numerical, "\(run)")
    #expect(run.errorLines.count == 2 && run.errors.contains("rounding"), "\(run.errors)")
    #expect(run.errors.contains("--temperature") && !run.errors.contains("--tolerance"))
    let report = try JSON(run.output)
    #expect(report["converged"] == .bool(false))
    #expect(report["orderParameterError"].number > 1e-4)

    let warm = try Tool.succeed(
      [
        "fit", "--architecture", "fc", "--width", "20", "--temperature", "0.01", "--train", "near.csv",
        "--quiet",
        "--report", "-",
      ], in: scratch)
    #expect(try JSON(warm.output)["orderParameterError"].number < 1e-6)
    #expect(warm.errors.isEmpty)
  }

  /// Equal inputs with different targets have an exact answer at any temperature.
  @Test func equalInputsAtLowTemperature() throws {
    // Neither equal up to sign nor so after standardisation, but in pairs.
    let lines = (0..<8).map { k in
      "\(Double((k % 4) * (k % 4)) * 0.3 - 1),\(Double(k % 3) - (k < 4 ? 0.9 : 1.3))"
    }
    _ = try scratch.file("equal.csv", lines.joined(separator: "\n") + "\n")
    for activation in ["erf", "relu", "linear"] {
      let run = try Tool.succeed(
        [
          "fit", "--architecture", "fc", "--width", "20", "--temperature", "1e-11", "--train", "equal.csv",
          "--activation", activation, "--quiet", "--report", "-",
        ], in: scratch)
      #expect(try JSON(run.output)["orderParameterError"].number < 1e-6)
      #expect(!run.errors.contains("rounding"), "\(run.errors)")
    }
  }

  /// At N = 1 an activation with means need not have a saddle: the search ends at once and says why, and a
  /// width of 2 has one. The same with several outputs, on patches, and in a sweep.
  @Test func noSaddleOfASingleUnit() throws {
    let lines = (0..<30).map { k -> String in
      let (a, b) = (Double((k * 7) % 30) / 10 - 1.5, Double((k * 11) % 30) / 10 - 1.5)
      return "\(a),\(b),\(40 + 5 * a),\(30 * b - 20)"
    }
    _ = try scratch.file(
      "far.csv", lines.map { $0.split(separator: ",").prefix(3).joined(separator: ",") + "\n" }.joined())
    let common = ["fit", "--temperature", "0.01", "--activation", "relu", "--train", "far.csv", "--quiet"]
    for network in [["--architecture", "fc"], ["--architecture", "lcn", "--shape", "1x1x2", "--mask", "1"]] {
      let run = try Tool.run(
        common + network + ["--width", "1", "--max-iterations", "1000000000"], in: scratch)
      #expect(run.exitCode == ExitCode.numerical && run.errorLines.count <= 3, "\(run)")
      #expect(run.errors.contains("the saddle equations have no admissible solution at N = 1"), "\(run.errors)")
      #expect(run.errors.contains("width of at least 2"))
      try Tool.succeed(common + network + ["--width", "2"], in: scratch)
    }
  }

  /// At infinite width nothing is solved for, and yet predictions at a temperature below the rounding of the
  /// kernel of nearly equal inputs are made of it.
  @Test func predictionsMadeOfRounding() throws {
    let lines = (0..<24).map { k -> String in
      let x = Double(k % 12) * 0.3 - 1.7
      return "\(k < 12 ? x : x + 1e-8),\(x * x - 0.9),\(k % 5 == 0 ? 1.0 : -0.5)"
    }
    _ = try scratch.file("near.csv", lines.joined(separator: "\n") + "\n")
    func errors(_ temperature: String) throws -> String {
      try Tool.run(
        [
          "fit", "--architecture", "fc", "--temperature", temperature, "--train", "near.csv", "--standardize",
          "none",
          "--infinite-width", "--quiet",
        ], in: scratch
      ).errors
    }
    #expect(try errors("1e-11").contains("rounding limits the predictions: their relative error is about "))
    #expect(try errors("1e-3").isEmpty)
  }

  /// A wider tolerance accepts what a narrow one did not.
  @Test func tolerance() throws {
    let arguments = Arguments.cnn + Arguments.images + ["--report", "-"]
    let loose = try JSON(Tool.succeed(arguments + ["--tolerance", "1e-4"], in: scratch).output)
    let tight = try JSON(Tool.succeed(arguments + ["--tolerance", "1e-10"], in: scratch).output)
    #expect(loose["tolerance"] == .number(1e-4))
    #expect(loose["iterations"].number < tight["iterations"].number)
    #expect(tight["gradientNorm"].number <= 1e-10)
    // Beyond, exit 0 would not mean right.
    try expectFailure(
      ExitCode.usage, ["tolerance", "0.1", "at most 0.0001"], arguments + ["--tolerance", "0.1"],
      outputs: [], in: scratch)
  }
}
