import RenormFiles
import Testing

/// `renorm fit --order`, the class in every report, and models that keep corrections.
@Suite struct NextOrderTests {
  let scratch: Scratch
  private static let next = ["--order", "next", "--draws", "4000"]
  private let split = ["--test-fraction", "0.25"]

  init() throws {
    scratch = try Scratch()
    try scratch.write(Problem(count: 28), "train")
    try scratch.write(Problem(count: 15, classes: 3), "three")
  }

  private func fit(
    _ network: [String], _ options: [String], sourceLocation: SourceLocation = #_sourceLocation
  ) throws -> (report: JSON, predictions: Predictions) {
    try CommandLineTests.fit(
      network + Arguments.images + split + options, in: scratch, sourceLocation: sourceLocation)
  }

  private func meanSquare(_ a: [Double], _ b: [Double]) -> Double {
    zip(a, b).map { ($0 - $1) * ($0 - $1) }.reduce(0, +) / Double(a.count)
  }

  /// The corrected numbers are those of the table, the leading ones those of a fit without corrections, and the
  /// shifts are their differences.
  @Test(arguments: [Arguments.fc, Arguments.lcn, Arguments.cnn, Arguments.cnn + ["--activation", "relu"]])
  func corrected(network: [String]) throws {
    let (report, table) = try fit(network, Self.next)
    let plain = try fit(network, [])
    let next = report["nextOrder"]
    for key in ["delta", "sigma", "biasShift", "varianceShift", "evidenceShift"] {
      #expect(next[key].isNumber, "\(key)")
    }
    for key in ["delta", "orderParameter", "means", "variances", "bias"] {
      #expect(next["standardErrors"][key].number > 0, "\(key)")
    }
    #expect(next["order"] == .text("next"))
    #expect(["reliable", "check", "sample"].map(JSON.text).contains(next["class"]))
    // Draws are rounded to whole pieces of at least 512.
    #expect(next["draws"].number >= 2048 && next["draws"].number <= 20 * 512)

    let leading = report["leading"]
    #expect(leading["test"] == plain.report["test"])
    #expect(leading["orderParameter"] == plain.report["orderParameter"])
    #expect(leading["logEvidence"] == plain.report["logEvidence"])
    #expect(report["orderParameter"] != plain.report["orderParameter"])
    let bias = meanSquare(table.column("target"), table.column("mean"))
    let leadingBias = meanSquare(plain.predictions.column("target"), plain.predictions.column("mean"))
    let variance = table.column("variance").reduce(0, +) / Double(table.rows.count)
    expectClose(report["test"]["bias"].number, bias, relative: 1e-12)
    expectClose(report["test"]["variance"].number, variance, relative: 1e-12)
    // Differences lose a few digits.
    expectClose(next["biasShift"].number, bias - leadingBias, absolute: 1e-12)
    expectClose(
      next["varianceShift"].number, variance - leading["test"]["variance"].number, absolute: 1e-12)
    expectClose(
      next["evidenceShift"].number, report["logEvidence"].number - leading["logEvidence"].number,
      absolute: 1e-9)
  }

  /// All numbers are in the units of the targets, also where the network has learnt others.
  @Test func unitsOfTheTargets() throws {
    var problem = Problem(count: 28)
    problem.labels = problem.images.map { $0.map(Int.init).reduce(0, +) }
    try scratch.file("sums.csv", problem.table)
    let arguments =
      ["fit", "--architecture", "fc", "--width", "10", "--temperature", "0.1", "--train", "sums.csv"]
      + split + ["--standardize-targets"] + Self.next
    let (report, table) = try CommandLineTests.fit(arguments, in: scratch)
    let next = report["nextOrder"]
    let (corrected, leading) = (report["test"], report["leading"]["test"])
    let bias = meanSquare(table.column("target"), table.column("mean"))
    // The sums are about 2000 with a deviation of a hundred.
    #expect(bias > 10)
    expectClose(corrected["bias"].number, bias, relative: 1e-9)
    expectClose(next["biasShift"].number, bias - leading["bias"].number, relative: 1e-6)
    expectClose(
      next["varianceShift"].number, corrected["variance"].number - leading["variance"].number, relative: 1e-6)
    expectClose(
      next["evidenceShift"].number, report["logEvidence"].number - report["leading"]["logEvidence"].number,
      absolute: 1e-9)
  }

