import Foundation

/// Four significant digits.
func fourDigits(_ value: Double) -> String { String(format: "%.4g", value) }

/// Two significant digits.
func twoDigits(_ value: Double) -> String { String(format: "%.2g", value) }

/// `1.234 +- 0.056`.
func withError(_ value: Double, _ error: Double) -> String {
  fourDigits(value) + (error.isFinite ? " +- \(twoDigits(error))" : "")
}

extension String {
  /// The text with spaces behind it up to a length, for columns.
  func padded(_ length: Int) -> String { self + String(repeating: " ", count: max(0, length - count)) }
  /// The text with spaces before it.
  func right(_ length: Int) -> String { String(repeating: " ", count: max(0, length - count)) + self }
}

/// Rows of a table as lines, two spaces between columns.
///
/// - Parameter cell: brings a text to the width of its column.
func tableLines(_ rows: [[String]], _ cell: (String, Int) -> String) -> [String] {
  let widths = (rows.first ?? []).indices.map { column in rows.map { $0[column].count }.max() ?? 0 }
  return rows.map { zip($0, widths).map(cell).joined(separator: "  ") }
}
