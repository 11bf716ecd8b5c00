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
