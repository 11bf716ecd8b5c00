/// Mean and standard deviation, which divides by the count.
///
/// Values are divided by a power of two near the largest magnitude first, which is exact and keeps their
/// squares and sums in range: all finite values have finite moments, and small ones keep their digits.
package struct Moments: Equatable, Sendable {
  package let mean: Double
  /// 0 exactly where all values are equal, which rounding would hide, and only there or where it is below the
  /// smallest number.
  package let deviation: Double
  /// Whether all values are equal.
  package let isConstant: Bool

  /// The moments of finite values; of none they are 0.
  package init(_ values: [Double]) {
    guard let first = values.first, values.contains(where: { $0 != first }) else {
      mean = values.first ?? 0
      deviation = 0
      isConstant = true
      return
    }
    isConstant = false
    let largest = values.reduce(0) { max($0, abs($1)) }
    // Below, the scale would not be a normal number.
    let scale = Double(sign: .plus, exponent: max(largest.exponent, -1021), significand: 1)
    let count = Double(values.count)
    let mean = values.reduce(0) { $0 + $1 / scale } / count
    let squares = values.reduce(0) { $0 + ($1 / scale - mean) * ($1 / scale - mean) }
    self.mean = mean * scale
    deviation = (squares / count).squareRoot() * scale
  }
}
