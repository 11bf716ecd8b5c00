import Foundation
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
      "fit", "predict", "sample", "compare", "sweep", "plot", "inspect", "resnet", "width", "mogp", "Examples:",
      "renorm fit --architecture",
      "Exit codes", "64", "74",
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
      "--shape", "--pixel-step",
      "--target-column", "--tolerance", "--max-iterations", "--model", "--report", "--predictions", "--quiet",
    ] {
      #expect(help.contains("  \(option)"), "\(option)")
    }
    for value in ["fc", "lcn", "cnn", "erf", "relu", "linear", "global, feature or none", "CxHxW"] {
      #expect(help.contains(value), "\(value)")
    }
    #expect(words(help).contains("index from 0, -1 the last"))
    // Each section has its options, and no section comes twice.
    let sections = help.components(separatedBy: "\n\n")
    for (title, options) in [
      ("COMPUTATION", ["--threads", "--memory-limit", "--tolerance", "--max-iterations"]),
      ("OUTPUT", ["--report", "--predictions", "--quiet", "--model"]),
    ] {
      let section = sections.filter { $0.hasPrefix("\(title):") }
      #expect(section.count == 1, "\(title)")
      for option in options { #expect(section.first?.contains("  \(option)") == true, "\(option)") }
    }
  }

  /// A text without its line breaks.
  private func words(_ text: String) -> String {
    text.split(whereSeparator: \.isWhitespace).joined(separator: " ")
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
    #expect(words(help).contains("index from 0, -1 the last"))
  }

  /// Defaults and values are words that the options accept.
  @Test(arguments: ["error", "heatmap"]) func plot(kind: String) throws {
    let help = words(try text(["plot", kind, "--help"]))
    #expect(help.contains("default: generalization-error)") && help.contains("train-count"))
    #expect(
      !help.contains("RenormPlot") && !help.contains("trainCount") && !help.contains("generalizationError"))
    #expect(help.contains(kind == "error" ? "default: width)" : "default: lambda1)"))
  }

  @Test func version() throws {
    let version = try text(["--version"])
    #expect(version.wholeMatch(of: /\d+\.\d+\.\d+\S*\n/) != nil, "\(version)")
  }
}
