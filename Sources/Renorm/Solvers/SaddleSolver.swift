internal import Foundation
internal import LinearAlgebra

/// Solves the saddle equations of non-odd activations (THEORY, section 4),
/// R = (I + Gc)^-1, Qbar = R - R Gm R, for R = (I + Q)^-1 and Qbar, both positive definite.
///
/// The iteration is this map in (log R, log Qbar), Anderson accelerated. A step is taken where the residual
/// decreases, and shortened until it does.
struct SaddleSolver {
  let options: FitOptions

  private static let smallestEigenvalue = exp(-2.0)

  /// A visited point.
  fileprivate struct Point {
    let logarithms: BlockDiagonal
    let action: Double
    let norm: Double
    let residual: [Double]
  }

  func solve(_ term: some DataTerm, _ progress: (FitEvent) -> Void) throws(LinearAlgebraError) -> Solution {
    var evaluations = 0
    func evaluate(_ x: BlockDiagonal) throws(LinearAlgebraError) -> Point {
      let point = try Self.evaluate(term, x)
      evaluations += 1
      progress(.evaluated(count: evaluations, gradientNorm: point.norm))
      return point
    }
    var accelerator = AndersonAccelerator(memory: 8)
    var current = try evaluate(0 * .identity(sizes: term.blockSizes + term.blockSizes))
    var iterations = 0
    while current.norm > options.tolerance, iterations < options.maximumIterations {
      iterations += 1
      let step = try accelerator.step(point: current.logarithms.coordinates, residual: current.residual)
      if accelerator.hasHistory, let candidate = try? evaluate(current.moved(by: step)),
        candidate.norm < current.norm
      {
        current = candidate
        continue
      }
      accelerator.reset()
      _ = try accelerator.step(point: current.logarithms.coordinates, residual: current.residual)
      var length = 1.0
      var next: Point?
      while next == nil, length > 1e-9 {
        if let candidate = try? evaluate(current.moved(by: current.residual.map { length * $0 })),
          candidate.norm < current.norm
        {
          next = candidate
        }
        length /= 2
      }
      guard let next else { break }
      current = next
    }
    let (r, qbar) = try Self.split(current.logarithms)
    return Solution(
      formulation: .saddle, weights: KernelWeights(covariance: qbar, mean: r), action: current.action,
      convergence: Convergence(
        gradientNorm: current.norm, tolerance: options.tolerance, iterations: iterations,
        evaluations: evaluations, curvatureEvaluations: 0, converged: current.norm <= options.tolerance))
  }

  /// R and Qbar of a point (log R, log Qbar).
  private static func split(
    _ x: BlockDiagonal
  ) throws(LinearAlgebraError) -> (BlockDiagonal, BlockDiagonal) {
    let values = try x.exponential().blocks
    return (
      BlockDiagonal(Array(values.prefix(values.count / 2))), BlockDiagonal(Array(values.suffix(values.count / 2)))
    )
  }

  private static func evaluate(_ term: some DataTerm, _ x: BlockDiagonal) throws(LinearAlgebraError) -> Point {
    let (r, qbar) = try split(x)
    let value = try term.evaluate(KernelWeights(covariance: qbar, mean: r))
    let identity = BlockDiagonal.identity(sizes: r.sizes)
    let rRoot = try r.squareRoot()
    let conjugate = (identity + value.covarianceGradient).congruence(by: rRoot)
    let rImage = try conjugate.mapEigenvalues { 1 / max($0, smallestEigenvalue) }.congruence(by: rRoot)
    let meanGradient = value.meanGradient ?? 0 * identity
    let target = r - meanGradient.congruence(by: r)
    let inverseRoot = try qbar.mapEigenvalues { 1 / $0.squareRoot() }
    let ratio = target.congruence(by: inverseRoot)
    let qbarImage = try ratio.mapEigenvalues { max($0, smallestEigenvalue) }
      .congruence(by: try qbar.squareRoot())
    let image = BlockDiagonal(rImage.blocks + qbarImage.blocks)
    let first = (conjugate - identity).norm
    let second = (ratio - identity).norm
    let q = try r.mapEigenvalues { 1 / $0 - 1 }
    return Point(
      logarithms: x, action: -q.innerProduct(qbar) - (try r.logDeterminant()) + value.value,
      norm: (first * first + second * second).squareRoot(),
      residual: (try image.logarithm() - x).coordinates)
  }
}

extension SaddleSolver.Point {
  func moved(by step: [Double]) -> BlockDiagonal {
    logarithms + BlockDiagonal(coordinates: step, sizes: logarithms.sizes)
  }
}
