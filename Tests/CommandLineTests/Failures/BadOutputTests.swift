import Foundation
import Testing

/// Outputs that cannot be written, or that would replace each other.
@Suite struct BadOutputTests {
  let scratch: Scratch
  private let split = Arguments.fc + ["--train", "train.csv", "--test-fraction", "0.25"]

  init() throws {
    scratch = try Scratch()
    try scratch.write(Problem(count: 8), "train")
  }

  @Test(arguments: ["--report", "--predictions", "--model"]) func missingDirectory(option: String) throws {
    try expectFailure(
      ExitCode.cannotCreate, ["nowhere/file", "cannot be created"], split + [option, "nowhere/file"],
      outputs: [], in: scratch)
    #expect(!scratch.names().contains("nowhere"))
  }

  @Test(arguments: ["--report", "--predictions", "--model"]) func directoryAsFile(option: String) throws {
    try scratch.folder("folder")
    try expectFailure(
      ExitCode.cannotCreate, ["folder", "it is a directory"], split + [option, "folder"], outputs: [],
      in: scratch)
    #expect(scratch.names(in: "folder").isEmpty)
  }

  @Test(arguments: ["--report", "--predictions", "--model"]) func fileAsDirectory(option: String) throws {
    try expectFailure(
      ExitCode.cannotCreate, ["train.csv/file", "cannot be created"], split + [option, "train.csv/file"],
      outputs: [], in: scratch)
  }

  @Test(.needsOrdinaryUser) func directoryWithoutPermission() throws {
    try scratch.folder("closed")
    chmod(scratch.path("closed"), 0o555)
    defer { chmod(scratch.path("closed"), 0o755) }
    try expectFailure(
      ExitCode.cannotCreate, ["closed/file", "cannot be created"], split + ["--report", "closed/file"],
      outputs: [],
      in: scratch)
  }

  /// An output that cannot be written keeps the others from being written too.
  @Test func oneOfThree() throws {
    try expectFailure(
      ExitCode.cannotCreate, ["nowhere/model.npz"], split + ["--model", "nowhere/model.npz"],
      outputs: predictOutputs,
      in: scratch)
  }

  @Test func predictionToAMissingDirectory() throws {
    try Tool.succeed(split + ["--model", "model.npz", "--quiet"], in: scratch)
    try expectFailure(
      ExitCode.cannotCreate, ["nowhere/file", "cannot be created"],
      ["predict", "--model", "model.npz", "--data", "train.csv", "--report", "nowhere/file"], outputs: [],
      in: scratch)
  }

  @Test func twoOutputsOnStandardOutput() throws {
    try expectFailure(
      ExitCode.usage, ["--report", "--predictions", "standard output"],
      split + ["--report", "-", "--predictions", "-"],
      outputs: [], in: scratch)
  }

  @Test func modelOnStandardOutput() throws {
    try expectFailure(
      ExitCode.usage, ["--model", "standard output"], split + ["--model", "-"], outputs: [], in: scratch)
    #expect(!scratch.names().contains("-"))
  }

  @Test func outputsOfOneName() throws {
    try expectFailure(
      ExitCode.usage, ["out/../same", "--report", "--predictions"],
      split + ["--report", "same", "--predictions", "out/../same"], outputs: [], in: scratch)
    #expect(!scratch.names().contains("same"))
  }

  @Test func outputOverAnInput() throws {
    let before = try scratch.text("train.csv")
    try expectFailure(
      ExitCode.usage, ["./train.csv", "input"], split + ["--model", "./train.csv"], outputs: [], in: scratch)
    #expect(try scratch.text("train.csv") == before)
  }

  @Test func outputWithoutName() throws {
    try expectFailure(ExitCode.usage, ["--report"], split + ["--report", ""], outputs: [], in: scratch)
  }

  /// A failure leaves the files of an earlier fit as they were.
  @Test func earlierFilesStay() throws {
    try scratch.file("old.json", "old")
    let run = try Tool.run(Arguments.fc + ["--train", "nowhere.csv", "--report", "old.json"], in: scratch)
    #expect(run.exitCode == ExitCode.missingInput)
    #expect(try scratch.text("old.json") == "old")
  }

  #if os(Linux)
    @Test func fullDisk() throws {
      try expectFailure(
        ExitCode.inputOutput, ["/dev/full", "writing failed"], split + ["--report", "/dev/full"], outputs: [],
        in: scratch)
    }

    @Test(arguments: [[], ["--report", "-"], ["--predictions", "-"]]) func fullStandardOutput(
      options: [String]
    ) throws {
      let run = try Launch(Tool.path(), split + options, in: scratch, output: "/dev/full").finish()
      #expect(run.exitCode == ExitCode.inputOutput)
      #expect(run.errors.hasPrefix("renorm: error: standard output: writing failed"))
      #expect(run.errorLines.count == 2)
    }
  #endif
}
