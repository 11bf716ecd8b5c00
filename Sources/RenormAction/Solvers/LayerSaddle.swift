package import LinearAlgebra

/// Finds the order parameters of a deep network whose activation has means: a saddle of the action, the minimum
/// over log Qbar of its maximum over log r (docs/depth.md).
///
/// Newton's method may end at another stationary point. What it finds from infinite width is taken where the
/// second derivatives have the signs of that saddle; else the network is narrowed step by step from one of 64
/// times its widths, every solution the start of the next, in steps that are halved (in the logarithm) where
/// they fail.
package struct LayerSaddle {
  private let options: SolverOptions

  package init(options: SolverOptions) { self.options = options }

  /// Where the narrowing begins, and the least step of it, as factors of the widths.
  private static let (widest, leastStep) = (64.0, 1.02)
  /// Steps after which a search is given up for a narrower step; Newton's method takes 3 to 8.
  private static let patience = 40

  /// - Parameter floor: as of `LayerSearch.solve`.
  /// - Returns: nil where no saddle was found that continues that of wide networks.
  /// - Throws: as `LayerSearch.solve`.
  package func solve(
    _ action: LayerAction, floor: Double, _ progress: SolverProgress = { _, _ in }
  ) throws(LinearAlgebraError) -> LayerSearch.Result? {
    let search = LayerSearch(options: options.limited(to: Self.patience))
    var (evaluations, curvatures, iterations) = (0, 0, 0)
    func attempt(_ action: LayerAction, from start: [Double]?) -> LayerSearch.Result? {
      let before = evaluations
      let found = try? search.solve(action, from: start, floor: floor) { progress(before + $0, $1) }
      guard let found else { return nil }
      evaluations += found.convergence.evaluations
      curvatures += found.convergence.curvatureEvaluations
      iterations += found.convergence.iterations
      guard found.convergence.converged, let hessian = try? found.point.hessian(),
        Self.isSaddle(hessian, free: action.prior.isFree)
      else { return nil }
      return found
    }
    func counted(_ result: LayerSearch.Result) -> LayerSearch.Result {
      result.counted(iterations: iterations, evaluations: evaluations, curvatureEvaluations: curvatures)
    }
    // A smaller limit that was asked for ends the search, and is reported.
    if options.maximumIterations < Self.patience {
      let found = try search.solve(action, floor: floor, progress)
      let isRight = Self.isSaddle(try found.point.hessian(), free: action.prior.isFree)
      return isRight || !found.convergence.converged ? found : nil
    }
    if let found = attempt(action, from: nil) { return counted(found) }
    var (factor, step) = (Self.widest, 4.0)
    guard var last = attempt(action.widened(by: factor), from: nil) else { return nil }
    while factor > 1 {
      let next = max(1, factor / step)
      if let found = attempt(next > 1 ? action.widened(by: next) : action, from: last.point.x) {
        (last, factor) = (found, next)
      } else {
        step = step.squareRoot()
        if step < Self.leastStep { return nil }
      }
    }
    return counted(last)
  }

  /// Whether the second derivatives are negative definite over the second half of the free unknowns, log r, and
  /// those of the maximum over these positive definite over the first.
  static func isSaddle(_ hessian: Matrix, free: [Bool]) -> Bool {
    let half = free.count / 2
    let (outer, inner) = ((0..<half).filter { free[$0] }, (half..<free.count).filter { free[$0] })
    func part(_ rows: [Int], _ columns: [Int]) -> Matrix {
      Matrix(rows: rows.count, columns: columns.count) { hessian[rows[$0], columns[$1]] }
    }
    guard let factor = try? Cholesky(-1 * part(inner, inner)) else { return false }
    let cross = part(inner, outer)
    let reduced = part(outer, outer) + cross.asTranspose * factor.solve(cross)
    return (try? Cholesky(reduced.symmetricPart)) != nil
  }
}

extension SolverOptions {
  fileprivate func limited(to count: Int) -> SolverOptions {
    SolverOptions(tolerance: tolerance, maximumIterations: min(maximumIterations, count))
  }
}
