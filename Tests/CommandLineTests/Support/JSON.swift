import Foundation
import Testing

/// A JSON value that keeps the difference between true and 1.
enum JSON: Decodable, Equatable {
  case null
  case bool(Bool)
  case number(Double)
  case text(String)
  case array([JSON])
  case object([String: JSON])

  init(from decoder: any Decoder) throws {
    let container = try decoder.singleValueContainer()
    if container.decodeNil() {
      self = .null
    } else if let value = try? container.decode(Bool.self) {
      self = .bool(value)
    } else if let value = try? container.decode(Double.self) {
      self = .number(value)
    } else if let value = try? container.decode(String.self) {
      self = .text(value)
    } else if let value = try? container.decode([JSON].self) {
      self = .array(value)
    } else {
      self = .object(try container.decode([String: JSON].self))
    }
  }

  init(_ text: String) throws { self = try JSONDecoder().decode(JSON.self, from: Data(text.utf8)) }

  /// The value of a key; null where there is none.
  subscript(key: String) -> JSON { members[key] ?? .null }

  var members: [String: JSON] { if case .object(let members) = self { members } else { [:] } }
  var elements: [JSON] { if case .array(let elements) = self { elements } else { [] } }
  var number: Double { if case .number(let value) = self { value } else { .nan } }
  var isNumber: Bool { if case .number = self { true } else { false } }
  var isInteger: Bool { isNumber && number == number.rounded() }
  var isText: Bool { if case .text = self { true } else { false } }
  var isBool: Bool { if case .bool = self { true } else { false } }
  /// Rows of numbers.
  var matrix: [[Double]] { elements.map { $0.elements.map(\.number) } }
}

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

/// Expects that two numbers agree relative to the larger one.
func expectClose(
  _ a: Double, _ b: Double, _ tolerance: Double = 1e-9, sourceLocation: SourceLocation = #_sourceLocation
) {
  #expect(abs(a - b) <= tolerance * max(abs(a), abs(b), 1e-12), "\(a), \(b)", sourceLocation: sourceLocation)
}

func expectClose(
  _ a: [Double], _ b: [Double], _ tolerance: Double = 1e-9, sourceLocation: SourceLocation = #_sourceLocation
) {
  #expect(a.count == b.count, sourceLocation: sourceLocation)
  for (x, y) in zip(a, b) { expectClose(x, y, tolerance, sourceLocation: sourceLocation) }
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
