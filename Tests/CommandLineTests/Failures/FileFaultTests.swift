import Foundation
import Testing

/// Sizes, streams and numbers at their limits, as a user meets them in a shell.
@Suite struct FileFaultTests {
  let scratch: Scratch
  private let split = Arguments.fc + ["--train", "train.csv", "--test-fraction", "0.25"]

  init() throws {
    scratch = try Scratch()
    try scratch.write(Problem(count: 8), "train")
  }

  /// Runs a line of a shell in which `$RENORM` is the program.
  private func shell(_ line: String, timeout: Double = 60) throws -> Run {
    try Launch("/bin/sh", ["-c", line], in: scratch, environment: ["RENORM": try Tool.path()])
      .finish(timeout: timeout)
  }

  private var fit: String { "\"$RENORM\" " + split.joined(separator: " ") }

  @Test(arguments: ["/dev/stdout", "/dev/fd/1", "/proc/self/fd/1", "link"])
  func outputIsAppended(path: String) throws {
    try scratch.file("all.csv", "old\n")
    try FileManager.default.createSymbolicLink(atPath: scratch.path("link"), withDestinationPath: "/dev/stdout")
    for option in ["--predictions", "--report"] {
      let run = try shell("\(fit) \(option) \(path) >> all.csv")
      #expect(run.exitCode == 0 && run.errors.isEmpty, "\(run)")
    }
    let text = try scratch.text("all.csv")
    #expect(text.hasPrefix("old\nindex,target,mean,variance\n0,") && text.hasSuffix("}\n"))
    #expect(!text.contains("order parameter  "), "no summary between")
  }

  @Test func modelOnAnOpenFile() throws {
    let run = try shell(
      "\(fit) --model /dev/fd/3 --quiet 3> model.npz && \(fit) --model /dev/stdout > second.npz")
    #expect(run.exitCode == 0, "\(run)")
    #expect(try scratch.bytes("model.npz") == scratch.bytes("second.npz"))
    try Tool.succeed(["predict", "--model", "second.npz", "--data", "train.csv", "--quiet"], in: scratch)
  }

  @Test func twoOutputsOfOneStream() throws {
    for line in ["--report /dev/stdout --predictions -", "--report /dev/fd/1 --predictions /dev/stdout"] {
      #expect(try shell("\(fit) \(line)").exitCode == ExitCode.usage)
    }
  }

