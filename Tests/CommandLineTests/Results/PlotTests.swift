import Foundation
import Testing

/// `renorm plot`: pictures, scripts, and what happens where there are none.
@Suite struct PlotTests {
  let scratch: Scratch

  init() throws {
    scratch = try Scratch()
    try scratch.file(
      "predictions.csv", "index,target,mean,variance\n0,1,0.8,0.1\n1,-1,-0.5,0.2\n2,1,-0.1,0.1\n")
    let rows = ["fc", "cnn"].flatMap { architecture in
      ["10,false", "100,false", ",true"].flatMap { width in
        ["0.01", "0.1"].map { "\(architecture),\(width),\($0),1,ok,true,0.\(10 + $0.count)\(width.count),0.9" }
      }
    }
    try scratch.file(
      "table.csv",
      (["architecture,width,infiniteWidth,temperature,lambda1,status,converged,generalizationError,accuracy"]
        + rows)
        .joined(separator: "\n") + "\n")
  }

  /// Arguments of every kind that files from a fit are needed for, made once.
  private func fitted() throws -> [[String]] {
    try scratch.write(Problem(count: 16), "train")
    try Tool.succeed(
      Arguments.cnn + Arguments.images + ["--model", "model.npz", "--report", "fit.json", "--quiet"],
      in: scratch)
    return [
      ["order-parameter", "model.npz"], ["order-parameter", "fit.json"],
      ["order-parameter", "model.npz", "--scale", "symlog"],
      ["similarity", "model.npz", "--count", "8"],
    ]
  }

  private static let tables = [
    ["error", "table.csv", "--filter", "temperature=0.1"],
    ["error", "table.csv", "--best-over", "temperature"],
    ["error", "table.csv", "--x", "temperature", "--y", "accuracy"],
    ["heatmap", "table.csv", "--x", "width", "--y", "temperature", "--filter", "architecture=fc"],
    ["predictions", "predictions.csv"], ["calibration", "predictions.csv", "--temperature", "0.1"],
    ["predictions", "predictions.csv", "--view", "confusion"],
  ]

  /// Every kind in every format.
  @Test(.needsGnuplot) func pictures() throws {
    for (index, arguments) in (try Self.tables + fitted()).enumerated() {
      for (format, start) in [("svg", "<?xml"), ("png", "\u{89}PNG"), ("pdf", "%PDF-")] {
        let run = try Tool.succeed(["plot"] + arguments + ["--output", "\(index).\(format)"], in: scratch)
        #expect(run.output.isEmpty)
        #expect(!run.errors.contains("gnuplot"), "\(run)")
        let bytes = try scratch.bytes("\(index).\(format)")
        #expect(bytes.starts(with: start.unicodeScalars.map { UInt8($0.value) }))
        guard format == "svg" else { continue }
        #expect(isWellFormed(String(decoding: bytes, as: UTF8.self)), "\(arguments)")
      }
    }
  }

  @Test func scripts() throws {
    for arguments in try Self.tables + fitted() {
      let run = try Tool.succeed(["plot"] + arguments + ["--script", "-"], in: scratch)
      #expect(run.output.hasPrefix("# Draw with: gnuplot") && run.output.contains("$data1 << EOD"))
    }
  }

  /// The terminal follows the picture, and both may be written.
  @Test(.needsGnuplot) func scriptBesideAPicture() throws {
    try Tool.succeed(
      ["plot", "predictions", "predictions.csv", "--script", "figure.gp", "--output", "figure.pdf"], in: scratch
    )
    #expect(try scratch.text("figure.gp").contains("set terminal pdfcairo"))
  }

  /// Without gnuplot there is a line that names the package, before anything is read.
  @Test func missingGnuplot() throws {
    let launch = try Launch(
      "/usr/bin/env",
      ["PATH=", try Tool.path(), "plot", "predictions", "missing.csv", "--output", "figure.svg"],
      in: scratch)
    let run = try launch.finish()
    #expect(run.exitCode == 69 && run.errors.contains("gnuplot-nox") && run.errorLines.count == 2, "\(run)")
    #expect(!scratch.names().contains("figure.svg"))
    // The script needs no gnuplot.
    let script = try Launch(
      "/usr/bin/env",
      ["PATH=", try Tool.path(), "plot", "predictions", "predictions.csv", "--script", "figure.gp"],
      in: scratch)
    #expect(try script.finish().exitCode == 0)
  }