  /// Draws belong to the seed: the same bytes again and on one thread, other draws within errors.
  @Test func seeds() throws {
    func run(_ options: [String]) throws -> (report: JSON, predictions: Predictions) {
      try fit(Arguments.cnn, Self.next + options)
    }
    let first = try run([])
    let again = try run(["--threads", "1"])
    #expect(again.predictions.rows == first.predictions.rows)
    #expect(again.report["nextOrder"] == first.report["nextOrder"])
    let other = try run(["--order-seed", "2"])
    #expect(other.predictions.rows != first.predictions.rows)
    let (a, b) = (first.report["nextOrder"], other.report["nextOrder"])
    // Five standard errors of a difference.
    let error = a["standardErrors"]["delta"].number + b["standardErrors"]["delta"].number
    #expect(abs(a["delta"].number - b["delta"].number) < 5 * error)
    #expect(a["delta"] != b["delta"])
  }

  /// Draws that a target error ends are repeated as they were.
  @Test(arguments: [["--draws", "3000"], ["--target-error", "0.2", "--order-seed", "7"]])
  func predictReproduces(draws: [String]) throws {
    let network = Arguments.cnn + Arguments.images + split
    try Tool.succeed(
      network + draws
        + ["--order", "next", "--quiet", "--model", "m.npz", "--predictions", "f.csv", "--report", "f.json"],
      in: scratch)
    try Tool.succeed(
      ["predict", "--model", "m.npz", "--data", "train.images", "--labels", "train.labels", "--quiet"]
        + ["--predictions", "p.csv", "--report", "p.json"], in: scratch)
    #expect(try scratch.text("p.csv") == scratch.text("f.csv"))
    // A reader of version 1 would predict at leading order.
    #expect(try NPZArchive.read(scratch.path("m.npz")).array("format_version").values() == [2])
    let (fitted, predicted) = (try JSON(scratch.text("f.json")), try JSON(scratch.text("p.json")))
    #expect(numbers(predicted) == numbers(fitted))
    #expect(predicted["nextOrder"]["order"] == .text("next"))
    #expect(predicted["leading"]["test"] != predicted["test"])
    // Corrected predictions at all examples of the file are those at its held-out part.
    try Tool.succeed(
      ["predict", "--model", "m.npz", "--data", "train.images", "--labels", "train.labels", "--quiet"]
        + ["--all-examples", "--predictions", "all.csv"], in: scratch)
    let all = Predictions(try scratch.text("all.csv")).column("mean")
    let part = Predictions(try scratch.text("p.csv")).column("mean")
    #expect(all.count == 28 && part.count == 7)
    expectClose(Array(all.suffix(7)), part, relative: 1e-9)
  }

  @Test(.needsNumPy) func damagedSettings() throws {
    try Tool.succeed(
      Arguments.fc + Arguments.images + Self.next + ["--quiet", "--model", "m.npz"], in: scratch)
    try Python.run(
      """
      import json
      d = dict(np.load('m.npz'))
      metadata = json.loads(bytes(d['metadata']))
      metadata['nextOrder']['blockSize'] = -5
      d['metadata'] = np.frombuffer(json.dumps(metadata).encode(), dtype=np.uint8)
      np.savez('changed.npz', **d)
      """, in: scratch)
    try expectFailure(
      ExitCode.badData, ["changed.npz", "block size is -5"],
      ["predict", "--data", "train.images", "--model", "changed.npz"], outputs: predictOutputs, in: scratch)
  }

  /// Small fits have the class, and no other number of theirs changes by it.
  @Test(arguments: [Arguments.fc, Arguments.lcn, Arguments.cnn]) func classByDefault(network: [String]) throws {
    let (report, table) = try fit(network, [])
    let next = report["nextOrder"]
    #expect(next["order"] == .text("leading"))
    #expect(next["class"].isText && next["delta"].isNumber && next["sigma"].number > 0)
    #expect(report.members["leading"] == nil)
    expectClose(
      report["test"]["bias"].number, meanSquare(table.column("target"), table.column("mean")), relative: 1e-12)
    // Without held-out examples sigma is that of the training inputs.
    let run = try Tool.succeed(network + Arguments.images + ["--report", "-"], in: scratch)
    let alone = try JSON(run.output)["nextOrder"]
    #expect(alone["class"].isText && alone["sigma"].number > 0)
    #expect(alone.members["biasShift"] == .null)
  }

