internal import Foundation
internal import GSLNumerics
internal import RenormAction

/// Draws the scale tau of a hidden unit given all else, p(tau) p(y | tau) up to a factor.
///
/// Of a law of finitely many scales by Gibbs sampling. Of a law on (0, infinity) log tau is cut into cells, a
/// cell is chosen by the density at its centre and a point in it uniformly (C. Ritter and M. A. Tanner, J. Am.
/// Stat. Assoc. 87 (1992)); acceptance after Metropolis and Hastings makes up for the difference between the
/// density and that at the centre, so that the width of cells costs acceptance, not accuracy. There is no step
/// to tune, and a scale crosses its whole law in one step.
struct ScaleStep: Sendable {
  /// tau at the atoms, or at the centres of the cells.
  private let scales: [Double]
  /// log p at them, up to a constant.
  private let logWeights: [Double]
  private let cells: Cells?

  private struct Cells: Sendable {
    /// log tau at the first centre, and between neighbours.
    let start, width: Double
    let logDensity: @Sendable (Double) -> Double

    func index(_ t: Double, count: Int) -> Int {
      min(max(Int(((t - start) / width).rounded()), 0), count - 1)
    }
  }

  /// Cells are half a unit of log tau wide, over which p(y | tau) of few numbers changes little, or half a
  /// deviation of narrower laws.
  init(_ law: ScaleLaw) {
    guard let logDensity = law.logDensity, law.rule.count > 1 else {
      scales = law.rule.map(\.tau)
      logWeights = law.rule.map { log($0.weight) }
      cells = nil
      return
    }
    let logs = law.rule.map { log($0.tau) }
    let step = (logs[logs.count - 1] - logs[0]) / Double(logs.count - 1)
    let mean = zip(logs, law.rule).reduce(0) { $0 + $1.0 * $1.1.weight }
    let variance = zip(logs, law.rule).reduce(0) { $0 + ($1.0 - mean) * ($1.0 - mean) * $1.1.weight }
    let width = min(0.5, variance.squareRoot() / 2)
    let stride = max(1, Int((width / step).rounded(.down)))
    let centres = Swift.stride(from: (logs.count - 1) % stride / 2, to: logs.count, by: stride).map { logs[$0] }
    scales = centres.map { exp($0) }
    logWeights = centres.map(logDensity)
    cells = Cells(start: centres[0], width: step * Double(stride), logDensity: logDensity)
  }

  /// A scale drawn given all else, from the present one.
  func callAsFunction(_ tau: Double, _ likelihood: ScaleLikelihood, _ random: RandomGenerator) -> Double {
    var logs = logWeights
    for k in logs.indices { logs[k] += likelihood(scales[k]) }
    let largest = logs.max() ?? 0
    let weights = logs.map { exp($0 - largest) }
    var left = random.uniform() * weights.reduce(0, +)
    let chosen = weights.firstIndex { weight in
      left -= weight
      return left < 0
    }
    // Rounding may leave nothing to choose.
    let index = chosen ?? weights.lastIndex { $0 > 0 } ?? 0
    guard let cells else { return scales[index] }
    let t = log(tau)
    let next = cells.start + cells.width * (Double(index) + random.uniform() - 0.5)
    let excess = { (t: Double, index: Int) in
      cells.logDensity(t) + likelihood(exp(t)) - logs[index]
    }
    let ratio = excess(next, index) - excess(t, cells.index(t, count: logs.count))
    return log(random.uniformPositive()) < ratio ? exp(next) : tau
  }
}
