internal import Foundation
internal import LinearAlgebra

/// Hermite coefficients of s(v^(1/2) z) at a few deviations v^(1/2), by the trapezoidal rule over z, which for
/// functions that are smooth and decay at both ends converges faster than any power of the step:
///
///     alpha_k = int s(v^(1/2) z) phi(z)^(1/2) psi_k(z) dz,   psi_k = phi^(1/2) He_k/k!^(1/2),
///
/// phi the normal density. The Hermite functions psi_k follow from psi_(k+1) = (z psi_k - k^(1/2) psi_(k-1))/(k
/// + 1)^(1/2), which is stable, and are bounded by 1.
struct HermiteQuadrature {
  private let deviations: [Double]
  private let isOdd: Bool
  private let function: @Sendable (Double) -> Double
  /// Beyond it phi^(1/2) times a power of z is below rounding.
  private static let end = 13.0
  private static let smallestStep = 1.0 / 2048
  private var step = 1.0 / 8

  init(_ deviations: [Double], isOdd: Bool, _ function: @escaping @Sendable (Double) -> Double) {
    (self.deviations, self.isOdd, self.function) = (deviations, isOdd, function)
  }

  /// Coefficients at the deviations, and the mean squares of s.
  struct Coefficients {
    /// Terms x deviations.
    var values: Matrix
    /// E[s^2].
    var squares: [Double]

    /// The largest part of E[s^2] that the coefficients do not make up.
    var largestRemainder: Double {
      squares.indices.reduce(0) { largest, p in
        let sum = (0..<values.rows).reduce(0.0) { $0 + values[$1, p] * values[$1, p] }
        return squares[p] > 0 ? max(largest, abs(squares[p] - sum) / squares[p]) : largest
      }
    }

    /// The number of terms after which no coefficient exceeds `tolerance` times the root of E[s^2]; at least 1.
    func terms(above tolerance: Double) -> Int {
      let last = (0..<values.rows).last { k in
        squares.indices.contains { abs(values[k, $0]) > tolerance * squares[$0].squareRoot() }
      }
      return (last ?? 0) + 1
    }

    /// What the coefficients from a term on make up of E[s^2], at most over the deviations.
    func tails(_ terms: Int) -> [Double] {
      var result = [Double](repeating: 0, count: terms + 1)
      for p in squares.indices where squares[p] > 0 {
        var sum = 0.0
        for k in (0..<terms).reversed() {
          sum += values[k, p] * values[k, p] / squares[p]
          result[k] = max(result[k], sum)
        }
      }
      return result
    }
  }

  /// The coefficients of orders below `order`, with a step that resolves the waves of psi_k, of number k^(1/2).
  mutating func rough(below order: Int) -> Coefficients {
    step = min(step, pow(2, (log2(1 / (Double(order).squareRoot() + 4))).rounded(.down)))
    return sum(order, step: step)
  }

  /// These coefficients with a step that is halved until they do not change; nil where they do not settle.
  mutating func settled(_ rough: Coefficients, below order: Int, tolerance: Double) -> Coefficients? {
    var current = rough
    while step > Self.smallestStep {
      step /= 2
      let finer = sum(order, step: step)
      let isSettled = deviations.indices.allSatisfy { p in
        let size = max(finer.squares[p], 0).squareRoot()
        return abs(finer.squares[p] - current.squares[p]) <= tolerance * finer.squares[p]
          && (0..<finer.values.rows).allSatisfy {
            abs(finer.values[$0, p] - current.values[$0, p]) <= tolerance * size
          }
      }
      if isSettled { return finer }
      current = finer
    }
    return nil
  }

  private func sum(_ order: Int, step: Double) -> Coefficients {
    let count = Int((Self.end / step).rounded())
    // Of an odd function one half is enough; the middle is 0.
    let points = (isOdd ? 1...count : -count...count).map { step * Double($0) }
    let weight = isOdd ? 2 * step : step
    let root = points.map { exp(-$0 * $0 / 4) / pow(2 * .pi, 0.25) }
    let values = Matrix(rows: points.count, columns: deviations.count) { q, p in
      function(deviations[p] * points[q])
    }
    let squares = deviations.indices.map { p in
      points.indices.reduce(0) { $0 + weight * root[$1] * root[$1] * values[$1, p] * values[$1, p] }
    }
    let weighted = Matrix(rows: points.count, columns: deviations.count) { q, p in
      weight * root[q] * values[q, p]
    }
    let terms = isOdd ? order / 2 : order
    var result = Matrix(rows: terms, columns: deviations.count)
    var (previous, current) = ([Double](repeating: 0, count: points.count), root)
    var block: [Double] = []
    var (rows, start) = (0, 0)
    func flush() {
      guard rows > 0 else { return }
      let part = Matrix(rows: points.count, columns: rows, elements: block).asTranspose * weighted
      for k in 0..<rows { for p in deviations.indices { result[start + k, p] = part[k, p] } }
      (start, rows) = (start + rows, 0)
      block.removeAll(keepingCapacity: true)
    }
    for k in 0..<order {
      if !isOdd || k % 2 == 1 {
        block.append(contentsOf: current)
        rows += 1
        if rows == 64 { flush() }
      }
      let (old, new) = (Double(k).squareRoot(), 1 / Double(k + 1).squareRoot())
      points.withUnsafeBufferPointer { z in
        current.withUnsafeBufferPointer { current in
          previous.withUnsafeMutableBufferPointer { previous in
            for q in z.indices { previous[q] = (z[q] * current[q] - old * previous[q]) * new }
          }
        }
      }
      swap(&previous, &current)
    }
    flush()
    return Coefficients(values: result, squares: squares)
  }
}