  /// Larger fits have the class by a sketch, which gives delta and means alone; it agrees with the full
  /// correction.
  @Test func classOfLargerFits() throws {
    try scratch.write(Problem(count: 1400), "large")
    let data = ["--train", "large.images", "--train-labels", "large.labels"] + split
    let run = try Tool.succeed(Arguments.fc + data + ["--report", "-"], in: scratch)
    let sketch = try JSON(run.output)["nextOrder"]
    #expect(sketch["class"].isText && sketch["order"] == .text("leading"))
    #expect(sketch["standardErrors"]["sigma"].number > 0)
    #expect(sketch.members["varianceShift"] == .null && sketch.members["evidenceShift"] == .null)
    let full = try JSON(
      Tool.succeed(
        Arguments.fc + data + ["--order", "next", "--draws", "4000", "--report", "-"], in: scratch
      ).output)["nextOrder"]
    let (a, b) = (sketch["standardErrors"]["delta"].number, full["standardErrors"]["delta"].number)
    expectClose(
      sketch["delta"].number, full["delta"].number, relative: 0, absolute: 4 * (a * a + b * b).squareRoot())
    let summary = try Tool.succeed(Arguments.fc + data, in: scratch).output
    #expect(summary.contains("leading order     off in means by"))
  }

  @Test func noClass() throws {
    func class_(_ arguments: [String], _ data: [String] = Arguments.images) throws -> JSON? {
      let run = try Tool.succeed(arguments + data + ["--report", "-"], in: scratch)
      return try JSON(run.output).members["nextOrder"]
    }
    let three = ["--train", "three.images", "--train-labels", "three.labels"]
    #expect(try class_(Arguments.fc + ["--infinite-width"]) == .null)
    #expect(try class_(Arguments.fc, three) == .null)
    #expect(
      try class_(Arguments.fc + ["--node-prior", "bernoulli", "--node-parameter", "0.5"]) == .null)
  }

  @Test func refusals() throws {
    let fc = Arguments.fc + Arguments.images + split
    func refused(_ fragments: [String], _ arguments: [String]) throws {
      try expectFailure(ExitCode.usage, fragments, arguments, in: scratch)
    }
    try refused(["infinite width", "take a finite width"], fc + Self.next + ["--infinite-width"])
    try refused(
      ["3 outputs", "one output or two classes"],
      Arguments.fc + ["--train", "three.images", "--train-labels", "three.labels"] + split + Self.next)
    try refused(
      ["node prior 'bernoulli'", "'none'"],
      fc + Self.next + ["--node-prior", "bernoulli", "--node-parameter", "0.5"])
    try refused(["draws is 20", "100 to"], fc + ["--order", "next", "--draws", "20"])
    try refused(["target error is 0", "positive"], fc + ["--order", "next", "--target-error", "0"])
    try refused(["--draws is for --order next", "leading"], fc + ["--draws", "1000"])
    try refused(["--order-seed is for", "mixture"], fc + ["--order", "mixture", "--order-seed", "1"])
    try refused(["--draws and --target-error"], fc + Self.next + ["--target-error", "0.1"])
    try refused(["'first'", "leading", "mixture", "next"], fc + ["--order", "first"])
  }

  /// Cumulants of linear activations vanish.
  @Test(arguments: [Arguments.fc, Arguments.cnn]) func linearIsAMixture(network: [String]) throws {
    let linear = network + ["--activation", "linear"]
    let (mixture, next) = (
      try fit(linear, ["--order", "mixture"]), try fit(linear, ["--order", "next"])
    )
    #expect(mixture.predictions.rows == next.predictions.rows)
    #expect(mixture.report["orderParameter"] == next.report["orderParameter"])
    #expect(next.report["nextOrder"]["draws"] == .number(0))
    #expect(next.report["nextOrder"].members["standardErrors"] == .null)
    #expect(mixture.report["nextOrder"]["class"].isText)
    #expect(mixture.report["warnings"].elements.isEmpty)
    #expect(mixture.report["test"] != mixture.report["leading"]["test"])
  }

  /// The mixture alone is half of the order for other activations.
  @Test func mixtureWarns() throws {
    let report = try fit(Arguments.fc, ["--order", "mixture"]).report
    #expect(report["nextOrder"].members["class"] == .null)
    #expect(report["warnings"].elements.count == 1)
  }

  /// The correction is 1/N: draws are shared, so the ratio has hardly any noise; what is left is P/N and the
  /// square of the shift.
  @Test func falls() throws {
    func shift(_ width: String) throws -> Double {
      let network = ["fit", "--architecture", "fc", "--width", width, "--temperature", "0.1"]
      return try fit(network, ["--order", "next", "--draws", "20000"]).report["nextOrder"]["biasShift"].number
    }
    expectClose(try shift("200") / shift("400"), 2, relative: 0.15)
  }

  @Test func summary() throws {
    let network = Arguments.fc + Arguments.images + split
    let leading = try Tool.succeed(network, in: scratch).output
    #expect(leading.contains("\nleading order     off in means by "))
    #expect(leading.contains("take --order next: ") || leading.contains("sample the network"))
    let corrected = try Tool.succeed(network + ["--width", "100"] + Self.next, in: scratch).output
    #expect(corrected.contains("the numbers above are corrected: "))
  }

  /// The third column of a comparison is what a fit of the next order says.
  @Test func compared() throws {
    let network = Array(Arguments.cnn.dropFirst()) + Arguments.images + split
    let run = try Tool.succeed(
      ["compare"] + network
        + ["--samples", "60", "--warmup", "60", "--chains", "2", "--order", "next", "--order-draws", "4000"]
        + ["--report", "c.json", "--predictions", "c.csv"], in: scratch)
    let report = try JSON(scratch.text("c.json"))
    let (fitted, predictions) = try fit(Arguments.cnn, Self.next)
    let (theory, table) = (report["theory"], Predictions(try scratch.text("c.csv")))
    #expect(theory["nextOrder"] == fitted["nextOrder"])
    #expect(theory["test"] == fitted["leading"]["test"])
    for key in ["test", "orderParameter", "logEvidence"] {
      #expect(theory["corrected"][key] == fitted[key], "\(key)")
    }
    #expect(table.column("correctedMean") == predictions.column("mean"))
    #expect(table.column("correctedVariance") == predictions.column("variance"))
    let difference = meanSquare(table.column("correctedMean"), table.column("sampledMean")).squareRoot()
    expectClose(report["predictions"]["rmsDifferenceCorrected"].number, difference, relative: 1e-12)
    for row in report["comparison"].elements where row["correctedZ"].isNumber {
      let z = (row["corrected"].number - row["sampled"].number) / row["standardError"].number
      expectClose(row["correctedZ"].number, z, relative: 1e-12)
    }
    let bias = report["comparison"].elements.first { $0["name"] == .text("bias") }
    #expect(bias?["corrected"] == fitted["test"]["bias"])
    #expect(report["correctedVerdict"]["text"].isText && report["verdict"]["text"].isText)
    #expect(run.output.contains("corrected          z") && run.output.contains("\n  corrected       "))
    #expect(try CompareRecord(path: scratch.path("c.json")).theory.corrected?.test?.count == 7)
  }

  /// Without an order the class is there, and no corrected column.
  @Test func comparedAtLeadingOrder() throws {
    let run = try Tool.succeed(
      ["compare"] + Arguments.fc.dropFirst() + Arguments.images + split
        + ["--samples", "20", "--warmup", "20", "--chains", "2", "--report", "c.json"], in: scratch)
    let report = try JSON(scratch.text("c.json"))
    #expect(report["theory"]["nextOrder"]["order"] == .text("leading"))
    #expect(report["theory"].members["corrected"] == nil && report.members["correctedVerdict"] == nil)
    #expect(report["predictions"].members["rmsDifferenceCorrected"] == nil)
    #expect(run.output.contains("next order        delta ") && !run.output.contains("  corrected  "))
  }

  /// Reports are read again, those of earlier versions too.
  @Test func records() throws {
    try Tool.succeed(
      Arguments.cnn + Arguments.images + split + Self.next + ["--quiet", "--report", "r.json"], in: scratch)
    let record = try FitRecord(path: scratch.path("r.json"))
    let json = try JSON(scratch.text("r.json"))
    #expect(record.nextOrder?.delta == json["nextOrder"]["delta"].number)
    #expect(record.nextOrder?.standardErrors?.bias == json["nextOrder"]["standardErrors"]["bias"].number)
    #expect(record.leading?.test?.bias == json["leading"]["test"]["bias"].number)
    #expect(record.solution.orderParameter.row(1) == json["orderParameter"].matrix[1])
    let old = try Tool.succeed(
      Arguments.fc + Arguments.images + ["--infinite-width", "--report", "-"], in: scratch
    ).output.replacing(/"nextOrder" *: *null,/, with: "")
    #expect(!old.contains("nextOrder"))
    try scratch.file("old.json", old)
    #expect(try FitRecord(path: scratch.path("old.json")).nextOrder == nil)
  }
}
