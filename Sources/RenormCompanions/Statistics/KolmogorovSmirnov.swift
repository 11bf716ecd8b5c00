internal import Foundation

/// The test of Kolmogorov and Smirnov: the largest distance of two distribution functions.
package struct KolmogorovSmirnov: Equatable, Sendable {
  /// sup_x |F(x) - G(x)|.
  package let statistic: Double
  /// The probability of a larger statistic where both are equal: Kolmogorov's limit law at
  /// (sqrt(n) + 0.12 + 0.11/sqrt(n)) D (M. A. Stephens 1970), which is good to about 1 percent from n = 5 on.
  package let pValue: Double

  /// Draws against a distribution function, which may have jumps.
  package init(_ draws: [Double], _ distribution: (Double) -> Double) {
    let sorted = draws.sorted()
    let size = Double(sorted.count)
    var largest = 0.0
    var first = 0
    while first < sorted.count {
      var end = first + 1
      while end < sorted.count, sorted[end] == sorted[first] { end += 1 }
      let value = distribution(sorted[first])
      // Where draws coincide there may be an atom, of which only the upper end of the jump is known.
      let below = end - first == 1 ? abs(value - Double(first) / size) : 0
      largest = max(largest, abs(value - Double(end) / size), below)
      first = end
    }
    statistic = largest
    pValue = Self.pValue(largest, size: size)
  }

  /// Two samples of draws.
  package init(_ a: [Double], _ b: [Double]) {
    let (x, y) = (a.sorted(), b.sorted())
    var (i, j, largest) = (0, 0, 0.0)
    while i < x.count, j < y.count {
      let value = min(x[i], y[j])
      while i < x.count, x[i] <= value { i += 1 }
      while j < y.count, y[j] <= value { j += 1 }
      largest = max(largest, abs(Double(i) / Double(x.count) - Double(j) / Double(y.count)))
    }
    statistic = largest
    pValue = Self.pValue(largest, size: Double(x.count) * Double(y.count) / Double(x.count + y.count))
  }

  private static func pValue(_ statistic: Double, size: Double) -> Double {
    let root = size.squareRoot()
    let lambda = (root + 0.12 + 0.11 / root) * statistic
    guard lambda > 0.2 else { return 1 }
    let sum = (1...100).reduce(0.0) { sum, k in
      sum + (k.isMultiple(of: 2) ? -1 : 1) * exp(-2 * Double(k * k) * lambda * lambda)
    }
    return min(max(2 * sum, 0), 1)
  }
}
