import ArgumentParser
import Foundation
import RenormFiles

/// Where the results of a companion theory go.
struct CompanionOutput: ParsableArguments {
  @Option(help: ArgumentHelp("Write the report as JSON; - for standard output.", valueName: "file"))
  var report: String?

  @Flag(help: "Print no summary.")
  var quiet = false

  /// Fails before any work where the report could not be written or would replace an input.
  func check(inputs: [String?] = []) throws {
    try OutputOptions.checkWritable([("--report", report)], inputs: inputs)
  }

  /// Prints warnings, writes the report, and prints the summary unless another program reads the report.
  ///
  /// - Throws: `EncodingError` where a number is not finite, also without a report.
  func write(_ record: some CompanionRecord) throws {
    let json = try RecordEncoder.json(record)
    record.warnings.forEach { ErrorLine.write("warning: \($0)") }
    if let report { try OutputOptions.write(json, to: report) }
    if !quiet, report != "-" { try StandardOutput.write(record.summary + "\n") }
  }

  /// Of a single point its report, of several one with a row for each.
  func write(points: [some TabulatedRecord]) throws {
    if points.count == 1 { try write(points[0]) } else { try write(PointsRecord(points: points)) }
  }
}

/// The report of a companion theory. Its keys are an interface: other programs read them.
protocol CompanionRecord: Encodable {
  /// The same for a reader, without a line feed at the end.
  var summary: String { get }
  /// What a user should know; each is one line. None by default.
  var warnings: [String] { get }
}

extension CompanionRecord {
  var warnings: [String] { [] }
}

/// A report that can be a row of a table.
protocol TabulatedRecord: CompanionRecord {
  /// Headings and values; reports of one command have the same headings.
  var row: [(heading: String, value: String)] { get }
}

/// The report of a command that was given lists of values: one of its reports for every combination.
struct PointsRecord<Point: TabulatedRecord>: CompanionRecord {
  let points: [Point]

  private enum CodingKeys: String, CodingKey { case points }

  /// Each once, with the number of points that it holds for.
  var warnings: [String] {
    var counts: [(text: String, count: Int)] = []
    for warning in points.flatMap(\.warnings) {
      if let k = counts.firstIndex(where: { $0.text == warning }) {
        counts[k].count += 1
      } else {
        counts.append((warning, 1))
      }
    }
    return counts.map { $0.count == 1 ? $0.text : "\($0.text) (\($0.count) points)" }
  }

  var summary: String {
    let rows = points.map(\.row)
    guard let first = rows.first else { return "" }
    let table = [first.map(\.heading)] + rows.map { $0.map(\.value) }
    return tableLines(table) { $0.right($1) }.joined(separator: "\n")
  }
}

/// Seed and threads of a companion theory that draws.
struct RandomOptions: ParsableArguments {
  @Option(parsing: .unconditional, help: "Seed of all random numbers (0 to 4294967295).")
  var seed: UInt32 = 1

  @Option(
    parsing: .unconditional,
    help: "Threads to use; results do not depend on it. (default: all cores)")
  var threads: Int?

  func validate() throws {
    if let threads, threads < 1 { throw ValidationError("threads is \(threads); accepted: at least 1") }
  }
}

/// Only a seed: for commands whose result may be exact.
struct SeedOption: ParsableArguments {
  @Option(
    parsing: .unconditional, help: "Accepted by all commands of this group; this one draws nothing.")
  var seed: UInt32 = 1
}

/// A number for JSON: null where it is not finite.
func jsonNumber(_ value: Double) -> Nullable<Double> { Nullable(value.isFinite ? value : nil) }