  @Test func failures() throws {
    try scratch.file("short.csv", "width,infiniteWidth\n10,false\n")
    try scratch.file("text.csv", "width,generalizationError\nten,0.1\n")
    let curves = (1...13).map { "10,\($0),0.1" }
    try scratch.file(
      "curves.csv", (["width,lambda1,generalizationError"] + curves).joined(separator: "\n") + "\n")
    let script = ["--script", "out/figure.gp"]
    let cases: [(Int32, [String], [String])] = [
      (ExitCode.usage, ["--output", "--script"], ["error", "table.csv"]),
      (ExitCode.missingInput, ["none.csv", "no such file"], ["error", "none.csv"] + script),
      (
        ExitCode.badData, ["short.csv", "generalizationError", "width, infiniteWidth"],
        ["error", "short.csv"] + script
      ),
      (
        ExitCode.badData, ["text.csv: row 2, column 1: 'ten' in the column 'width'"],
        ["error", "text.csv"] + script
      ),
      (
        ExitCode.badData, ["temperature=7", "0.01, 0.1"],
        ["error", "table.csv", "--filter", "temperature=7"] + script
      ),
      (
        ExitCode.usage, ["--filter 'breadth=7'", "architecture"],
        ["error", "table.csv", "--filter", "breadth=7"] + script
      ),
      (
        ExitCode.usage, ["architecture (fc, cnn); set --filter PARAMETER=VALUE"],
        ["heatmap", "table.csv", "--x", "width", "--y", "temperature"] + script
      ),
      (ExitCode.usage, ["--x", "alpha"], ["error", "table.csv", "--x", "breadth"] + script),
      (ExitCode.usage, ["figure.jpg", ".svg"], ["error", "table.csv", "--output", "out/figure.jpg"]),
      (ExitCode.badData, ["no column 'mean'"], ["predictions", "table.csv"] + script),
      (ExitCode.usage, ["--report", "--temperature"], ["calibration", "predictions.csv"] + script),
      (ExitCode.usage, ["--report"], ["predictions", "predictions.csv", "--bars", "label"] + script),
      (ExitCode.usage, ["linear", "symlog"], ["order-parameter", "model.npz", "--scale", "log"] + script),
      (
        ExitCode.badData, ["predictions.csv", "accepted is a report (JSON)"],
        ["calibration", "predictions.csv", "--report", "predictions.csv"] + script
      ),
      (
        ExitCode.usage, ["two classes, but the classes given are 3; set --report FILE or --classes"],
        ["predictions", "predictions.csv", "--classes", "3"] + script
      ),
      (
        ExitCode.usage, ["13 curves", "set --filter PARAMETER=VALUE or --best-over PARAMETER"],
        ["error", "curves.csv"] + script
      ),
      (
        ExitCode.cannotCreate, ["nowhere/figure.gp"],
        ["predictions", "predictions.csv", "--script", "nowhere/figure.gp"]
      ),
      (ExitCode.usage, ["an input"], ["predictions", "predictions.csv", "--script", "predictions.csv"]),
      (
        ExitCode.badData, ["predictions.csv", "is not JSON; accepted is a model"],
        ["order-parameter", "predictions.csv"] + script
      ),
    ]
    for (code, fragments, arguments) in cases {
      try expectFailure(code, fragments, ["plot"] + arguments, outputs: [], in: scratch)
    }
  }

  @Test(.needsGnuplot) func pictureThatCannotBeCreated() throws {
    try expectFailure(
      ExitCode.cannotCreate, ["nowhere/figure.svg"],
      ["plot", "predictions", "predictions.csv", "--output", "nowhere/figure.svg"],
      outputs: [], in: scratch)
  }

  /// A fully connected network has a number, not a matrix.
  @Test func orderParameterOfAFullyConnectedNetwork() throws {
    try scratch.write(Problem(count: 8), "train")
    try Tool.succeed(Arguments.fc + Arguments.images + ["--report", "fc.json", "--quiet"], in: scratch)
    try expectFailure(
      ExitCode.usage, ["a single number", "renorm plot error"],
      ["plot", "order-parameter", "fc.json", "--script", "out/figure.gp"], outputs: [], in: scratch)
  }

