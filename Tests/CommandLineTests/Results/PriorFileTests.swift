import Foundation
import TestSupport
import Testing

/// Covariances of readouts and filters from NPY files, hidden biases and padding, as options, in models and
/// sweeps.
@Suite struct PriorFileTests {
  let scratch: Scratch
  private let split = ["--test-fraction", "0.25"]

  init() throws {
    scratch = try Scratch()
    try scratch.write(Problem(count: 16), "train")
  }

  /// A square matrix of doubles as NumPy saves it.
  private func write(_ rows: [[Double]], _ name: String) throws {
    var header = "{'descr': '<f8', 'fortran_order': False, 'shape': (\(rows.count), \(rows[0].count)), }"
    header += String(repeating: " ", count: (64 - (11 + header.utf8.count) % 64) % 64) + "\n"
    var bytes = Array("\u{93}NUMPY".unicodeScalars.map { UInt8($0.value) }) + [1, 0]
    bytes += [UInt8(header.utf8.count % 256), UInt8(header.utf8.count / 256)] + Array(header.utf8)
    for value in rows.joined() {
      withUnsafeBytes(of: value.bitPattern.littleEndian) { bytes += Array($0) }
    }
    try Data(bytes).write(to: URL(fileURLWithPath: scratch.path(name)))
  }

  /// exp(-d/1.5) between the four positions of the images' grid of 2 x 2.
  private var exponential: [[Double]] {
    (0..<4).map { i in
      (0..<4).map { j in
        let (down, across) = (Double(i / 2 - j / 2), Double(i % 2 - j % 2))
        return exp(-(down * down + across * across).squareRoot() / 1.5)
      }
    }
  }

  /// The file gives what the name gives; the model predicts without the file.
  @Test func readoutFile() throws {
    try write(exponential, "s.npy")
    let named = try fit(
      Arguments.cnn + Arguments.images + split + ["--readout", "exponential", "--length-scale", "1.5"],
      in: scratch)
    let file = try fit(
      Arguments.cnn + Arguments.images + split + ["--readout-file", "s.npy", "--model", "m.npz"], in: scratch)
    #expect(file.report["readout"] == .text("file") && file.report["readoutFile"] == .text("s.npy"))
    #expect(file.report["orderParameter"].matrix == named.report["orderParameter"].matrix)
    #expect(file.report["readoutPrior"]["rank"] == .number(4))
    #expect(file.report["readoutPrior"]["coordinates"].matrix.count == 4)
    #expect(file.predictions.column("mean") == named.predictions.column("mean"))
    try FileManager.default.removeItem(atPath: scratch.path("s.npy"))
    let run = try Tool.succeed(
      [
        "predict", "--model", "m.npz", "--data", "train.images", "--labels", "train.labels", "--report", "-",
      ], in: scratch)
    #expect(try JSON(run.output)["test"]["bias"] == file.report["test"]["bias"])
  }

  @Test(arguments: ["--readout-file", "--filter-file"]) func refusals(option: String) throws {
    try write([[1, 0.2], [0.2, 1]], "small.npy")
    try write([[1, 0.5, 0, 0], [0.4, 1, 0, 0], [0, 0, 1, 0], [0, 0, 0, 1]], "skew.npy")
    try write([[1, 2, 0, 0], [2, 1, 0, 0], [0, 0, 1, 0], [0, 0, 0, 1]], "negative.npy")
    for name in ["small.npy", "skew.npy", "negative.npy", "missing.npy", "train.images"] {
      let run = try Tool.run(Arguments.cnn + Arguments.images + [option, name], in: scratch)
      #expect(
        run.exitCode != 0 && run.errorLines.contains { $0.hasPrefix("renorm: error: ") },
        "\(name): \(run.errors)")
    }
  }

  /// What is the matter with the matrix of a file, and that a file and a named prior contradict each other.
  @Test func linesNameTheFile() throws {
    try write([[1, 0.2], [0.2, 1]], "small.npy")
    try write([[1, 2, 0, 0], [2, 1, 0, 0], [0, 0, 1, 0], [0, 0, 0, 1]], "negative.npy")
    func refusal(_ options: [String], _ code: Int32) throws -> String {
      let run = try Tool.run(Arguments.cnn + Arguments.images + split + options, in: scratch)
      #expect(run.exitCode == code, "\(run)")
      return run.errors
    }
    #expect(
      try refusal(["--readout-file", "small.npy"], ExitCode.badData)
        .contains("small.npy: the readout covariance is 2 x 2; accepted: a symmetric matrix, 4 x 4"))
    #expect(
      try refusal(["--readout-file", "negative.npy"], ExitCode.badData)
        .contains("negative.npy: the readout covariance has the eigenvalue -1"))
    #expect(
      try refusal(["--readout", "mean-pool", "--readout-file", "negative.npy"], ExitCode.usage)
        .contains("--readout-file stands for --readout file, which --readout mean-pool contradicts"))
    #expect(
      try refusal(
        ["--filter-prior", "exponential", "--filter-length-scale", "1", "--filter-file", "negative.npy"],
        ExitCode.usage
      ).contains("--filter-file stands for"))
  }

  /// The identity over the mask is no prior at all.
  @Test func filterFile() throws {
    let side = 4
    try write((0..<side).map { i in (0..<side).map { $0 == i ? 1 : 0 } }, "f.npy")
    let plain = try fit(Arguments.cnn + Arguments.images + split, in: scratch)
    let file = try fit(Arguments.cnn + Arguments.images + split + ["--filter-file", "f.npy"], in: scratch)
    for (a, b) in zip(plain.predictions.column("mean"), file.predictions.column("mean")) {
      #expect(abs(a - b) <= 1e-12 * max(1, abs(a)))
    }
  }

  /// Every option reaches report and model; a model without them stays of version 1.
  @Test(arguments: [
    ["--lambda-bias", "2"], ["--padding", "same", "--stride", "1"], ["--padding", "1"],
    ["--activation", "tanh"],
    ["--filter-prior", "matern52", "--filter-length-scale", "1.2"],
    ["--readout", "block-pool", "--block", "1x2"],
    ["--activation", "leaky-relu", "--activation-slope", "0.3"],
  ])
  func roundTrip(options: [String]) throws {
    let plain = try fit(Arguments.cnn + Arguments.images + split, in: scratch)
    let other = try fit(Arguments.cnn + Arguments.images + split + options + ["--model", "m.npz"], in: scratch)
    #expect(plain.predictions.column("mean") != other.predictions.column("mean"))
    let run = try Tool.succeed(
      [
        "predict", "--model", "m.npz", "--data", "train.images", "--labels", "train.labels", "--report", "-",
      ], in: scratch)
    let again = try JSON(run.output)
    for key in ["bias", "variance", "nll", "brier", "expectedCalibrationError"] {
      #expect(abs(again["test"][key].number - other.report["test"][key].number) <= 1e-12, "\(key)")
    }
    for key in ["lambdaBias", "padding", "filterPrior", "filterLengthScale", "block", "activationSlope"] {
      #expect(again.members[key] == other.report.members[key], "\(key)")
    }
  }
}
