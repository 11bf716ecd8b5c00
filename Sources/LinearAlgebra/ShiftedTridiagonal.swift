internal import Foundation

/// The factorisation T I + s H = U diag(pivots) U^T, U unit lower bidiagonal, of a shifted tridiagonal matrix.
public struct ShiftedTridiagonal: Sendable {
  private let pivots: [Double]
  private let multipliers: [Double]
  /// log det(T I + s H).
  public let logDeterminant: Double
  /// Its derivative with respect to s, tr((T I + s H)^-1 H).
  public let logDeterminantDerivative: Double
  /// Its second derivative, -tr(((T I + s H)^-1 H)^2).
  public let logDeterminantSecondDerivative: Double

  init(
    _ h: TridiagonalReduction, shift: Double, scale: Double
  ) throws(LinearAlgebraError) {
    let order = h.order
    var pivots = [Double](repeating: 0, count: order)
    var multipliers = [Double](repeating: 0, count: max(order - 1, 0))
    var logDeterminant = 0.0
    var first = 0.0
    var second = 0.0
    // The derivatives of each pivot run along with the pivot: no cancellation between T and s H.
    var slope = 0.0
    var bend = 0.0
    for i in 0..<order {
      var pivot = shift + scale * h.diagonal[i]
      var nextSlope = h.diagonal[i]
      var nextBend = 0.0
      if i > 0 {
        let b = h.subdiagonal[i - 1]
        let previous = pivots[i - 1]
        let multiplier = scale * b / previous
        multipliers[i - 1] = multiplier
        pivot -= multiplier * scale * b
        nextSlope += multiplier * (multiplier * slope - 2 * b)
        let change = b - multiplier * slope
        nextBend = multiplier * multiplier * bend - 2 * change * change / previous
      }
      guard pivot.isFinite else { throw .notFinite(order: order) }
      guard pivot > 0 else { throw .notPositiveDefinite(pivot: i + 1, order: order) }
      pivots[i] = pivot
      (slope, bend) = (nextSlope, nextBend)
      logDeterminant += log(pivot)
      first += slope / pivot
      second += bend / pivot - (slope / pivot) * (slope / pivot)
    }
    self.pivots = pivots
    self.multipliers = multipliers
    self.logDeterminant = logDeterminant
    logDeterminantDerivative = first
    logDeterminantSecondDerivative = second
  }

  /// (T I + s H)^-1 b.
  public func solve(_ b: [Double]) -> [Double] {
    let order = pivots.count
    precondition(b.count == order, "\(b.count) numbers for order \(order)")
    var x = b
    for i in 1..<max(order, 1) { x[i] -= multipliers[i - 1] * x[i - 1] }
    for i in 0..<order { x[i] /= pivots[i] }
    for i in stride(from: order - 2, through: 0, by: -1) { x[i] -= multipliers[i] * x[i + 1] }
    return x
  }

  /// The diagonal of B^T (T I + s H)^-1 B for B of size P x k: forward substitution, eight columns at a time.
  public func inverseQuadraticForms(_ b: Matrix) -> [Double] {
    precondition(b.rows == pivots.count, "\(b.rows) rows for order \(pivots.count)")
    var result = [Double](repeating: 0, count: b.columns)
    let inversePivots = pivots.map { 1 / $0 }
    b.withUnsafeElements { b in
      var first = 0
      while first < result.count {
        // The last group repeats its last column.
        let columns = SIMD8<Int>((0..<8).map { min(first + $0, result.count - 1) * pivots.count })
        var previous = SIMD8<Double>.zero
        var sum = SIMD8<Double>.zero
        for i in 0..<pivots.count {
          var value = SIMD8(
            b[columns[0] + i], b[columns[1] + i], b[columns[2] + i], b[columns[3] + i], b[columns[4] + i],
            b[columns[5] + i], b[columns[6] + i], b[columns[7] + i])
          if i > 0 { value -= multipliers[i - 1] * previous }
          sum += inversePivots[i] * value * value
          previous = value
        }
        for k in 0..<min(8, result.count - first) { result[first + k] = sum[k] }
        first += 8
      }
    }
    return result
  }
}