  /// The temperature of a report, in the units of the targets, and its classes: what a user would give by hand.
  @Test func reportOfTheFit() throws {
    let rows = (0..<40).map { i -> String in
      let x = Double(i % 20) / 10 - 1
      return "\(x),\(x * x - 0.5),\(300 + 40 * x + (i % 3 == 0 ? 5 : -3)),\(x > 0.1 ? "malignant" : "benign")"
    }
    try scratch.file("data.csv", "a,b,y,kind\n" + rows.joined(separator: "\n") + "\n")
    let fit = [
      "fit", "--architecture", "fc", "--width", "30", "--temperature", "0.04", "--quiet", "--train", "data.csv",
    ]
    try Tool.succeed(
      fit + ["--test", "data.csv", "--target-column", "y", "--drop-columns", "kind", "--standardize-targets"]
        + ["--report", "fit.json", "--predictions", "fit.csv"], in: scratch)
    try Tool.succeed(
      fit + [
        "--test", "data.csv", "--target-column", "kind", "--drop-columns", "y", "--report", "classes.json",
      ]
        + ["--predictions", "classes.csv"], in: scratch)

    let scale = try JSON(scratch.text("fit.json"))["data"]["targetScaling"]["scale"].number
    #expect(scale > 5)
    func script(_ arguments: [String]) throws -> String {
      try Tool.succeed(["plot"] + arguments + ["--script", "-"], in: scratch).output
    }
    let noise = ["--temperature", "\(0.04 * (scale * scale))"]
    #expect(
      try script(["calibration", "fit.csv", "--report", "fit.json"])
        == script(["calibration", "fit.csv"] + noise))
    #expect(
      try script(["predictions", "fit.csv", "--report", "fit.json", "--bars", "label"])
        == script(["predictions", "fit.csv"] + noise))
    let other = try Tool.succeed(
      ["plot", "calibration", "fit.csv", "--report", "fit.json", "--temperature", "0.04", "--script", "-"],
      in: scratch)
    #expect(other.errors.contains("0.04 is used; that of the report is"))
    let classes = try script(["calibration", "classes.csv", "--report", "classes.json"])
    #expect(classes.contains("share of class malignant") && classes.contains("is not expected"))
    #expect(try script(["predictions", "classes.csv"]).contains("benign (−1)"))
  }

  @Test func formatOfTheScript() throws {
    for (format, terminal) in [("png", "pngcairo"), ("pdf", "pdfcairo"), ("svg", "svg")] {
      let run = try Tool.succeed(
        ["plot", "predictions", "predictions.csv", "--script", "-", "--format", format], in: scratch)
      #expect(run.output.contains("set terminal \(terminal)"))
    }
  }

  /// Every option of pictures with a list of values offers it.
  @Test func completion() throws {
    let script = try Tool.succeed(["--generate-completion-script", "bash"], in: scratch).output
    let cases: [(String, String, [String])] = [
      ("error", "--x", ["width", "alpha", "temperature"]),
      ("error", "--y", ["generalization-error", "accuracy"]),
      ("error", "--best-over", ["temperature", "lambda1"]), ("error", "--filter", ["architecture=", "width="]),
      ("heatmap", "--x", ["temperature", "lambda1"]), ("heatmap", "--value", ["generalization-error"]),
      ("order-parameter", "--scale", ["linear", "symlog"]), ("similarity", "--scale", ["linear", "symlog"]),
      ("predictions", "--view", ["points", "confusion"]), ("predictions", "--bars", ["f", "label"]),
      ("calibration", "--format", ["svg", "png", "pdf"]),
    ]
    for (kind, option, values) in cases {
      let function = try #require(script.components(separatedBy: "_renorm_plot_\(kind)() {").dropFirst().first)
      let rest = try #require(function.components(separatedBy: "'\(option)')\n").dropFirst().first)
      let branch = rest.components(separatedBy: ";;")[0]
      for value in values { #expect(branch.contains(value), "\(kind) \(option): \(branch)") }
    }
  }

  /// Left-out points are counted on standard error, and the picture is made.
  @Test func warnings() throws {
    let table = try scratch.text("table.csv").replacing("100,false,0.1,1,ok", with: "100,false,0.1,1,failed")
    try scratch.file("failed.csv", table)
    let run = try Tool.succeed(
      ["plot", "error", "failed.csv", "--filter", "temperature=0.1", "--script", "figure.gp"], in: scratch)
    #expect(run.errors == "renorm: warning: 2 of 6 points are left out: 2 failed\n")
  }
}

/// Whether a text is well-formed XML: elements close in order, and nothing stray stands between them.
/// Foundation's parser is a separate library on some systems.
private func isWellFormed(_ text: String) -> Bool {
  var open: [Substring] = []
  for match in text.matches(of: /<(\/?)([A-Za-z][\w:.-]*)([^<>]*?)(\/?)>/) {
    if !match.1.isEmpty {
      guard open.popLast() == match.2 else { return false }
    } else if match.4.isEmpty {
      open.append(match.2)
    }
  }
  let isStray = text.replacing(/<[^<>]*>/, with: "").contains { $0 == "<" || $0 == ">" }
  let isUnescaped = text.replacing(/&(amp|lt|gt|quot|apos|#\d+|#x[0-9a-fA-F]+);/, with: "").contains("&")
  return open.isEmpty && !isStray && !isUnescaped
}
