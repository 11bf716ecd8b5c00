import Foundation
import LinearAlgebra
import RenormFiles
import TestSupport
import Testing

/// `renorm fit --arrays` against the report and the predictions of the same fit.
@Suite struct ArraysTests {
  let scratch: Scratch

  init() throws {
    scratch = try Scratch()
    try scratch.write(Problem(count: 16, seed: 5), "train")
    try scratch.write(Problem(count: 7, seed: 6), "test")
    try scratch.write(Problem(count: 15, classes: 3, seed: 7), "three")
    try scratch.write(Problem(count: 8, classes: 3, seed: 8), "three2")
  }

  /// The evidence from eigenvalues and a solve with the kernel of the archive, tr A from both, and the
  /// variances as the diagonal of the covariance. 1e-9: A has a condition of about 1e3.
  @Test(arguments: ["fc", "lcn", "cnn"], ["erf", "linear"])
  func evidence(architecture: String, activation: String) throws {
    let options = ["--architecture", architecture, "--activation", activation, "--arrays", "a.npz"]
    let (report, predictions) = try fit(
      Arguments.cnn + options + Arguments.images + Arguments.testImages, in: scratch)
    let archive = try NPZArchive.read(scratch.path("a.npz"))
    let kernel = try #require(try archive.array("kernel").matrix())
    let eigenvalues = try archive.array("eigenvalues").values()
    let y = try archive.array("targets").values()
    let q = try #require(try archive.array("order_parameter").matrix())
    let (p, n) = (16, q.rows)
    #expect(kernel.rows == p && eigenvalues.count == p && eigenvalues == eigenvalues.sorted())
    expectClose(eigenvalues.reduce(0, +), (0..<p).reduce(0) { $0 + kernel[$1, $1] }, relative: 1e-12)
    let a = Matrix(rows: p, columns: p) { kernel[$0, $1] + ($0 == $1 ? 0.1 : 0) }
    let solved = try Cholesky(a).solve(Matrix(rows: p, columns: 1, elements: y)).elements
    let form = zip(y, solved).reduce(0) { $0 + $1.0 * $1.1 }
    let trace = (0..<n).reduce(0) { $0 + q[$1, $1] }
    let logDeterminant = try SymmetricEigen(q).values.reduce(0) { $0 + log($1) }
    let fitted = eigenvalues.reduce(0) { $0 + log(0.1 + max($1, 0)) } + form + Double(p) * log(2 * .pi)
    let expected = -0.5 * (10 * (trace - logDeterminant - Double(n)) + fitted)
    expectClose(report["logEvidence"].number, expected, relative: 1e-9)

    let covariance = try archive.array("covariance")
    #expect(covariance.shape == [1, 7, 7])
    let elements = covariance.values()
    let variances = (0..<7).map { elements[8 * $0] }
    expectClose(variances, predictions.column("variance"), relative: 1e-9, absolute: 1e-12)
    expectClose(
      try archive.array("mean").values(), predictions.column("mean"), relative: 1e-12, absolute: 1e-12)
    // A row-major grid of 2 x 2, or one position.
    let positions = try archive.array("positions").values()
    #expect(positions == (architecture == "fc" ? [0, 0] : [0, 0, 0, 1, 1, 0, 1, 1]))
  }

  /// Outputs have covariances of their own, and an order parameter without positions.
  @Test func severalOutputs() throws {
    let data = [
      "--train", "three.images", "--train-labels", "three.labels", "--test", "three2.images", "--test-labels",
      "three2.labels",
    ]
    let (_, predictions) = try fit(Arguments.fc + ["--arrays", "a.npz"] + data, in: scratch)
    let archive = try NPZArchive.read(scratch.path("a.npz"))
    #expect(!archive.names.contains("positions"))
    #expect(try archive.array("order_parameter").shape == [3, 3])
    #expect(try archive.array("eigenvalues").shape == [45])
    let covariance = try archive.array("covariance")
    #expect(covariance.shape == [3, 8, 8])
    let elements = covariance.values()
    for output in 0..<3 {
      expectClose(
        (0..<8).map { elements[64 * output + 9 * $0] }, predictions.column("variance_\(output)"),
        relative: 1e-9,
        absolute: 1e-12)
    }
  }

  @Test func standardOutputIsRefused() throws {
    let run = try Tool.run(Arguments.fc + Arguments.images + ["--arrays", "-"], in: scratch)
    #expect(run.exitCode == 64 && run.errors.contains("--arrays cannot go to standard output"), "\(run.errors)")
  }
}
