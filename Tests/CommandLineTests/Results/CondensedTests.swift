import RenormFiles
import TestSupport
import Testing

/// `renorm fit --order condensed`: report, predictions, models and refusals.
@Suite struct CondensedTests {
  let scratch: Scratch
  private static let condensed = ["--order", "condensed"]
  private let split = ["--test-fraction", "0.25"]

  init() throws {
    scratch = try Scratch()
    try scratch.write(Problem(count: 28), "train")
    try scratch.write(Problem(count: 15, classes: 3), "three")
  }

  private func fit(_ options: [String]) throws -> (report: JSON, predictions: Predictions) {
    try CommandLineTests.fit(Arguments.fc + Arguments.images + split + options, in: scratch)
  }

  @Test func report() throws {
    let (report, table) = try fit(Self.condensed)
    let plain = try fit([])
    let neuron = report["condensed"]
    #expect(neuron["neurons"] == .number(1))
    for key in ["readout", "readoutDeviation", "nodes", "effectiveNodes", "error"] {
      #expect(neuron[key].number > 0, "\(key)")
    }
    #expect(neuron["logRatio"].isNumber && neuron["alignment"].isNumber)
    #expect(neuron["effectiveNodes"].number <= neuron["nodes"].number)
    #expect(report.members["nextOrder"] == .null)
    #expect(report["leading"]["test"] == plain.report["test"])
    #expect(report["leading"]["orderParameter"] == plain.report["orderParameter"])
    #expect(report["orderParameter"] != plain.report["orderParameter"])
    let bias = zip(table.column("target"), table.column("mean")).map { ($0 - $1) * ($0 - $1) }.reduce(0, +)
    expectClose(report["test"]["bias"].number, bias / Double(table.rows.count), relative: 1e-12)
    let variance = table.column("variance").reduce(0, +) / Double(table.rows.count)
    expectClose(report["test"]["variance"].number, variance, relative: 1e-12)
    #expect(plain.report.members["condensed"] == nil)
    try scratch.file(
      "r.json",
      Tool.succeed(
        Arguments.fc + Arguments.images + split + Self.condensed + ["--report", "-"], in: scratch
      ).output)
    let record = try FitRecord(path: scratch.path("r.json"))
    #expect(record.condensed?.logRatio == neuron["logRatio"].number)
  }

  /// Cores only share the work.
  @Test func repeats() throws {
    let (one, all) = (try fit(Self.condensed + ["--threads", "1"]), try fit(Self.condensed))
    #expect(one.predictions.rows == all.predictions.rows && one.report["condensed"] == all.report["condensed"])
  }

  @Test func linear() throws {
    let linear = ["--activation", "linear"]
    let report = try fit(linear + Self.condensed).report
    #expect(report["condensed"]["neurons"] == .number(0))
    #expect(report["condensed"].members["readout"] == .null)
    let mixture = try fit(linear + ["--order", "mixture"]).report
    // The expansion of the mixture leaves order 1/N^2, N = 10.
    expectClose(report["logEvidence"].number, mixture["logEvidence"].number, absolute: 0.1)
  }

  @Test(arguments: [
    [], ["--neurons", "2", "--order-starts", "1", "--order-seed", "3"], ["--draws", "200"],
    ["--bulk-draws", "2000"],
  ])
  func predictReproduces(options: [String]) throws {
    // Readers of version 2 would leave the bulk's cumulant out.
    let version: [Double] = options.contains("--bulk-draws") ? [3] : [2]
    try Tool.succeed(
      Arguments.fc + Arguments.images + split + Self.condensed + options
        + ["--quiet", "--model", "m.npz", "--predictions", "f.csv", "--report", "f.json"], in: scratch)
    try Tool.succeed(
      ["predict", "--model", "m.npz", "--data", "train.images", "--labels", "train.labels", "--quiet"]
        + ["--predictions", "p.csv", "--report", "p.json"], in: scratch)
    #expect(try scratch.text("p.csv") == scratch.text("f.csv"))
    #expect(try NPZArchive.read(scratch.path("m.npz")).array("format_version").values() == version)
    let (fitted, predicted) = (try JSON(scratch.text("f.json")), try JSON(scratch.text("p.json")))
    #expect(predicted["condensed"] == fitted["condensed"] && predicted["test"] == fitted["test"])
  }

  @Test func compared() throws {
    let run = try Tool.succeed(
      ["compare"] + Arguments.fc.dropFirst() + Arguments.images + split
        + ["--samples", "60", "--warmup", "60", "--chains", "2", "--report", "c.json"] + Self.condensed,
      in: scratch)
    let report = try JSON(scratch.text("c.json"))
    let fitted = try fit(Self.condensed).report
    #expect(report["theory"]["condensed"] == fitted["condensed"])
    #expect(report["theory"]["corrected"]["test"] == fitted["test"])
    #expect(run.output.contains("condensed neuron  largest readout"))
    #expect(try CompareRecord(path: scratch.path("c.json")).theory.condensed?.neurons == 1)
    #expect(report["sampled"]["readoutHistogram"]["width"].number > 0)
    let picture = try Tool.succeed(["plot", "neurons", "c.json", "--script", "-"], in: scratch).output
    for title in ["others, sampled", "largest, sampled", "others, theory", "largest, theory"] {
      #expect(picture.contains(title))
    }
  }

  @Test func twoNeurons() throws {
    let output = try Tool.succeed(
      Arguments.fc + Arguments.images + split + Self.condensed + ["--neurons", "2", "--report", "two.json"],
      in: scratch
    ).output
    let neurons = try JSON(scratch.text("two.json"))["condensed"]
    #expect(neurons["neurons"].number == 2 && neurons["secondReadout"].number > 0)
    #expect(neurons["secondReadout"].number < neurons["readout"].number)
    #expect(output.contains(", second ") && output.contains("log Z2/Z1"))
    let picture = try Tool.succeed(["plot", "neurons", "two.json", "--script", "-"], in: scratch).output
    #expect(picture.contains("second, theory"))
  }

  @Test func refusals() throws {
    func refused(_ fragments: [String], _ arguments: [String]) throws {
      try expectFailure(ExitCode.usage, fragments, arguments + Self.condensed, in: scratch)
    }
    let fc = Arguments.fc + Arguments.images + split
    try refused(["activation 'relu'", "take erf, tanh or linear"], fc + ["--activation", "relu"])
    try refused(["architecture 'cnn'", "take fc"], Arguments.cnn + Arguments.images + split)
    try refused(["infinite width", "take a finite width"], fc + ["--infinite-width"])
    try refused(
      ["3 outputs"], Arguments.fc + ["--train", "three.images", "--train-labels", "three.labels"] + split)
    try refused(["neurons is 3", "1 or 2"], fc + ["--neurons", "3"])
    try refused(["starts is -1", "0 to 1000"], fc + ["--order-starts", "-1"])
    try refused(["importance draws with two", "take one"], fc + ["--neurons", "2", "--draws", "500"])
    try refused(["bulk-draws is 10", "1000 to"], fc + ["--bulk-draws", "10"])
    try refused(["cumulant beside two"], fc + ["--neurons", "2", "--bulk-draws", "5000"])
    try refused(
      ["activation 'hard-tanh'", "series do not converge"], fc + ["--activation", "hard-tanh"])
    try refused(["at width 4", "at least 5"], fc + ["--neurons", "2", "--width", "4"])
    try expectFailure(
      ExitCode.usage, ["--neurons is for --order condensed"], fc + ["--neurons", "2"], in: scratch)
  }
}
