import Foundation
import Testing

/// The parts of a report that depend on the numbers only, not on names of files or the clock.
func numbers(_ report: JSON) -> [String: JSON] {
  report.members.filter {
    !["timing", "memory", "data", "warnings", "mask", "stride", "grid"].contains($0.key)
  }
}

/// Expects the numbers of a fit in the report of its model, whose log evidence is computed again, with sums in
/// an order that depends on the processor: equal to some roundings.
func expectSame(
  _ read: JSON, _ fitted: JSON, sourceLocation: SourceLocation = #_sourceLocation
) {
  var (own, expected) = (numbers(read), numbers(fitted))
  let (a, b) = (own.removeValue(forKey: "logEvidence"), expected.removeValue(forKey: "logEvidence"))
  #expect(own == expected, sourceLocation: sourceLocation)
  if let a, let b, a != .null || b != .null {
    #expect(abs(a.number - b.number) <= 1e-13 * abs(b.number), sourceLocation: sourceLocation)
  }
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
