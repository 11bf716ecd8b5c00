internal import LinearAlgebra

/// Anderson acceleration of a fixed-point iteration x <- x + f(x): the next point combines those visited so
/// that the linearised residual f is smallest.
///
/// D. G. Anderson, J. ACM 12 (1965); H. F. Walker and P. Ni, SIAM J. Numer. Anal. 49 (2011).
struct AndersonAccelerator {
  /// Differences that are remembered.
  let memory: Int
  private var pointDifferences: [[Double]] = []
  private var residualDifferences: [[Double]] = []
  private var last: (point: [Double], residual: [Double])?

  init(memory: Int) { self.memory = memory }

  /// Whether a step would use more than the plain iteration.
  var hasHistory: Bool { !pointDifferences.isEmpty }

  /// Forgets all points.
  mutating func reset() { self = AndersonAccelerator(memory: memory) }

  /// Takes a visited point and its residual, and returns the step from it to the next one.
  mutating func step(point: [Double], residual: [Double]) throws(LinearAlgebraError) -> [Double] {
    if let last {
      pointDifferences.append(zip(point, last.point).map { $0 - $1 })
      residualDifferences.append(zip(residual, last.residual).map { $0 - $1 })
      if pointDifferences.count > min(memory, point.count) {
        pointDifferences.removeFirst()
        residualDifferences.removeFirst()
      }
    }
    last = (point, residual)
    guard hasHistory else { return residual }
    // Nearly dependent differences carry rounding, not curvature.
    let weights = try Matrix(columns: residualDifferences).leastSquares(residual, rcond: 1e-12)
    var step = residual
    for (k, weight) in weights.enumerated() {
      for i in step.indices { step[i] -= weight * (pointDifferences[k][i] + residualDifferences[k][i]) }
    }
    return step
  }
}
