import Testing

/// `--pixel-step K` is x[:, ::K, ::K].
@Suite struct PixelStepTests {
  let scratch: Scratch
  private let network = [
    "fit", "--architecture", "cnn", "--width", "10", "--temperature", "0.1", "--mask", "2",
  ]
  private let split = ["--test-fraction", "0.25"]

  init() throws {
    scratch = try Scratch()
    try scratch.write(Problem(count: 16, height: 8, width: 7), "train")
  }

  /// The sliced file fits to the same numbers, and a model of either predicts the same.
  @Test func isASlice() throws {
    let problem = Problem(count: 16, height: 8, width: 7)
    var sliced = Problem(count: 16, height: 4, width: 4)
    sliced.labels = problem.labels
    sliced.images = problem.images.map { image in
      stride(from: 0, to: 8, by: 2).flatMap { row in stride(from: 0, to: 7, by: 2).map { image[7 * row + $0] } }
    }
    try scratch.write(sliced, "sliced")
    let whole = try fit(
      network + Arguments.images + split + ["--pixel-step", "2", "--model", "m.npz"], in: scratch)
    let slices = try fit(
      network + ["--train", "sliced.images", "--train-labels", "sliced.labels"] + split, in: scratch)
    #expect(numbers(whole.report) == numbers(slices.report))
    #expect(whole.predictions.rows == slices.predictions.rows)
    #expect(whole.report["data"]["selection"]["pixelStep"] == .number(2))
    #expect(whole.report["data"]["shape"]["height"] == .number(4))

    let again = try Tool.succeed(
      [
        "predict", "--model", "m.npz", "--data", "train.images", "--labels", "train.labels", "--predictions",
        "-",
      ],
      in: scratch)
    #expect(Predictions(again.output).rows == whole.predictions.rows)
  }

  @Test(.needsNumPy) func agreesWithNumPy() throws {
    try Python.run(
      """
      x = np.random.default_rng(1).normal(size=(12, 3, 9, 8)); y = np.arange(12.0) % 3 - 1
      np.savez("whole.npz", x=x, y=y); np.savez("sliced.npz", x=x[:, :, ::3, ::3], y=y)
      """, in: scratch)
    let whole = try fit(network + ["--train", "whole.npz", "--pixel-step", "3"] + split, in: scratch)
    let slices = try fit(network + ["--train", "sliced.npz"] + split, in: scratch)
    #expect(numbers(whole.report) == numbers(slices.report))
    #expect(whole.predictions.rows == slices.predictions.rows)
  }

  @Test(arguments: ["0", "-2", "9"]) func refused(step: String) throws {
    let code = step == "9" ? ExitCode.badData : ExitCode.usage
    try expectFailure(
      code, ["pixel step"], network + Arguments.images + ["--pixel-step", step], in: scratch)
  }
}
