internal import Foundation
internal import LinearAlgebra

/// The conjugate order parameter X = I + Q that makes the action of docs/theory.md, section 4, stationary at
/// given Qbar.
///
/// As a function of X the action is
///
///     -tr(X Qbar) + (1 - 1/N) log det X + (1/N) log det(X + M) - (1/N) r^T (X + M)^-1 r + const,
///
/// M = 1/(lambda1 n) m^T Ac^-1 m and r = (lambda1 n)^(-1/2) m^T Ac^-1 y from `MeanProjections`, as log det A =
/// log det Ac + log det(X + M) - log det X and y^T A^-1 y = y^T Ac^-1 y - r^T (X + M)^-1 r. It is concave in X,
/// so a saddle of S is the minimum over Qbar of its maximum over X. Gradient and second derivative along a
/// symmetric Z are
///
///     (1 - 1/N) X^-1 + (1/N) [ V + V r r^T V ] - Qbar,   V = (X + M)^-1
///     -(1 - 1/N) X^-1 Z X^-1 - (1/N) [ V Z V + V Z V r r^T V + V r r^T V Z V ]
///
/// (the blocks of X for an LCN). The maximum exists for N >= 2, where the factor of log det X is positive. It
/// takes matrices of the order of the order parameter only.
struct ConjugateParameter {
  /// X = I + Q.
  private(set) var value: BlockDiagonal

  private let qbar: BlockDiagonal
  private let projections: MeanProjections
  private let width: Double

  /// - Throws: `LinearAlgebraError.notPositiveDefinite` where the maximum does not exist.
  init(
    maximisingAt qbar: BlockDiagonal, _ projections: MeanProjections, width: Double
  ) throws(LinearAlgebraError) {
    self.qbar = qbar
    self.projections = projections
    self.width = width
    // Without means, X is the inverse of Qbar.
    value = try qbar.mapEigenvalues { 1 / $0 }
    try maximise()
  }

  private struct Point {
    /// The function above, without its constant.
    let value: Double
    /// X^-1.
    let inverse: BlockDiagonal
    /// (X + M)^-1.
    let whole: Matrix
    /// (X + M)^-1 r.
    let solved: [Double]
  }

  private func evaluate(_ x: BlockDiagonal) throws(LinearAlgebraError) -> Point {
    let inverse = try x.mapEigenvalues { 1 / $0 }
    let logDeterminant = try x.logDeterminant()
    let factor = try Cholesky(x.dense + projections.gram)
    let solved = factor.solve(projections.targets)
    let value =
      -x.innerProduct(qbar) + (1 - 1 / width) * logDeterminant
      + (factor.logDeterminant - dot(projections.targets, solved)) / width
    return Point(value: value, inverse: inverse, whole: factor.solve(.identity(x.order)), solved: solved)
  }

  private func gradient(_ point: Point) -> [Double] {
    let outer = Matrix(columns: [point.solved])
    let data = BlockDiagonal(of: (point.whole + outer * outer.asTranspose).symmetricPart, sizes: qbar.sizes)
    return ((1 - 1 / width) * point.inverse + (1 / width) * data - qbar).coordinates
  }

  /// The second derivative, negated, along z: positive definite.
  private func curvature(_ point: Point, _ z: [Double]) -> [Double] {
    let direction = BlockDiagonal(coordinates: z, sizes: qbar.sizes)
    let spread = point.whole * (direction.dense * point.whole)
    let outer = Matrix(columns: [direction.dense * point.solved])
    let tilted = (point.whole * outer) * Matrix(columns: [point.solved]).asTranspose
    let data = BlockDiagonal(of: (spread + 2 * tilted).symmetricPart, sizes: qbar.sizes)
    return ((1 - 1 / width) * direction.congruence(by: point.inverse) + (1 / width) * data).coordinates
  }

  /// Newton's method with conjugate gradients for its linear systems, steps halved until the function increases
  /// by 1e-4 of what its slope promises (Armijo's rule; J. Nocedal and S. J. Wright, Numerical Optimization,
  /// 2006, section 3.1).
  private mutating func maximise() throws(LinearAlgebraError) {
    var point = try evaluate(value)
    var previous = Double.infinity
    for _ in 0..<60 {
      let slope = gradient(point)
      let here = value
      let step = conjugateGradient(
        slope, tolerance: 1e-8,
        preconditioner: {
          BlockDiagonal(coordinates: $0, sizes: qbar.sizes).congruence(by: here).coordinates
        }, { curvature(point, $0) })
      guard let step else { break }
      let decrement = max(dot(slope, step), 0).squareRoot()
      // Quadratic convergence ends where rounding begins: below 1e-7, where a step changes the function by
      // 1e-14, the decrement no longer halves.
      if decrement < 1e-14 || (decrement < 1e-7 && decrement > 0.5 * previous) { return }
      previous = decrement
      var length = 1.0
      var next: (BlockDiagonal, Point)?
      while next == nil, length > 1e-10 {
        let x = value + BlockDiagonal(coordinates: step.scaled(by: length), sizes: qbar.sizes)
        if let candidate = try? evaluate(x),
          candidate.value >= point.value + 1e-4 * length * decrement * decrement - 1e-13 * abs(point.value)
        {
          next = (x, candidate)
        }
        length /= 2
      }
      guard let next else { break }
      (value, point) = next
    }
    // What is left is reported by the residual of the saddle equations; a decrement that stays above 1e-3 is
    // that of a function without a maximum.
    guard previous < 1e-3 else { throw .notPositiveDefinite(pivot: 1, order: value.order) }
  }
}