  @Test func standardInput() throws {
    let expected = try Tool.succeed(split + ["--predictions", "-"], in: scratch).output
    let piped = fit.replacing("train.csv", with: "-")
    #expect(try shell("cat train.csv | \(piped) --predictions -").output == expected)
    #expect(try shell("\(piped) --predictions - < train.csv").output == expected)
    #expect(try shell("gzip -c train.csv | \(piped) --predictions -").output == expected)
    try Tool.succeed(split + ["--model", "model.npz", "--quiet"], in: scratch)
    let predicted = try shell("cat train.csv | \"$RENORM\" predict --model model.npz --data - --predictions -")
    #expect(predicted.output == expected, "\(predicted)")
    #expect(try shell("\"$RENORM\" inspect - < train.csv").output.hasPrefix("standard input: CSV"))
    let broken = try shell("echo 1,x,2 | \(piped)")
    #expect(
      broken.exitCode == ExitCode.badData && broken.errors.hasPrefix("renorm: error: standard input: row 1"))
  }

  @Test func standardInputTwice() throws {
    for line in [
      "fit --architecture fc --width 5 --temperature 1 --train - --test -",
      "fit --architecture fc --width 5 --temperature 1 --train - --train-labels -",
      "predict --model - --data -", "predict --model m --data - --labels -",
    ] {
      let run = try shell("\"$RENORM\" \(line) < train.csv")
      #expect(run.exitCode == ExitCode.usage && run.errorLines.count == 2, "\(run)")
      #expect(run.errors.contains("standard input (-) can only be one of"))
    }
  }

  /// What is too large for `ulimit -f` ends with one line, and without a part of a file.
  @Test(arguments: ["--model", "--report", "--predictions"]) func limitOfFileSize(option: String) throws {
    try scratch.folder("out")
    // A block is 512 or 1024 bytes.
    let train =
      Arguments.fc + ["--train", "large.csv", "--test-fraction", "0.5", option, "out/file", "--quiet"]
    try scratch.file("large.csv", Problem(count: 200).table)
    let limit = option == "--model" || option == "--predictions" ? 2 : 1
    let run = try shell("ulimit -f \(limit); \"$RENORM\" \(train.joined(separator: " ")) 2>&1 | cat")
    #expect(scratch.names(in: "out").isEmpty)
    #expect(run.output.contains("out/file: writing failed (File too large)"), "\(run)")
  }

  @Test func limitOfFileSizeCode() throws {
    let run = try shell("ulimit -f 1; \(fit) --model model.npz --quiet 2> /dev/null")
    #expect(run.exitCode == ExitCode.inputOutput && !run.wasKilled)
    #expect(!scratch.names().contains { $0.contains("model.npz") })
  }

  #if os(Linux)
    @Test(arguments: [
      "--version", "--help", "fit --help", "inspect train.csv", "--generate-completion-script bash",
    ])
    func textOnAFullDisk(arguments: String) throws {
      let run = try shell("\"$RENORM\" \(arguments) > /dev/full")
      #expect(run.exitCode == ExitCode.inputOutput, "\(run)")
      #expect(run.errors == "renorm: error: standard output: writing failed (No space left on device)\n")
    }
  #endif

  @Test func permissionsStay() throws {
    try scratch.file("report.json", "old")
    chmod(scratch.path("report.json"), 0o600)
    try Tool.succeed(split + ["--report", "report.json", "--quiet"], in: scratch)
    var status = stat()
    #expect(stat(scratch.path("report.json"), &status) == 0 && status.st_mode & 0o777 == 0o600)
  }

  @Test func namesAndLinks() throws {
    let long = String(repeating: "r", count: 250)
    try Tool.succeed(split + ["--report", long, "--quiet"], in: scratch)
    #expect(scratch.names().contains(long))
    try expectFailure(
      ExitCode.cannotCreate, ["File name too long"], split + ["--report", long + "rrrrrr"], outputs: [],
      in: scratch)
    for (name, target) in [("dangling", "target"), ("a", "b"), ("b", "a")] {
      try FileManager.default.createSymbolicLink(atPath: scratch.path(name), withDestinationPath: target)
    }
    try Tool.succeed(split + ["--report", "dangling", "--quiet"], in: scratch)
    #expect(try scratch.text("target").hasPrefix("{"))
    try expectFailure(
      ExitCode.cannotCreate, ["a: cannot be created", "links"], split + ["--report", "a"], outputs: [],
      in: scratch)
  }

  @Test func sparseFile() throws {
    try scratch.file("hole", "1,2\n")
    #expect(truncate(scratch.path("hole"), 1 << 42) == 0)
    try expectFailure(
      ExitCode.badData, ["hole", "4096.0 GiB of memory", "can be used"], Arguments.fc + ["--train", "hole"],
      in: scratch)
    #expect(try Tool.run(["inspect", "hole"], in: scratch).exitCode == ExitCode.badData)
    #expect(
      try Tool.run(["predict", "--model", "hole", "--data", "hole"], in: scratch).exitCode == ExitCode.badData)
  }

  /// Sizes in the report of a fit, which the picture lays a grid from.
  @Test(arguments: ["2147483648", "9223372036854775807", "0", "-1"]) func sizesInAReport(size: String) throws {
    for key in ["mask", "stride", "grid"] {
      let sizes = ["mask": "[2, 2]", "stride": "[2, 2]", "grid": "[1, 1]"].merging([key: "[\(size), 1]"]) { $1 }
      let text = sizes.map { "\"\($0)\": \($1)" }.joined(separator: ", ")
      try scratch.file(
        "report.json",
        "{\"architecture\": \"cnn\", \"width\": 5, \"infiniteWidth\": false, \"readout\": \"independent\", "
          + "\"outputs\": 1, \"orderParameter\": [[1]], \(text)}")
      try expectFailure(
        ExitCode.badData, ["report.json", key],
        ["plot", "order-parameter", "report.json", "--script", "out/s"],
        outputs: [], in: scratch)
    }
  }

  /// A held-out value whose square overflows, at every place where one is predicted.
  @Test func heldOutOverflow() throws {
    try scratch.file("small.csv", "1,2,0\n2,1,1\n3,5,0\n4,1,1\n")
    try scratch.file("far.csv", "1,2,0\n1e160,2,1\n")
    let train = Arguments.fc + ["--train", "small.csv"]
    let place = ["far.csv: row 2, column 1", "overflow"]
    try expectFailure(ExitCode.badData, place, train + ["--test", "far.csv"], in: scratch)
    try Tool.succeed(train + ["--model", "model.npz", "--quiet"], in: scratch)
    try expectFailure(
      ExitCode.badData, place, ["predict", "--model", "model.npz", "--data", "far.csv"],
      outputs: predictOutputs,
      in: scratch)
    let run = try Tool.run(["predict", "--model", "model.npz", "--data", "far.csv"], in: scratch)
    #expect(run.exitCode == ExitCode.badData && run.output.isEmpty)
  }

  /// Priors that make a kernel overflow: the advice is not a higher temperature.
  @Test func kernelOverflow() throws {
    let run = try Tool.run(
      Arguments.fc + [
        "--activation", "linear", "--lambda1", "1e-300", "--lambda0", "1e-300", "--train", "train.csv",
      ],
      in: scratch)
    #expect(run.exitCode == ExitCode.numerical && run.errors.contains("rescale targets, inputs"), "\(run)")
    #expect(!run.errors.contains("temperature"))
  }

  /// A specification that an editor has put a byte order mark in front of.
  @Test func byteOrderMark() throws {
    try scratch.file(
      "sweep.yaml", "\u{FEFF}train: train.csv\narchitecture: fc\nwidth: 5\ntemperature: [0.1, 1]\n")
    #expect(try Tool.run(["sweep", "plan", "sweep.yaml"], in: scratch).exitCode == 0)
  }
}
