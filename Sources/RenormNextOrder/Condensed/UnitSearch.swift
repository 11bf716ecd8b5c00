internal import Foundation
internal import LinearAlgebra

extension UnitAction {
  /// A minimum of F over laws.
  struct Optimum: Sendable {
    let point: Evaluation
    /// Twice what a step of Newton's method would still lower F by.
    let decrement: Double
    let isConverged: Bool
    /// Evaluations of F.
    let evaluations: Int
  }

  private static let largestNumber = 300

  /// Natural gradient steps (Amari 1998; for Gaussian laws Khan and Lin, AISTATS 2017)
  ///
  ///     La <- (1 - eta) La + eta (1 + R^T G R),   om <- om - eta La^-1 (om + R^T gm),   eta <= 1,
  ///
  /// halved where F would rise or La lose its definiteness, until the squared length of the gradient in the
  /// metric of the law is below `tolerance`, twice the error of F near the minimum, and below that share of
  /// what it is at the prior where the data hardly move the law.
  func minimum(from law: UnitLaw, logQ: Double, tolerance: Double) -> Optimum? {
    guard var point = evaluate(law, logQ: logQ) ?? evaluate(.prior(problem.rank), logQ: 0) else { return nil }
    let pull = pull(logQ: point.minimum.logQ)
    // Rounding keeps the squared length above 1e-28 or so.
    let tolerance = pull > 0 ? tolerance * min(1, max(pull, 1e-18)) : tolerance
    var (eta, evaluations) = (1.0, 1)
    var decrement = Double.infinity
    while evaluations < Self.largestNumber {
      let gradient = gradient(point)
      let step = gradient.precision - point.law.precision
      decrement = self.decrement(point, gradient.mean, step)
      if decrement <= tolerance { break }
      var next: Evaluation?
      while next == nil, eta > 1e-7 {
        var precision = point.law.precision
        precision.add(eta, step)
        if let factor = try? Cholesky(precision) {
          var mean = point.law.mean
          mean.add(-eta, factor.solve(gradient.mean))
          let trial = evaluate(UnitLaw(mean: mean, precision: precision), logQ: point.minimum.logQ)
          evaluations += 1
          if let trial, trial.action <= point.action + 1e-12 * abs(point.action) { next = trial }
        }
        if next == nil { eta /= 2 }
      }
      guard let next else { break }
      point = next
      eta = min(1, 2 * eta)
    }
    return Optimum(
      point: point, decrement: decrement, isConverged: decrement <= 100 * tolerance, evaluations: evaluations)
  }

  /// |R^T gm|^2 at the prior.
  private func pull(logQ: Double) -> Double {
    let q = exp(logQ)
    let b =
      problem.vectors
      * zip(problem.turned(problem.targets), bulk.eigenvalues).map { $0 / (bulk.temperature + q * $1) }
    let variances = problem.features.transposed.columnNormsSquared
    let slopes = problem.unit.prior(variances: variances).slopes
    let gradient = problem.features.asTranspose * zip(slopes, b).map { strength * $0 * $1 }
    return dot(gradient, gradient)
  }

  /// g^T La^-1 g + 1/2 |L^-1 (step) L^-T|^2.
  private func decrement(_ point: Evaluation, _ gradient: [Double], _ step: Matrix) -> Double {
    let g = point.factor.solveLower(Matrix(columns: [gradient])).elements
    var change = step
    let rank = problem.rank
    change.withUnsafeMutableElements { elements in
      guard let base = elements.baseAddress else { return }
      point.factor.whiten(inPlace: MatrixView(base, rank, rank))
    }
    return dot(g, g) + 0.5 * change.innerProduct(change)
  }
}
