import ArgumentParser
import Foundation
import RenormFiles

/// The options that say where results go.
struct OutputOptions: ParsableArguments {
  @Option(
    help: ArgumentHelp("Write the report as JSON; - for standard output.", valueName: "file"),
    completion: .file())
  var report: String?

  @Option(
    help: ArgumentHelp(
      "Write predictive means and variances as CSV; - for standard output.", valueName: "file"),
    completion: .file())
  var predictions: String?

  @Flag(help: "Print neither summary nor progress.")
  var quiet = false

  func validate() throws {
    if StandardOutput.isNamed(by: report), StandardOutput.isNamed(by: predictions) {
      throw ValidationError("--report and --predictions cannot both go to standard output")
    }
  }

  /// Whether a readable summary goes to standard output; not where another program reads it.
  ///
  /// - Parameter files: what else is written.
  func printsSummary(besides files: [String?] = []) -> Bool {
    !quiet && !([report, predictions] + files).contains { StandardOutput.isNamed(by: $0) }
  }

  /// Fails before long work where the results could not be written after it, or would replace each other or
  /// an input.
  ///
  /// - Parameter files: further options and the files they name, which cannot be standard output.
  func checkWritable(files: [(option: String, path: String?)] = [], inputs: [String?]) throws {
    for (option, path) in files where path == "-" {
      throw ValidationError("\(option) cannot go to standard output; give the name of a file")
    }
    try Self.checkWritable(files + [("--report", report), ("--predictions", predictions)], inputs: inputs)
  }

  /// The same for the files of any options; `-` and nil are left alone.
  static func checkWritable(_ outputs: [(option: String, path: String?)], inputs: [String?]) throws {
    var taken: [String: String] = [:]
    for input in inputs { if let input, input != "-" { taken[resolved(input)] = "an input" } }
    for (option, path) in outputs {
      guard let path, path != "-" else { continue }
      guard !path.isEmpty else { throw ValidationError("\(option) needs the name of a file") }
      try AtomicFile.checkWritable(path)
      let place: String
      switch try OutputTarget(path) {
      case .device: continue
      case .descriptor(let number): place = "descriptor \(number)"
      case .file(let file, _): place = resolved(file)
      }
      if let other = taken.updateValue(option, forKey: place) {
        throw ValidationError("\(path): is both \(other) and the file of \(option); give another name")
      }
    }
  }

  /// Fails where predictions are asked for and there is nothing to predict.
  func checkPredictions(of count: Int?) throws {
    guard predictions == nil || count != nil else {
      throw ValidationError("--predictions needs held-out examples: give --test or --test-fraction")
    }
  }

  /// Writes what was asked for; `table` is nil where nothing was predicted.
  func write(report text: @autoclosure () throws -> String, predictions table: @autoclosure () -> String?)
    throws
  {
    if let report { try Self.write(text(), to: report) }
    if let predictions, let table = table() { try Self.write(table, to: predictions) }
  }

  /// Writes text to a file, or to standard output for `-`.
  static func write(_ text: String, to path: String) throws(DataError) {
    if path == "-" { try StandardOutput.write(text) } else { try AtomicFile.write(text, to: path) }
  }

  /// The absolute path behind links.
  private static func resolved(_ path: String) -> String {
    URL(fileURLWithPath: path).resolvingSymlinksInPath().standardizedFileURL.path
  }
}
