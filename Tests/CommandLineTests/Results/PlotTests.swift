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
      ["similarity", "model.npz", "--count", "8"],
    ]
  }

  private static let tables = [
    ["error", "table.csv", "--filter", "temperature=0.1"],
    ["error", "table.csv", "--best-over", "temperature"],
    ["error", "table.csv", "--x", "temperature", "--y", "accuracy"],
    ["heatmap", "table.csv", "--x", "width", "--y", "temperature", "--filter", "architecture=fc"],
    ["predictions", "predictions.csv"], ["calibration", "predictions.csv", "--temperature", "0.1"],
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
        ExitCode.usage, ["architecture (fc, cnn)", "--filter"],
        ["heatmap", "table.csv", "--x", "width", "--y", "temperature"] + script
      ),
      (ExitCode.usage, ["--x", "alpha"], ["error", "table.csv", "--x", "breadth"] + script),
      (ExitCode.usage, ["figure.jpg", ".svg"], ["error", "table.csv", "--output", "out/figure.jpg"]),
      (ExitCode.badData, ["no column 'mean'"], ["predictions", "table.csv"] + script),
      (ExitCode.usage, ["--temperature"], ["calibration", "predictions.csv"] + script),
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
