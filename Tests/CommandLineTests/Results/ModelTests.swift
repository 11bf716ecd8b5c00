import RenormFiles
import TestSupport
import Testing

/// `renorm fit --model`, then `renorm predict`.
@Suite struct ModelTests {
  let scratch: Scratch
  private static let cnn = [
    "--architecture", "cnn", "--width", "10", "--temperature", "0.1", "--mask", "2", "--shape", "1x4x4",
  ]
  private static let twoFiles = Arguments.images + Arguments.testImages
  private static let threeClasses = [
    "--train", "three.images", "--train-labels", "three.labels", "--test", "three2.images", "--test-labels",
    "three2.labels",
  ]

  init() throws {
    scratch = try Scratch()
    try scratch.write(Problem(count: 16, seed: 5), "train")
    try scratch.write(Problem(count: 7, seed: 6), "test")
    try scratch.write(Problem(count: 15, classes: 3, seed: 7), "three")
    try scratch.write(Problem(count: 8, classes: 3, seed: 8), "three2")
  }

  /// Fits, predicts the file that the fit held out, and expects the same table and report.
  private func expectReproduced(
    _ arguments: [String], data: [String] = ["--data", "test.images", "--labels", "test.labels"],
    sourceLocation: SourceLocation = #_sourceLocation
  ) throws {
    try Tool.succeed(
      ["fit"] + arguments + ["--model", "m.npz", "--report", "f.json", "--predictions", "f.csv", "--quiet"],
      in: scratch, sourceLocation: sourceLocation)
    try Tool.succeed(
      ["predict", "--model", "m.npz"] + data + ["--report", "p.json", "--predictions", "p.csv", "--quiet"],
      in: scratch, sourceLocation: sourceLocation)
    let table = try scratch.text("f.csv")
    #expect(try scratch.text("p.csv") == table, sourceLocation: sourceLocation)
    #expect(Predictions(table).rows.count >= 2, sourceLocation: sourceLocation)
    let fitted = numbers(try JSON(scratch.text("f.json")))
    #expect(numbers(try JSON(scratch.text("p.json"))) == fitted, sourceLocation: sourceLocation)
  }

  /// A reader of version 1 would ignore the node prior.
  @Test(arguments: ["fc", "cnn"]) func nodePrior(architecture: String) throws {
    try expectReproduced(
      Self.cnn + ["--architecture", architecture] + Self.twoFiles + [
        "--node-prior", "bernoulli", "--node-parameter", "0.5",
      ])
    #expect(try NPZArchive.read(scratch.path("m.npz")).array("format_version").values() == [2])
    let report = try JSON(scratch.text("f.json"))
    #expect(report["nodePrior"] == .text("bernoulli"))
    let open = report["nodeScales"]["openFraction"].number
    #expect(open > 0 && open < 1)
  }

  @Test(
    arguments: ["fc", "lcn", "cnn"],
    [
      [], ["--activation", "relu"], ["--activation", "linear"], ["--infinite-width"],
      ["--standardize", "feature"],
      ["--standardize", "none"], ["--shuffle-seed", "5"], ["--lambda0", "0.3", "--lambda1", "7"],
    ])
  func twoFiles(architecture: String, options: [String]) throws {
    try expectReproduced(Self.cnn + ["--architecture", architecture] + Self.twoFiles + options)
  }

  @Test(arguments: [
    ["--readout", "mean-pool"], ["--readout", "mean-pool", "--activation", "relu", "--width", "100"],
    ["--readout", "exponential", "--length-scale", "1.5"], ["--mask", "3x2", "--stride", "1x2"],
  ])
  func convolutions(options: [String]) throws {
    try expectReproduced(Self.cnn + Self.twoFiles + options)
  }

  @Test(arguments: [
    [], ["--activation", "relu"], ["--infinite-width"], ["--classes", "2,0,1"], ["--test-count", "5"],
    ["--shuffle-seed", "1", "--train-count", "12"],
  ])
  func severalClasses(options: [String]) throws {
    try expectReproduced(
      Self.cnn + ["--architecture", "fc"] + Self.threeClasses + options,
      data: ["--data", "three2.images", "--labels", "three2.labels"])
  }

  @Test(arguments: [["--infinite-width"], ["--readout", "mean-pool"]]) func severalClassesOfACNN(
    options: [String]
  ) throws {
    try expectReproduced(
      Self.cnn + Self.threeClasses + options, data: ["--data", "three2.images", "--labels", "three2.labels"])
  }

  @Test(arguments: [["--classes", "1,0"], ["--classes", "2,1", "--shuffle-seed", "3", "--test-count", "3"]])
  func chosenClasses(options: [String]) throws {
    try expectReproduced(
      Self.cnn + Self.threeClasses + options, data: ["--data", "three2.images", "--labels", "three2.labels"])
  }

  @Test(arguments: [
    [], ["--shuffle-seed", "11"], ["--shuffle-seed", "11", "--test-count", "3", "--train-count", "6"],
  ])
  func testFraction(options: [String]) throws {
    try expectReproduced(
      Self.cnn + Arguments.images + ["--test-fraction", "0.4"] + options,
      data: ["--data", "train.images", "--labels", "train.labels"])
  }

  @Test(arguments: [[], ["--classification"], ["--target-column", "3"]]) func tables(options: [String]) throws {
    let network = ["--architecture", "fc", "--width", "10", "--temperature", "0.1"]
    let files = ["--train", "train.csv", "--test", "test.csv"]
    try expectReproduced(network + files + options, data: ["--data", "test.csv"])
  }

