import ArgumentParser
import RenormFiles
import RenormPlot

extension PictureFormat: ExpressibleByArgument {}

extension SignedScale.Kind: ExpressibleByArgument {}

/// The options that say where a picture goes.
struct PictureOptions: ParsableArguments {
  @Option(
    help: ArgumentHelp("Write the picture; the extension chooses .svg, .png or .pdf.", valueName: "file"),
    completion: .file(extensions: PictureFormat.allCases.map(\.rawValue)))
  var output: String?

  @Option(
    help: ArgumentHelp("Write the gnuplot script with its data; - for standard output.", valueName: "file"),
    completion: .file(extensions: ["gp"]))
  var script: String?

  @Option(help: "Format of the picture. (default: by the extension; svg for a script alone)")
  var format: PictureFormat?

  func validate() throws {
    guard output != nil || script != nil else {
      throw ValidationError("Missing expected argument '--output <file>', or '--script <file>'")
    }
  }

  /// Fails before any reading where the picture could not be drawn or written.
  func check(inputs: [String]) throws {
    if let output {
      if format == nil { _ = try PictureFormat(path: output) }
      try Gnuplot.requireInstalled()
    }
    try OutputOptions.checkWritable([("--output", output), ("--script", script)], inputs: inputs)
  }

  /// Writes what was asked for.
  func write(_ figure: Figure) throws {
    figure.warnings.forEach { ErrorLine.write("warning: \($0)") }
    if let script {
      let chosen =
        if let format { format } else if let output { try PictureFormat(path: output) } else {
          PictureFormat.svg
        }
      try OutputOptions.write(figure.script(chosen), to: script)
    }
    if let output {
      for warning in try figure.write(to: output, format: format) {
        ErrorLine.write("warning: gnuplot: \(warning)")
      }
    }
  }
}
