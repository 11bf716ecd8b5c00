internal import Foundation

/// Whether an axis is linear or logarithmic, and the edges of cells on it.
struct AxisScale: Equatable, Sendable {
  let isLogarithmic: Bool

  /// Logarithmic where all values are positive and span at least a decade.
  init(_ values: [Double]) {
    let smallest = values.min() ?? 0
    isLogarithmic = smallest > 0 && (values.max() ?? 0) >= 10 * smallest * (1 - 1e-12)
  }

  /// The commands for an axis `x` or `y`, with tick labels that fit its values.
  func commands(_ axis: String, _ values: [Double]) -> [String] {
    guard isLogarithmic else { return [] }
    let isLarge = (values.min() ?? 0) < 0.001 || (values.max() ?? 0) > 1e5
    return ["set logscale \(axis)", "set format \(axis) '\(isLarge ? "10^{%L}" : "%g")'"]
  }

  /// The edges between neighbouring values, and beyond the first and last: one more than there are values.
  func edges(_ values: [Double]) -> [Double] {
    let map = { (value: Double) in isLogarithmic ? log(value) : value }
    let back = { (value: Double) in isLogarithmic ? exp(value) : value }
    guard let first = values.first, let last = values.last else { return [] }
    guard values.count > 1 else {
      return isLogarithmic || first > 0 ? [first / 2, first * 2] : [first - 1, first + 1]
    }
    let places = values.map(map)
    let middle = zip(places, places.dropFirst()).map { ($0 + $1) / 2 }
    let before = map(first) - (places[1] - places[0]) / 2
    let after = map(last) + (places[places.count - 1] - places[places.count - 2]) / 2
    return ([before] + middle + [after]).map(back)
  }
}
