internal import Foundation

/// Whether an axis is linear or logarithmic, and the edges of cells on it.
struct AxisScale: Equatable, Sendable {
  let isLogarithmic: Bool

  /// Logarithmic where all values are positive and span at least a decade.
  init(_ values: [Double]) {
    let smallest = values.min() ?? 0
    isLogarithmic = smallest > 0 && (values.max() ?? 0) >= 10 * smallest * (1 - 1e-12)
  }

  /// The commands for an axis `x` or `y`, with labels at the values themselves where they are few and short.
  func commands(_ axis: String, _ values: [Double], ticksAtValues: Bool = true) -> [String] {
    let places = Set(values).sorted()
    let labels = places.map(shortNumber)
    let areFew = ticksAtValues && places.count <= 8 && labels.allSatisfy { $0.count <= 5 } && areApart(places)
    // Below each other all labels fit; beside each other every second one, where they are long.
    let letters = labels.reduce(0) { $0 + $1.count + 1 }
    let step = axis == "x" && letters > 26 ? 2 : 1
    let ticks = zip(places, labels).enumerated().map { index, tick in
      "\(GnuplotText(markup: index % step == 0 ? tick.1 : "").quoted) \(tick.0)"
    }.joined(separator: ", ")
    guard isLogarithmic else { return areFew ? ["set \(axis)tics (\(ticks))"] : [] }
    let isWide = (places.first ?? 0) < 0.001 || (places.last ?? 0) > 1e5
    return ["set logscale \(axis)"]
      + (areFew
        ? ["set \(axis)tics (\(ticks))", "unset m\(axis)tics"]
        : ["set format \(axis) '\(isWide ? "10^{%L}" : "%g")'"])
  }

  /// Whether labels at the values would not overlap.
  private func areApart(_ places: [Double]) -> Bool {
    let steps = zip(places, places.dropFirst()).map { place($1) - place($0) }
    guard let first = places.first, let last = places.last, let least = steps.min() else { return true }
    return least >= (place(last) - place(first)) / 10
  }

  private func place(_ value: Double) -> Double { isLogarithmic ? log(value) : value }

  /// A little more than the values span, as `low:high`.
  func range(_ values: [Double]) -> String {
    let (low, high) = (values.min() ?? 0, values.max() ?? 1)
    if isLogarithmic {
      let factor = pow(high / low, 0.05)
      return "\(low / factor):\(high * factor)"
    }
    let margin = high > low ? 0.05 * (high - low) : max(abs(high) * 0.1, 0.1)
    return "\(low - margin):\(high + margin)"
  }

  /// The edges between neighbouring values, and beyond the first and last: one more than there are values.
  func edges(_ values: [Double]) -> [Double] {
    let back = { (value: Double) in isLogarithmic ? exp(value) : value }
    guard let first = values.first, let last = values.last else { return [] }
    guard values.count > 1 else {
      return isLogarithmic || first > 0 ? [first / 2, first * 2] : [first - 1, first + 1]
    }
    let places = values.map(place)
    let middle = zip(places, places.dropFirst()).map { ($0 + $1) / 2 }
    let before = place(first) - (places[1] - places[0]) / 2
    let after = place(last) + (places[places.count - 1] - places[places.count - 2]) / 2
    return ([before] + middle + [after]).map(back)
  }
}
