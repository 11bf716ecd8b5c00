import Foundation
import Testing

/// What goes to standard output, and what to standard error.
@Suite struct StreamTests {
  let scratch: Scratch
  private let split = Arguments.cnn + Arguments.images + ["--test-fraction", "0.25"]

  init() throws {
    scratch = try Scratch()
    try scratch.write(Problem(count: 12), "train")
  }

  @Test func summary() throws {
    let run = try Tool.succeed(split, in: scratch)
    #expect(run.errors.isEmpty)
    for word in ["cnn", "order parameter", "training", "held-out", "accuracy", "log evidence"] {
      #expect(run.output.contains(word), "\(word)")
    }
    #expect(scratch.names() == ["train.csv", "train.images", "train.labels"])
  }

  @Test func summaryBesideFiles() throws {
    let run = try Tool.succeed(split + ["--report", "r.json", "--model", "m.npz"], in: scratch)
    #expect(run.output.contains("order parameter"))
    #expect(try JSON(scratch.text("r.json"))["converged"] == .bool(true))
  }

  @Test func reportOnStandardOutput() throws {
    let run = try Tool.succeed(split + ["--report", "-"], in: scratch)
    #expect(run.errors.isEmpty)
    #expect(run.output.hasPrefix("{") && run.output.hasSuffix("}\n"))
    #expect(try JSON(run.output)["trainCount"] == .number(9))
  }

  @Test func predictionsOnStandardOutput() throws {
    let run = try Tool.succeed(split + ["--predictions", "-"], in: scratch)
    #expect(run.errors.isEmpty)
    let lines = run.output.split(separator: "\n")
    #expect(lines.first == "index,target,mean,variance,probability_0,probability_1")
    #expect(lines.count == 4)
    #expect(
      lines.dropFirst().enumerated().allSatisfy {
        $1.hasPrefix("\($0),") && $1.split(separator: ",").count == 6
      })
    #expect(Predictions(run.output).column("variance").allSatisfy { $0 > 0 })
  }

  /// Descriptors that a caller has closed are not taken by files, and nothing traps where nobody listens.
  @Test(arguments: [("2>&-", Int32(0)), (">&-", 74), (">&- 2>&-", 74), ("<&- >&- 2>&-", 74)])
  func closedDescriptors(redirection: String, code: Int32) throws {
    let command =
      "\"$0\" \"$@\" --report r.json --model m.npz \(redirection); echo $? > code"
    let process = Process()
    process.executableURL = URL(fileURLWithPath: "/bin/sh")
    process.arguments = try ["-c", command, Tool.path()] + split
    process.currentDirectoryURL = URL(fileURLWithPath: scratch.directory)
    process.standardOutput = FileHandle.nullDevice
    process.standardError = FileHandle.nullDevice
    try process.run()
    process.waitUntilExit()
    #expect(try scratch.text("code") == "\(code)\n")
    #expect(try JSON(scratch.text("r.json"))["converged"] == .bool(true))
    try Tool.succeed(["predict", "--model", "m.npz", "--data", "train.images", "--quiet"], in: scratch)
  }

  /// Where the address space is too small for the libraries, the process ends with a line.
  @Test func smallAddressSpace() throws {
    let process = Process()
    process.executableURL = URL(fileURLWithPath: "/bin/sh")
    process.arguments = try ["-c", "ulimit -v 200000; \"$0\" --version 2> errors; echo $? > code", Tool.path()]
    process.currentDirectoryURL = URL(fileURLWithPath: scratch.directory)
    process.standardOutput = FileHandle.nullDevice
    try process.run()
    process.waitUntilExit()
    #expect(try scratch.text("code") == "70\n")
    #expect(try scratch.text("errors").contains("the address space is limited to 204800000 bytes"))
  }

  @Test func quiet() throws {
    let run = try Tool.succeed(
      split + ["--quiet", "--report", "r.json", "--predictions", "p.csv", "--model", "m.npz"], in: scratch)
    #expect(run.output.isEmpty && run.errors.isEmpty)
    let prediction = try Tool.succeed(
      ["predict", "--model", "m.npz", "--data", "train.images", "--labels", "train.labels", "--quiet"],
      in: scratch)
    #expect(prediction.output.isEmpty && prediction.errors.isEmpty)
  }

  @Test(arguments: [
    ["--infinite-width"],
    ["--architecture", "fc"],
    ["--stride", "3"],
    ["--length-scale", "2"],
  ])
  func warnings(options: [String]) throws {
    let run = try Tool.succeed(split + options + ["--report", "-"], in: scratch)
    #expect(run.errorLines.dropLast().allSatisfy { $0.hasPrefix("renorm: warning: ") } && !run.errors.isEmpty)
    let warnings = try JSON(run.output)["warnings"].elements
    #expect(warnings.count == run.errorLines.count - 1)
  }

  /// Files appear under their names only, without temporary ones beside them.
  @Test func nothingElseIsWritten() throws {
    try scratch.folder("out")
    try Tool.succeed(split + allOutputs, in: scratch)
    #expect(scratch.names(in: "out") == ["model.npz", "predictions.csv", "report.json"])
  }

  @Test func existingFilesAreReplaced() throws {
    try scratch.file("r.json", String(repeating: "old ", count: 5000))
    try Tool.succeed(split + ["--report", "r.json"], in: scratch)
    #expect(try JSON(scratch.text("r.json"))["trainCount"] == .number(9))
  }
}
