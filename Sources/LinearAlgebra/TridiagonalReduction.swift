internal import CNumerics
internal import Foundation

/// The reduction K = Z H Z^T of a symmetric matrix to a tridiagonal H with an orthogonal Z (dsytrd).
///
/// It costs 4 P^3/3 operations once; afterwards T I + s K can be factored for any T and s in O(P).
public struct TridiagonalReduction: Sendable {
  /// The diagonal of H, P numbers.
  public let diagonal: [Double]
  /// The subdiagonal of H, P - 1 numbers.
  public let subdiagonal: [Double]
  private let reflectors: Matrix
  private let reflectorScales: [Double]

  /// Reduces K, of which only the lower triangle is read.
  ///
  /// - Throws: `LinearAlgebraError.notFinite`.
  public init(_ k: consuming Matrix) throws(LinearAlgebraError) {
    precondition(k.rows == k.columns && k.rows > 0, "reduction of a \(k.rows) x \(k.columns) matrix")
    try k.requireFiniteLowerTriangle()
    let order = k.rows
    var reflectors = k
    var diagonal = [Double](repeating: 0, count: order)
    // LAPACK wants room for at least one element even where the order is 1.
    var subdiagonal = [Double](repeating: 0, count: max(order - 1, 1))
    var scales = subdiagonal
    let info = withBLAS(order, order, order) {
      withLAPACKWork { work, count in
        LAPACKE_dsytrd_work(
          LAPACK_COL_MAJOR, lapackLower, Int32(order), &reflectors.elements, Int32(order), &diagonal,
          &subdiagonal, &scales, work, count)
      }
    }
    try LinearAlgebraError.check(info, order: order) { _ in .notFinite(order: order) }
    self.diagonal = diagonal
    self.subdiagonal = Array(subdiagonal.prefix(order - 1))
    self.reflectors = reflectors
    reflectorScales = scales
  }

  /// The order P.
  public var order: Int { diagonal.count }

  /// Z^T B for B of size P x k.
  public func rotate(_ b: Matrix) -> Matrix { multiply(b, transposed: true) }

  /// Z B for B of size P x k.
  public func rotateBack(_ b: Matrix) -> Matrix { multiply(b, transposed: false) }

  private func multiply(_ b: Matrix, transposed: Bool) -> Matrix {
    precondition(b.rows == order, "rotating \(b.rows) rows with order \(order)")
    var result = b
    guard b.columns > 0 else { return result }
    let info = withBLAS(order, order, b.columns) {
      withLAPACKWork { work, count in
        LAPACKE_dormtr_work(
          LAPACK_COL_MAJOR, CChar(UInt8(ascii: "L")), lapackLower, CChar(UInt8(ascii: transposed ? "T" : "N")),
          Int32(order), Int32(b.columns), reflectors.elements, Int32(order), reflectorScales, &result.elements,
          Int32(order), work, count)
      }
    }
    precondition(info == 0, "dormtr rejected argument \(-info)")
    return result
  }

  /// H x.
  public func multiply(_ x: [Double]) -> [Double] {
    precondition(x.count == order, "\(x.count) numbers for order \(order)")
    return (0..<order).map { i in
      diagonal[i] * x[i] + (i > 0 ? subdiagonal[i - 1] * x[i - 1] : 0)
        + (i + 1 < order ? subdiagonal[i] * x[i + 1] : 0)
    }
  }

  /// Factors T I + s H in O(P).
  ///
  /// - Throws: `LinearAlgebraError.notPositiveDefinite`, `.notFinite` where the elements overflow.
  public func shifted(by shift: Double, scale: Double) throws(LinearAlgebraError) -> ShiftedTridiagonal {
    try ShiftedTridiagonal(self, shift: shift, scale: scale)
  }
}

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

  fileprivate init(
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
