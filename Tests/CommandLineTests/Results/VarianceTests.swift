import Foundation
import Testing

/// Predictive variances near the rounding of the kernel: right, warned about, or the end of the command.
@Suite struct VarianceTests {
  let scratch: Scratch

  init() throws { scratch = try Scratch() }

  /// Numbers between -1 and 1 that every program computes alike.
  private static func value(_ i: Int, _ j: Int) -> Double {
    let whole = i * 7919 + j * 104729 + i * j * 31
    return Double(whole % 1009) / 504.5 - 1
  }

  /// Examples in CSV, with targets.
  private static func table(_ count: Int, _ size: Int, from offset: Int = 0, scale: Double = 1) -> String {
    (0..<count).map { i in
      let x = (0..<size).map { j in "\(scale * value(i + 3 * j + offset, j + 1))" }
      return (x + ["\(value(i + 7, 90))"]).joined(separator: ",") + "\n"
    }.joined()
  }

  private func arguments(_ activation: String, _ temperature: String) -> [String] {
    [
      "--architecture", "fc", "--activation", activation, "--temperature", temperature, "--train", "train.csv",
      "--test", "test.csv", "--standardize", "none", "--quiet",
    ]
  }

  /// An input of zeros, also in the training set, has mean and variance 0 for certain.
  @Test(arguments: ["erf", "relu", "tanh"]) func zeroInputs(activation: String) throws {
    let table = "1,0.3,1\n-0.5,0.8,-0.4\n0,0,0.1\n0.7,-1,0.6\n"
    _ = try scratch.file("train.csv", table)
    _ = try scratch.file("test.csv", table)
    let run = try Tool.succeed(
      ["fit"] + arguments(activation, "0.1") + ["--width", "10", "--predictions", "-"], in: scratch)
    let predictions = Predictions(run.output)
    #expect(predictions.column("mean")[2] == 0 && predictions.column("variance")[2] == 0)
    #expect(predictions.column("variance")[0] > 0.01)
  }

  /// Means that vanish by symmetry are known to rounding of the posterior's deviation.
  @Test(arguments: ["erf", "relu"]) func meansThatVanish(activation: String) throws {
    _ = try scratch.file("train.csv", "1,0,1\n0,1,-1\n-1,0.5,0.7\n0.5,-1,-0.7\n")
    _ = try scratch.file("test.csv", "1,1,0\n2,2,0\n")
    let run = try Tool.succeed(
      ["fit"] + arguments(activation, "0.1") + ["--width", "10", "--predictions", "-"], in: scratch)
    #expect(Predictions(run.output).column("mean").allSatisfy { abs($0) < 1e-12 })
    #expect(!run.errors.contains("rounding"), "\(run.errors)")
  }

  /// More linear examples than inputs: variances of 60 digits, at infinite width.
  @Test func varianceOfExactRank() throws {
    _ = try scratch.file("train.csv", Self.table(8, 3))
    _ = try scratch.file("test.csv", Self.table(4, 3, from: 40))
    let exact = [
      7.9287131311669511e-13, 3.8135201868483015e-13, 1.2185643471438547e-13, 1.4384561205361167e-14,
    ]
    let run = try Tool.succeed(
      ["fit"] + arguments("linear", "1e-12")
        + ["--width", "infinite", "--report", "r.json", "--predictions", "-", "--model", "m.npz"], in: scratch)
    #expect(!run.errors.contains("variances"), "\(run.errors)")
    for (found, exact) in zip(Predictions(run.output).column("variance"), exact) {
      expectClose(found, exact, relative: 1e-11)
    }
    let mean = exact.reduce(0, +) / 4
    expectClose(try JSON(scratch.text("r.json"))["test"]["variance"].number, mean, relative: 1e-11)
    let again = try Tool.succeed(
      ["predict", "--model", "m.npz", "--data", "test.csv", "--predictions", "-", "--quiet"], in: scratch)
    expectClose(Predictions(again.output).column("variance"), exact, relative: 1e-11)
  }

  /// One input far beyond the range of erf: all kernels are nearly +1 or -1, and nothing is left of variances.
  @Test func lostVariances() throws {
    _ = try scratch.file("train.csv", Self.table(10, 1, scale: 1e6))
    _ = try scratch.file("test.csv", Self.table(4, 1, from: 40, scale: 1e6))
    let infinite = arguments("erf", "1e-10") + ["--width", "infinite"]
    let run = try Tool.run(
      ["fit"] + infinite + ["--report", "r.json", "--model", "m.npz", "--predictions", "p.csv"], in: scratch)
    #expect(run.exitCode == ExitCode.numerical, "\(run)")
    #expect(
      run.errors.contains("error: the predictive means have a relative error of about"), "\(run.errors)")
    #expect(run.errors.contains("warning: rounding limits the predictive variances"), "\(run.errors)")
    #expect(scratch.names().contains("r.json") && scratch.names().contains("p.csv"))
    let again = try Tool.run(["predict", "--model", "m.npz", "--data", "test.csv", "--quiet"], in: scratch)
    #expect(
      again.exitCode == ExitCode.numerical
        && again.errors.contains("warning: rounding limits the predictive variances"), "\(again)")

    let sweep = try Tool.run(["sweep", "run", "--output", "store"] + infinite, in: scratch)
    #expect(sweep.exitCode == ExitCode.numerical, "\(sweep)")
    let point = try scratch.text("store/points/000000.json")
    #expect(point.contains("the predictive means have a relative error of about"), "\(point)")
    // At a higher temperature the same data are no problem.
    let warm = try Tool.succeed(["fit"] + arguments("erf", "0.1") + ["--width", "infinite"], in: scratch)
    #expect(!warm.errors.contains("variances"), "\(warm.errors)")
  }
}
