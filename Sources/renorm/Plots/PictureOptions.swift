import ArgumentParser
import RenormFiles
import RenormPlot

/// The options that say where a picture goes.
struct PictureOptions: ParsableArguments {
  @Option(help: ArgumentHelp("Write the picture; the extension chooses .svg, .png or .pdf.", valueName: "file"))
  var output: String?

  @Option(
    help: ArgumentHelp("Write the gnuplot script with its data; - for standard output.", valueName: "file"))
  var script: String?

  func validate() throws {
    guard output != nil || script != nil else {
      throw ValidationError("Missing expected argument '--output <file>', or '--script <file>'")
    }
  }

  /// Fails before any reading where the picture could not be drawn or written.
  func check(inputs: [String]) throws {
    if let output {
      _ = try PictureFormat(path: output)
      try Gnuplot.requireInstalled()
    }
    try OutputOptions.checkWritable([("--output", output), ("--script", script)], inputs: inputs)
  }

  /// Writes what was asked for.
  func write(_ figure: Figure) throws {
    figure.warnings.forEach { ErrorLine.write("warning: \($0)") }
    if let script {
      let text = figure.script(
        try output.map { (path) throws(PlotError) in try PictureFormat(path: path) } ?? .svg)
      try OutputOptions.write(text, to: script)
    }
    if let output {
      for warning in try figure.write(to: output) { ErrorLine.write("warning: gnuplot: \(warning)") }
    }
  }
}
