import Testing

/// `--help` and `--version`.
@Suite struct HelpTests {
  let scratch: Scratch

  init() throws { scratch = try Scratch() }

  private func text(_ arguments: [String]) throws -> String {
    let run = try Tool.succeed(arguments, in: scratch)
    #expect(run.errors.isEmpty)
    return run.output
  }

  @Test(arguments: [["--help"], ["-h"], ["help"], []]) func overview(arguments: [String]) throws {
    let help = try text(arguments)
    for word in [
      "fit", "predict", "inspect", "Examples:", "renorm fit --architecture", "Exit codes", "64", "74",
    ] {
      #expect(help.contains(word), "\(word)")
    }
    // A wrapped command line could not be copied.
    let examples = help.split(separator: "\n").filter { $0.hasPrefix("  renorm ") || $0.hasPrefix("    --") }
    #expect(examples.count >= 4)
    #expect(help.split(separator: "\n").allSatisfy { $0.count <= 80 })
    #expect(!help.split(separator: "\n").contains { $0.hasPrefix("--") })
  }

  @Test(arguments: [["fit", "--help"], ["help", "fit"]]) func fit(arguments: [String]) throws {
    let help = try text(arguments)
    for option in [
      "--architecture", "--width", "--temperature", "--lambda0", "--lambda1", "--activation", "--mask",
      "--stride",
      "--infinite-width", "--train", "--train-labels", "--test", "--test-labels", "--classes",
      "--classification",
      "--train-count", "--test-count", "--shuffle-seed", "--test-fraction", "--standardize", "--grayscale",
      "--shape",
      "--target-column", "--tolerance", "--max-iterations", "--model", "--report", "--predictions", "--quiet",
    ] {
      #expect(help.contains("  \(option)"), "\(option)")
    }
    for value in ["fc", "lcn", "cnn", "erf", "relu", "linear", "global, feature or none", "CxHxW"] {
      #expect(help.contains(value), "\(value)")
    }
  }

  @Test func predict() throws {
    let help = try text(["predict", "--help"])
    for option in ["--model", "--data", "--labels", "--predictions", "--report", "--quiet"] {
      #expect(help.contains("  \(option)"), "\(option)")
    }
  }

  @Test func inspect() throws {
    let help = try text(["inspect", "--help"])
    #expect(help.contains("<file>") && help.contains("NaN"))
  }

  @Test func version() throws {
    let version = try text(["--version"])
    #expect(version.wholeMatch(of: /\d+\.\d+\.\d+\S*\n/) != nil, "\(version)")
  }
}
