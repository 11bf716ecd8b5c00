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

  @Test(arguments: [SIGINT, SIGTERM, SIGKILL]) func duringTheFit(signal: Int32) throws {
    let launch = try Launch(Tool.path(), large + allOutputs, in: scratch)
    Thread.sleep(forTimeInterval: 0.2)
    try #require(launch.isRunning)
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
    for delay in stride(from: 0.02, to: 0.2, by: 0.02) {
      try scratch.folder("any")
      let outputs = allOutputs.map { $0.replacing("out/", with: "any/") }
      let launch = try Launch(
        Tool.path(), Arguments.cnn + Arguments.images + ["--test-fraction", "0.2"] + outputs, in: scratch)
      Thread.sleep(forTimeInterval: delay)
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
