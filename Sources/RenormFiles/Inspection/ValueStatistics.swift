internal import LinearAlgebra

/// Range and mean of the finite values of an array, and how many others there are.
package struct ValueStatistics: Equatable, Sendable, Codable {
  /// Smallest finite value; nil when there is none.
  package let minimum: Double?
  /// Largest finite value; nil when there is none.
  package let maximum: Double?
  /// Mean of the finite values; nil when there is none.
  package let mean: Double?
  package let nanCount: Int
  package let infiniteCount: Int

  init(_ array: TypedArray) {
    var minimum = Double.infinity
    var maximum = -Double.infinity
    // Kept as a mean where the sum overflows.
    var sum = 0.0
    var mean = 0.0
    var finite = 0
    var nans = 0
    var infinite = 0
    // A few examples at a time, so that a large file is never in memory as doubles.
    let step = max(1, 1 << 18 / max(array.valuesPerExample, 1))
    for start in stride(from: 0, to: array.count == 0 ? 0 : array.exampleCount, by: step) {
      let block = array.examples(start..<min(start + step, array.exampleCount))
      block.withUnsafeElements { elements in
        for value in elements {
          guard value.isFinite else {
            if value.isNaN { nans += 1 } else { infinite += 1 }
            continue
          }
          minimum = min(minimum, value)
          maximum = max(maximum, value)
          sum += value
          finite += 1
          mean += value / Double(finite) - mean / Double(finite)
        }
      }
    }
    self.minimum = finite > 0 ? minimum : nil
    self.maximum = finite > 0 ? maximum : nil
    self.mean = finite > 0 ? (sum.isFinite ? sum / Double(finite) : mean) : nil
    nanCount = nans
    infiniteCount = infinite
  }
}
