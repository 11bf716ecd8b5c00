import Foundation
import Testing

/// Fits that are ended from outside.
@Suite struct InterruptTests {
  let scratch: Scratch
  private let large = [
    "fit", "--architecture", "cnn", "--width", "100", "--temperature", "0.01", "--mask", "1", "--train",
    "train.images",
    "--train-labels", "train.labels", "--test-fraction", "0.1",
  ]

  init() throws {
    scratch = try Scratch()
    try scratch.write(Problem(count: 600), "train")
    try scratch.folder("out")
  }

  /// The labels come through a pipe, so that the fit begins when they are handed over; it would last for
  /// minutes.
  @Test(arguments: [SIGINT, SIGTERM, SIGKILL]) func duringTheFit(signal: Int32) throws {
    let labels = try Data(contentsOf: URL(fileURLWithPath: scratch.path("train.labels")))
    try FileManager.default.removeItem(atPath: scratch.path("train.labels"))
    try #require(mkfifo(scratch.path("train.labels"), 0o600) == 0)
    let launch = try Launch(Tool.path(), large + allOutputs, in: scratch)
    var pipe: Int32 = -1
    _ = try launch.wait {
      pipe = open(scratch.path("train.labels"), O_WRONLY | O_NONBLOCK | O_CLOEXEC)
      return pipe >= 0
    }
    try #require(pipe >= 0, "\(launch.state)")
    let written = labels.withUnsafeBytes { write(pipe, $0.baseAddress, $0.count) }
    close(pipe)
    try #require(written == labels.count && launch.isRunning)
    launch.send(signal)
    let run = try launch.finish()
    #expect(run.wasKilled && run.exitCode == signal)
    #expect(run.output.isEmpty)
    #expect(scratch.names(in: "out").isEmpty)
  }

  /// The report goes to a pipe that nobody reads, so the fit stands still between its outputs: what is
  /// written by then is complete, and nothing else is there.
  @Test(arguments: [SIGINT, SIGKILL]) func betweenOutputs(signal: Int32) throws {
    try #require(mkfifo(scratch.path("pipe"), 0o600) == 0)
    try scratch.write(Problem(count: 12), "train")
    let launch = try Launch(
      Tool.path(),
      Arguments.fc + Arguments.images + [
        "--test-fraction", "0.25", "--model", "out/m.npz", "--report", "pipe",
      ]
        + ["--predictions", "out/p.csv"], in: scratch)
    #expect(try launch.wait { scratch.names(in: "out") == ["m.npz"] } && launch.isRunning)
    launch.send(signal)
    #expect(try launch.finish().wasKilled)
    #expect(scratch.names(in: "out") == ["m.npz"])
    try Tool.succeed(["predict", "--model", "out/m.npz", "--data", "train.images", "--quiet"], in: scratch)
  }

  /// Whenever the end comes, a file under its own name is complete.
  @Test func atAnyTime() throws {
    try scratch.write(Problem(count: 60), "train")
    // The end comes at the start, and when so many files are there, some of them temporary ones.
    for count in 0...4 {
      try scratch.folder("any")
      let outputs = allOutputs.map { $0.replacing("out/", with: "any/") }
      let launch = try Launch(
        Tool.path(), Arguments.cnn + Arguments.images + ["--test-fraction", "0.2"] + outputs, in: scratch)
      _ = try launch.wait { scratch.names(in: "any").count >= count }
      launch.send(SIGKILL)
      _ = try launch.finish()
      let names = scratch.names(in: "any")
      if names.contains("report.json") {
        #expect(try JSON(scratch.text("any/report.json"))["converged"] == .bool(true))
      }
      if names.contains("predictions.csv") {
        #expect(Predictions(try scratch.text("any/predictions.csv")).rows.count == 12)
      }
      if names.contains("model.npz") {
        try Tool.succeed(
          ["predict", "--model", "any/model.npz", "--data", "train.images", "--quiet"], in: scratch)
      }
      try FileManager.default.removeItem(atPath: scratch.path("any"))
    }
  }
}
