internal import Foundation

/// Values between two ends, both included.
enum AxisRange: String, CaseIterable {
  /// Equal differences.
  case linspace
  /// Equal ratios.
  case logspace

  /// The most values that a range may have.
  private static let largestCount = 100_000

  /// The values of `[a, b, n]`: n numbers from a to b.
  ///
  /// They are rounded to 12 significant digits, so that logspace(0.001, 1, 4) has the values 0.001, 0.01, 0.1,
  /// 1.
  func values(_ key: SweepKey, _ raw: UntypedValue) throws(SpecificationError) -> [Double] {
    let form = "\(rawValue): [a, b, n] with the first value, the last value and the number of values"
    guard case .list(let parts, let place) = raw, parts.count == 3 else {
      throw SpecificationError(raw.place, "\(key.rawValue): \(rawValue) needs three numbers; accepted: \(form)")
    }
    var numbers: [Double] = []
    for part in parts {
      guard case .scalar(let text, let place) = part, let number = Double(text), number.isFinite else {
        throw SpecificationError(
          part.place, "\(key.rawValue): \(rawValue) needs three numbers; accepted: \(form)")
      }
      guard self == .linspace || number > 0 else {
        throw SpecificationError(place, "\(key.rawValue): logspace from or to \(text); accepted: positive ends")
      }
      numbers.append(number)
    }
    guard let count = Int(exactly: numbers[2]), (2...Self.largestCount).contains(count) else {
      throw SpecificationError(
        place, "\(key.rawValue): \(rawValue) of \(numbers[2]) values; accepted: 2 to \(Self.largestCount)")
    }
    return (0..<count).map { value(Double($0) / Double(count - 1), numbers[0], numbers[1]) }
  }

  private func value(_ fraction: Double, _ a: Double, _ b: Double) -> Double {
    switch fraction {
    case 0: a
    case 1: b
    default:
      switch self {
      case .linspace: Self.rounded(a + fraction * (b - a))
      case .logspace: Self.rounded(pow(10, log10(a) + fraction * (log10(b) - log10(a))))
      }
    }
  }

  private static func rounded(_ value: Double) -> Double {
    Double(String(format: "%.12g", value)) ?? value
  }
}
