import Foundation
import LinearAlgebra
import RenormFiles
import Testing

/// `renorm fit --bank`: kernels as another program writes them.
@Suite struct BankTests {
  private let scratch: Scratch
  private let height = 4
  private let images: Matrix
  private let targets: [Double]
  private let training = 10

  init() throws {
    scratch = try Scratch()
    var generator = Seeded(3)
    images = Matrix(rows: 16, columns: 14) { _, _ in Double.random(in: -1...1, using: &generator) }
    targets = (0..<14).map { _ in Double.random(in: -1...1, using: &generator) }
  }

  /// The kernels of a CNN by loops, and the images that they belong to.
  private func write() throws {
    var network = NaiveNetwork()
    (network.kind, network.mask, network.stride) = (.convolutional, (2, 2), (2, 2))
    let kernels = network.kernels(images, network.patches(channels: 1, height: height, width: height))
    let (n, p, all) = (kernels.positions, training, images.columns)
    let blocks = (0..<n).flatMap { i in (0..<n).map { kernels.k[i][$0] } }
    var bank = NPZWriter()
    bank.add(
      "kernels", blocks.flatMap { k in (0..<p).flatMap { a in (0..<p).map { k[a, $0] } } }, shape: [n, n, p, p])
    bank.add(
      "cross", blocks.flatMap { k in (p..<all).flatMap { a in (0..<p).map { k[a, $0] } } },
      shape: [n, n, all - p, p])
    bank.add("diagonal", blocks.flatMap { k in (p..<all).map { k[$0, $0] } }, shape: [n, n, all - p])
    bank.add("y", Array(targets[0..<p]), shape: [p])
    bank.add("y_test", Array(targets[p...]), shape: [all - p])
    try bank.write(to: scratch.path("bank.npz"))
    var data = NPZWriter()
    let pixels = images.elements
    data.add("x_train", Array(pixels[0..<16 * p]), shape: [p, 1, height, height])
    data.add("y_train", Array(targets[0..<p]), shape: [p])
    data.add("x_test", Array(pixels[(16 * p)...]), shape: [all - p, 1, height, height])
    data.add("y_test", Array(targets[p...]), shape: [all - p])
    try data.write(to: scratch.path("data.npz"))
  }

  private func numbers(_ name: String) throws -> [[Double]] {
    try scratch.text(name).split(separator: "\n").dropFirst().map { line in
      line.split(separator: ",", omittingEmptySubsequences: false).map { Double($0) ?? .nan }
    }
  }

  @Test func agreesWithImages() throws {
    try write()
    let settings = ["--width", "20", "--temperature", "0.1", "--lambda1", "0.5", "--tolerance", "1e-11"]
    try Tool.succeed(
      ["fit", "--bank", "bank.npz"] + settings + [
        "--report", "bank.json", "--predictions", "bank.csv", "--model", "model.npz", "--quiet",
      ], in: scratch)
    try Tool.succeed(
      [
        "fit", "--architecture", "cnn", "--mask", "2", "--standardize", "none", "--train", "data.npz",
        "--report", "data.json", "--predictions", "data.csv", "--quiet",
      ] + settings, in: scratch)
    let a = try FitRecord(path: scratch.path("bank.json"))
    let b = try FitRecord(path: scratch.path("data.json"))
    expectClose(a.solution.orderParameter, b.solution.orderParameter, relative: 1e-10, absolute: 1e-10)
    expectClose(try #require(a.logEvidence), try #require(b.logEvidence), relative: 1e-10)
    expectClose(try #require(a.test?.bias), try #require(b.test?.bias), relative: 1e-10)
    let (first, second) = (try numbers("bank.csv"), try numbers("data.csv"))
    #expect(first.count == 4 && second.count == 4)
    for (x, y) in zip(first, second) { expectClose(x, y, relative: 1e-10, absolute: 1e-10) }

    // The model predicts the points of any file with kernels to the same training set.
    try Tool.succeed(
      [
        "predict", "--model", "model.npz", "--data", "bank.npz", "--predictions", "again.csv", "--quiet",
      ], in: scratch)
    for (x, y) in zip(first, try numbers("again.csv")) { expectClose(x, y, relative: 1e-10, absolute: 1e-12) }
  }

  @Test func tables() throws {
    try write()
    try Tool.succeed(
      [
        "fit", "--bank", "bank.npz", "--width", "10,infinite", "--temperature", "0.1,1", "--lambda1", "1,2",
        "--table", "table.csv", "--quiet",
      ], in: scratch)
    let lines = try scratch.text("table.csv").split(separator: "\n")
    #expect(lines.count == 9 && lines[1].hasPrefix("10,0.1,1.0,true,"))
    #expect(lines[8].hasPrefix("infinite,1.0,2.0,true,1.0,1.0,1.0,"))
  }

  @Test func refusals() throws {
    func refusal(_ change: (inout NPZWriter) -> Void) throws -> String {
      var bank = NPZWriter()
      change(&bank)
      try bank.write(to: scratch.path("bad.npz"))
      let run = try Tool.run(["fit", "--bank", "bad.npz", "--width", "5", "--temperature", "1"], in: scratch)
      #expect(run.exitCode == ExitCode.badData, "\(run)")
      return run.errors
    }
    #expect(try refusal { $0.add("y", [1.0], shape: [1]) }.contains("kernels"))
    #expect(
      try refusal { $0.add("kernels", [1.0, 0, 0, 1], shape: [2, 2]) }
        == "renorm: error: bad.npz: array kernels has shape [2, 2]; accepted: (n, n, P, P), or (n, P, P) for "
          + "kernels of i = j alone\n")
    #expect(
      try refusal {
        $0.add("kernels", [1.0, 0, 0, 1], shape: [1, 2, 2])
        $0.add("y", [1.0, 2, 3], shape: [3])
      }.contains("array y has shape [3]"))
    #expect(
      try refusal {
        $0.add("kernels", [1.0, 2, 2, 1], shape: [1, 2, 2])
        $0.add("y", [1.0, 2], shape: [2])
      }.contains("is not positive semidefinite: it fails at index 0, example 1"))
  }
}
