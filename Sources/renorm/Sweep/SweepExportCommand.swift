import ArgumentParser
import RenormFiles
import RenormSweep

struct SweepExportCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "export",
    abstract: "Write the results of a sweep as a table.",
    discussion: """
      One row for each finished point with all parameters and all results; with --aggregate one row for each \
      set of repeats (points that differ in the shuffle seed alone) with means and standard errors. JSON holds \
      the whole order parameter of each point too.
      """)

  enum Format: String, ExpressibleByArgument, CaseIterable {
    case csv, json
  }

  @Argument(help: "Folder of the results.", completion: .directory) var folder: String
  @Option(help: "csv or json.") var format = Format.csv
  @Option(help: ArgumentHelp("The table; - for standard output.", valueName: "file"), completion: .file())
  var output = "-"
  @Flag(help: "Average over repeats.") var aggregate = false

  func run() throws {
    let store = try SweepStore(reading: folder)
    let records = try store.finishedRecords()
    let text: String
    switch (format, aggregate) {
    case (.csv, false): text = ResultTable(records).csv
    case (.csv, true): text = ResultTable.aggregated(records).csv
    case (.json, false): text = ResultTable.json(records)
    case (.json, true): text = ResultTable.aggregated(records).json
    }
    if output == "-" { try StandardOutput.write(text) } else { try AtomicFile.write(text, to: output) }
  }
}

extension SweepStore {
  /// The points that are finished, with a warning on standard error where others are not.
  func finishedRecords() throws -> [PointRecord] {
    let records = try records()
    let (total, missing) = (description.pointCount, description.pointCount - records.count)
    if missing > 0 { ErrorLine.write("warning: \(missing) of \(total) points are not finished") }
    return records
  }
}
