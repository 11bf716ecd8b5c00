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

  /// The same with other targets.
  private init(_ other: BankTests, targets: [Double]) {
    (scratch, images, self.targets) = (other.scratch, other.images, targets)
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
    try compareWithImages("bank.npz")
  }

  /// The script that writes the kernels of images with NumPy, end to end.
  @Test(.needsNumPy) func exportScript() throws {
    try write()
    let run = try ToolScript.run(
      "export_bank.py", ["data.npz", "exported.npz", "--mask", "2", "--stride", "2"], in: scratch)
    #expect(run.exitCode == 0, "\(run)")
    try compareWithImages("exported.npz")
  }

  /// A fit of a bank has the numbers of `--architecture cnn`.
  private func compareWithImages(_ bank: String) throws {
    let settings = ["--width", "20", "--temperature", "0.1", "--lambda1", "0.5", "--tolerance", "1e-11"]
    try Tool.succeed(
      ["fit", "--bank", bank] + settings + [
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
        "predict", "--model", "model.npz", "--data", bank, "--predictions", "again.csv", "--quiet",
      ], in: scratch)
    for (x, y) in zip(first, try numbers("again.csv")) { expectClose(x, y, relative: 1e-10, absolute: 1e-12) }
  }

  /// Labels of classes: a fit of the bank has the numbers of `--architecture cnn --likelihood softmax`, and so
  /// have predictions of its model.
  @Test(arguments: [2, 3], ["laplace", "ep"]) func softmax(classes: Int, approximation: String) throws {
    let labels = targets.indices.map { Double(classes == 2 ? 3 + $0 % 2 : 3 + $0 % 3) }
    let own = BankTests(self, targets: labels)
    try own.write()
    let settings =
      [
        "--width", "20", "--temperature", "0.3", "--lambda1", "0.5", "--tolerance", "1e-11", "--likelihood",
        "softmax",
      ]
      + ["--approximation", approximation]
    let bank = ["fit", "--bank", "bank.npz"] + settings
    let outputs = ["--report", "bank.json", "--predictions", "bank.csv", "--model", "model.npz", "--quiet"]
    guard approximation == "laplace" || classes == 2 else {
      try expectFailure(ExitCode.usage, ["'ep' for 3 classes"], bank, in: scratch)
      return
    }
    try Tool.succeed(bank + outputs, in: scratch)
    try Tool.succeed(
      [
        "fit", "--architecture", "cnn", "--mask", "2", "--standardize", "none", "--train", "data.npz",
        "--classification", "--report", "data.json", "--predictions", "data.csv", "--quiet",
      ] + settings, in: scratch)
    let a = try FitRecord(path: scratch.path("bank.json"))
    let b = try FitRecord(path: scratch.path("data.json"))
    expectClose(a.solution.orderParameter, b.solution.orderParameter, relative: 1e-9, absolute: 1e-10)
    expectClose(try #require(a.logEvidence), try #require(b.logEvidence), relative: 1e-10)
    expectClose(try #require(a.test?.nll), try #require(b.test?.nll), relative: 1e-9)
    let table = try scratch.text("bank.csv")
    #expect(table == table.replacing("\r", with: "") && table.contains("probability_3,probability_4"))
    let (first, second) = (try numbers("bank.csv"), try numbers("data.csv"))
    #expect(first.count == 4)
    for (x, y) in zip(first, second) { expectClose(x, y, relative: 1e-8, absolute: 1e-9) }
    try Tool.succeed(
      ["predict", "--model", "model.npz", "--data", "bank.npz", "--predictions", "again.csv", "--quiet"],
      in: scratch)
    for (x, y) in zip(first, try numbers("again.csv")) { expectClose(x, y, relative: 1e-8, absolute: 1e-9) }

    let grid = try Tool.succeed(
      ["fit", "--bank", "bank.npz", "--width", "10,infinite", "--temperature", "0.3,1", "--quiet"]
        + ["--likelihood", "softmax"], in: scratch
    ).output
    #expect(grid.contains("generalizationError,nll,brier,accuracy"))
    for line in grid.split(separator: "\n").dropFirst() {
      let fields = line.split(separator: ",", omittingEmptySubsequences: false)
      #expect(fields.count == 15 && (Double(fields[12]) ?? 0) > 0 && fields[9].isEmpty, "\(line)")
    }
  }

  @Test func labelsThatAreNone() throws {
    let softmax = [
      "fit", "--bank", "bank.npz", "--width", "9", "--temperature", "1", "--likelihood", "softmax",
    ]
    try write()
    try expectFailure(ExitCode.badData, ["array y", "at example 0", "integers"], softmax, in: scratch)
    try BankTests(self, targets: targets.map { _ in 4 }).write()
    try expectFailure(ExitCode.badData, ["one class"], softmax, in: scratch)
    try expectFailure(
      ExitCode.usage, ["--approximation has no meaning", "gaussian"],
      ["fit", "--bank", "bank.npz", "--width", "9", "--temperature", "1", "--approximation", "ep"], in: scratch)
  }

  /// The kernel of a deep network of infinite width as a bank of one: the predictions of scikit-learn 1.9.1
  /// (`GaussianProcessRegressor` with this kernel, alpha = 0.1).
  @Test func deepKernel() throws {
    let (p, all) = (8, 11)
    let points = (0..<all).map { p in (0..<3).map { sin(1.3 * Double(p) + 2.1 * Double($0)) } }
    func map(_ k: [[Double]], _ lambda: Double) -> [[Double]] {
      k.indices.map { a in
        k.indices.map { b in
          2 / Double.pi * asin(2 * k[a][b] / ((1 + 2 * k[a][a]) * (1 + 2 * k[b][b])).squareRoot()) / lambda
        }
      }
    }
    let first = points.map { a in points.map { b in zip(a, b).reduce(0) { $0 + $1.0 * $1.1 } / 3 } }
    let kernel = map(map(first, 0.7), 1.4)
    var bank = NPZWriter()
    bank.add("kernels", (0..<p).flatMap { kernel[$0][0..<p] }, shape: [1, p, p])
    bank.add("cross", (p..<all).flatMap { kernel[$0][0..<p] }, shape: [1, all - p, p])
    bank.add("diagonal", (p..<all).map { kernel[$0][$0] }, shape: [1, all - p])
    bank.add("y", (0..<p).map { cos(Double($0)) }, shape: [p])
    try bank.write(to: scratch.path("deep.npz"))
    try Tool.succeed(
      [
        "fit", "--bank", "deep.npz", "--width", "infinite", "--temperature", "0.1", "--predictions", "deep.csv",
        "--report", "deep.json", "--quiet",
      ], in: scratch)
    let rows = try numbers("deep.csv").map { Array($0.suffix(2)) }
    expectClose(
      rows.map { $0[0] }, [-0.7726303824801275, -0.3340714236378042, 0.6138391472797964],
      relative: 1e-10)
    expectClose(
      rows.map { $0[1] }, [0.02977530571540593, 0.028706869315365646, 0.027774457091997107],
      relative: 1e-9)
    let report = try FitRecord(path: scratch.path("deep.json"))
    expectClose(try #require(report.logEvidence), -10.229656349930654, relative: 1e-10)
  }

  @Test func tables() throws {
    try write()
    try Tool.succeed(
      [
        "fit", "--bank", "bank.npz", "--width", "10,infinite", "--temperature", "0.1,1", "--lambda1", "1,2",
        "--table", "table.csv", "--quiet",
      ], in: scratch)
    let lines = try scratch.text("table.csv").split(separator: "\n")
    #expect(lines.count == 9 && lines[1].hasPrefix("10,0.1,1.0,false,true,"))
    #expect(lines[8].hasPrefix(",1.0,2.0,true,true,1.0,1.0,1.0,"))

    // The same combinations from a file, with ranges, and others that run together.
    _ = try scratch.file(
      "grid.yaml", "width: 10\ninfinite-width: true\ntemperature: {logspace: [0.1, 1, 2]}\nlambda1: [1, 2]\n")
    try Tool.succeed(
      ["fit", "--bank", "bank.npz", "--grid", "grid.yaml", "--table", "grid.csv", "--quiet"], in: scratch)
    let parameters = { (lines: [Substring]) in
      Set(lines.map { $0.split(separator: ",", omittingEmptySubsequences: false).prefix(4) })
    }
    #expect(try parameters(scratch.text("grid.csv").split(separator: "\n")) == parameters(lines))
    _ = try scratch.file("zip.yaml", "width: [10, 20]\ntemperature: [0.1, 1]\ncombine: zip\n")
    try Tool.succeed(
      ["fit", "--bank", "bank.npz", "--grid", "zip.yaml", "--table", "zip.csv", "--quiet"], in: scratch)
    #expect(try scratch.text("zip.csv").split(separator: "\n").count == 3)
  }

  /// Plots read the table as that of a sweep.
  @Test(.needsGnuplot) func tablesArePlotted() throws {
    try write()
    try Tool.succeed(
      [
        "fit", "--bank", "bank.npz", "--width", "10,20,infinite", "--temperature", "0.1,1", "--table",
        "table.csv",
        "--quiet",
      ], in: scratch)
    try Tool.succeed(["plot", "error", "table.csv", "--output", "error.svg"], in: scratch)
  }

  @Test func grids() throws {
    try write()
    func refusal(_ text: String, _ further: [String] = []) throws -> String {
      _ = try scratch.file("bad.yaml", text)
      let run = try Tool.run(["fit", "--bank", "bank.npz", "--grid", "bad.yaml"] + further, in: scratch)
      #expect(run.exitCode != 0 && run.output.isEmpty, "\(run)")
      return run.errors
    }
    #expect(try refusal("width: 5\ntemperature: 1\nmask: 2\n").contains("bad.yaml:3"))
    #expect(try refusal("width: 5\n").contains("temperature"))
    #expect(try refusal("width: 5\ntemperature: -1\n").contains("a positive number"))
    #expect(try refusal("width: 5\ntemperature: 1\n", ["--width", "3"]).contains("--grid"))
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

    // Held-out points with variances that no process has.
    func heldOut(_ kernels: [Double], _ n: Int, cross: Double, diagonal: [Double]) throws -> String {
      try refusal {
        $0.add("kernels", kernels, shape: [n, n, 2, 2])
        $0.add("y", [1.0, 1], shape: [2])
        $0.add("cross", [Double](repeating: cross, count: 2 * n * n), shape: [n, n, 1, 2])
        $0.add("diagonal", diagonal, shape: [n, n, 1])
      }
    }
    let one = [1.0, 0, 0, 1]
    let two = one + [0, 0, 0, 0, 0, 0, 0, 0] + one
    #expect(try heldOut(one, 1, cross: 0, diagonal: [-1]).contains("diagonal is not positive semidefinite"))
    #expect(try heldOut(two, 2, cross: 0, diagonal: [1, -5, -5, 1]).contains("diagonal is not positive"))
    #expect(try heldOut(two, 2, cross: 0, diagonal: [1, 3, -3, 1]).contains("diagonal is not symmetric"))
    #expect(
      try heldOut(one, 1, cross: 0.9, diagonal: [1]).contains("held-out point 0 (from 0) a negative variance"))
  }
}