  @Test func gzippedCopyOfTheTestFile() throws {
    try scratch.gzip("test.images")
    try expectReproduced(
      Self.cnn + Self.twoFiles + ["--shuffle-seed", "5"],
      data: ["--data", "test.images.gz", "--labels", "test.labels"])
  }

  @Test(arguments: [[], ["--grayscale"], ["--grayscale", "--standardize", "feature", "--shuffle-seed", "2"]])
  func cifar(options: [String]) throws {
    for (name, seed) in [("one.bin", UInt64(1)), ("two.bin", 2)] {
      let images = Problem(count: 6, height: 96, width: 32, seed: seed).images
      try scratch.file(name, TestSupport.cifar(images.enumerated().map { (UInt8($0 % 2), $1) }))
    }
    let network = ["--architecture", "cnn", "--width", "10", "--temperature", "0.1", "--mask", "16"]
    try expectReproduced(
      network + ["--train", "one.bin", "--test", "two.bin"] + options, data: ["--data", "two.bin"])
  }

  @Test func withoutLabels() throws {
    try expectReproduced(Self.cnn + Self.twoFiles)
    try Tool.succeed(
      [
        "predict", "--model", "m.npz", "--data", "test.images", "--report", "n.json", "--predictions",
        "n.csv", "--quiet",
      ],
      in: scratch)
    let known = Predictions(try scratch.text("f.csv"))
    let blind = Predictions(try scratch.text("n.csv"))
    #expect(blind.header == known.header)
    #expect(blind.rows.allSatisfy { $0[1].isEmpty })
    #expect(blind.rows.map { $0.dropFirst(2) } == known.rows.map { $0.dropFirst(2) })
    let test = try JSON(scratch.text("n.json"))["test"]
    #expect(test["count"] == .number(7))
    #expect(test["variance"].isNumber)
    for key in ["bias", "generalizationError", "accuracy"] { #expect(test.members[key] == .null) }
  }

  /// Any other file is predicted as a whole, in its order.
  @Test func anotherFile() throws {
    try expectReproduced(Self.cnn + Self.twoFiles + ["--shuffle-seed", "5", "--test-count", "3"])
    let part = [6, 2, 3, 0]
    try scratch.write(Problem(count: 7, seed: 6), "whole")
    try scratch.write(Problem(count: 7, seed: 6).examples(part), "part")
    let predict = ["predict", "--model", "m.npz", "--quiet", "--predictions", "-"]
    let whole = try Tool.succeed(
      predict + ["--data", "whole.images", "--labels", "whole.labels", "--all-examples"], in: scratch)
    let other = try Tool.succeed(predict + ["--data", "part.images", "--labels", "part.labels"], in: scratch)
    for column in ["target", "mean", "variance"] {
      let all = Predictions(whole.output).column(column)
      #expect(all.count == 7)
      expectClose(Predictions(other.output).column(column), part.map { all[$0] }, relative: 1e-9)
    }
  }

  @Test(.needsNumPy)
  func numpyOpensTheModel() throws {
    try expectReproduced(Self.cnn + Self.twoFiles)
    let printed = try Python.run(
      """
      import json
      m = np.load('m.npz')
      metadata = json.loads(bytes(m['metadata']))
      report = json.load(open('f.json'))
      assert m['format_version'].shape == () and m['format_version'] == 1
      assert (m['order_parameter'] == np.array(report['orderParameter'])).all()
      assert metadata['network']['temperature'] == report['temperature'] == 0.1
      assert m['x_train'].shape == (16, 1, 4, 4) and m['y_train'].shape == (16, 1)
      assert abs(m['x_train'].mean()) < 1e-12 and abs(m['x_train'].std() - 1) < 1e-12
      print('good')
      """, in: scratch)
    #expect(printed == "good\n")
  }

  /// The predictor is (K* A^-1 y, k** - K* A^-1 K*^T) with A = T + K: on the training set NumPy finds the
  /// same from the stored kernel alone.
  @Test(
    .needsNumPy,
    arguments: [
      ["--architecture", "fc"], ["--architecture", "lcn"], [], ["--activation", "relu"], ["--infinite-width"],
    ])
  func kernelReproducesThePredictor(options: [String]) throws {
    try Tool.succeed(
      ["fit"] + Self.cnn + Arguments.images + options + ["--model", "m.npz", "--quiet"], in: scratch)
    try Tool.succeed(
      ["predict", "--model", "m.npz", "--data", "train.images", "--labels", "train.labels"]
        + ["--predictions", "p.csv", "--quiet"], in: scratch)
    let printed = try Python.run(
      """
      m = np.load('m.npz')
      y = m['y_train'][:, 0]
      K = np.zeros((len(y), len(y)))
      K[np.triu_indices(len(y))] = m['kernel']
      K = np.triu(K) + np.triu(K, 1).T
      A = K + 0.1 * np.eye(len(y))
      mean = K @ np.linalg.solve(A, y)
      variance = np.diag(K - K @ np.linalg.solve(A, K))
      for row in zip(y, mean, variance): print(*map(float, row), sep=',')
      """, in: scratch)
    let expected = printed.split(separator: "\n").map { $0.split(separator: ",").map { Double($0) ?? .nan } }
    let table = Predictions(try scratch.text("p.csv"))
    #expect(expected.count == 16)
    for (k, column) in ["target", "mean", "variance"].enumerated() {
      expectClose(table.column(column), expected.map { $0[k] }, relative: 1e-9)
    }
  }
}
