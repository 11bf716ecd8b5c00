import Foundation
import Testing

/// The parts of a report that depend on the numbers only, not on names of files or the clock.
func numbers(_ report: JSON) -> [String: JSON] {
  report.members.filter { !["timing", "memory", "data", "warnings", "mask", "stride", "grid"].contains($0.key) }
}

/// A table of predictions.
struct Predictions {
  let header: [String]
  let rows: [[String]]

  init(_ text: String) {
    let lines = text.split(separator: "\n").map { line in
      line.split(separator: ",", omittingEmptySubsequences: false).map(String.init)
    }
    header = lines.first ?? []
    rows = Array(lines.dropFirst())
  }

  func column(_ name: String) -> [Double] {
    guard let column = header.firstIndex(of: name) else { return [] }
    return rows.map { column < $0.count ? Double($0[column]) ?? .nan : .nan }
  }
}

/// Fits with a report and predictions, and returns both.
func fit(
  _ arguments: [String], in scratch: Scratch, sourceLocation: SourceLocation = #_sourceLocation
) throws -> (report: JSON, predictions: Predictions) {
  let name = UUID().uuidString
  let files = ["--report", "\(name).json", "--predictions", "\(name).csv", "--quiet"]
  try Tool.succeed(arguments + files, in: scratch, sourceLocation: sourceLocation)
  return (try JSON(scratch.text("\(name).json")), Predictions(try scratch.text("\(name).csv")))
}
