internal import Foundation

/// A colour scale for signed numbers with zero in its middle: linear, or logarithmic on both sides.
///
/// Symmetric-log is s(v) = sgn(v) log10(1 + |v|/c): linear below the threshold c and a decade a unit far above
/// it, smooth at zero (J. B. W. Webber, Meas. Sci. Technol. 24, 027001 (2013)). Data stay as they are in the
/// script; its function `scaled` maps them to colours.
public struct SignedScale: Equatable, Sendable {
  /// How numbers become colours.
  public enum Kind: String, CaseIterable, Sendable {
    case linear
    /// Symmetric-log.
    case symlog
  }

  struct Tick: Equatable {
    let value: Double
    let label: String
  }

  let kind: Kind
  /// The largest size of a number.
  let limit: Double
  /// c; of no meaning where the scale is linear.
  let threshold: Double

  /// A scale for all of `values`.
  ///
  /// c is the lower quartile of the sizes that are not zero, at least 1/10000 and at most 1/10 of the largest:
  /// most numbers have a colour of their own, and noise has none.
  init(_ kind: Kind, of values: some Sequence<Double>) {
    self.kind = kind
    let sizes = values.map(abs).filter { $0 > 0 && $0.isFinite }.sorted()
    limit = max(sizes.last ?? 0, 1e-12)
    let quartile = sizes.isEmpty ? limit : sizes[sizes.count / 4]
    threshold = Self.rounded(min(max(quartile, limit * 1e-4), limit * 0.1))
  }

  /// s(v), or v where the scale is linear.
  func place(_ value: Double) -> Double {
    guard kind == .symlog else { return value }
    let size = log10(1 + abs(value) / threshold)
    return value < 0 ? -size : size
  }

  /// The commands that fix the range and the labels of the colour bar.
  ///
  /// - Parameter labelsPerSide: the most labels on each side of zero.
  func commands(labelsPerSide: Int) -> [String] {
    let function = kind == .symlog ? "sgn(x)*log10(1 + abs(x)/\(threshold))" : "x"
    let ticks = ticks(perSide: labelsPerSide).map {
      "\(GnuplotText(markup: $0.label).quoted) \(place($0.value))"
    }
    return [
      "scaled(x) = \(function)", "set cbrange [\(-place(limit)):\(place(limit))]",
      "set cbtics (\(ticks.joined(separator: ", ")))",
    ]
  }

  /// Labels in ascending order, at zero and symmetrically around it.
  func ticks(perSide: Int) -> [Tick] {
    let positive = (kind == .linear ? linearTicks(perSide) : decades(perSide)).sorted()
    let zero = [Tick(value: 0, label: "0")]
    return positive.reversed().map { Tick(value: -$0, label: "−" + shortNumber($0)) } + zero
      + positive.map { Tick(value: $0, label: shortNumber($0)) }
  }

  /// Multiples of the smallest round step of which at most `count` fit.
  private func linearTicks(_ count: Int) -> [Double] {
    // A label at the very end would stick out.
    let end = limit * 0.98
    let power = pow(10, floor(log10(end / Double(count))))
    let step = [1.0, 2, 4, 5, 10].map { $0 * power }.first { floor(end / $0) <= Double(count) } ?? end
    let steps = Int((end / step).rounded(.down))
    return steps >= 1 ? (1...steps).map { Self.rounded(Double($0) * step) } : [Self.rounded(end)]
  }

  /// The largest number of one digit, and powers of ten downwards that stay apart from each other and from
  /// zero.
  private func decades(_ count: Int) -> [Double] {
    let distance = place(limit) / (Double(count) + 0.5)
    let power = pow(10, floor(log10(limit)))
    let powers = (0..<10).map { Self.rounded(power * pow(10, -Double($0))) }
    var result: [Double] = []
    for value in powers where result.count < count && place(value) >= 0.6 * distance {
      if result.last.map({ place($0) - place(value) >= distance }) ?? true { result.append(value) }
    }
    let largest = Self.rounded(floor(limit / power) * power)
    if result.count < count, result.first.map({ place(largest) - place($0) >= distance }) ?? true {
      result.append(largest)
    }
    return result
  }

  /// Two significant digits.
  private static func rounded(_ value: Double) -> Double { Double(String(format: "%.2g", value)) ?? value }
}
