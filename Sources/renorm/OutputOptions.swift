import ArgumentParser
import Foundation
import RenormData

/// The options that say where results go.
struct OutputOptions: ParsableArguments {
  @Option(help: ArgumentHelp("Write the report as JSON; - for standard output.", valueName: "file"))
  var report: String?

  @Option(
    help: ArgumentHelp("Write predictive means and variances as CSV; - for standard output.", valueName: "file"))
  var predictions: String?

  @Flag(help: "Print neither summary nor progress.")
  var quiet = false

  func validate() throws {
    if report == "-", predictions == "-" {
      throw ValidationError("--report and --predictions cannot both go to standard output")
    }
  }

  /// Whether a readable summary goes to standard output; not where another program reads it.
  var printsSummary: Bool { !quiet && report != "-" && predictions != "-" }

  /// Fails before long work where the results could not be written after it.
  func checkWritable(_ further: String?...) throws {
    for path in [report, predictions] + further {
      guard let path, path != "-" else { continue }
      try AtomicFile.checkWritable(path)
    }
  }

  /// Writes what was asked for; `table` is nil where nothing was predicted.
  func write(report text: @autoclosure () throws -> String, predictions table: @autoclosure () -> String?) throws {
    if let report { try Self.write(text(), to: report) }
    if let predictions {
      guard let table = table() else {
        throw ValidationError("--predictions needs held-out examples: give --test or --test-fraction")
      }
      try Self.write(table, to: predictions)
    }
  }

  private static func write(_ text: String, to path: String) throws {
    if path == "-" {
      try FileHandle.standardOutput.write(contentsOf: Data(text.utf8))
    } else {
      try AtomicFile.write(text, to: path)
    }
  }
}
