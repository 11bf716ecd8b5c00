internal import Foundation
internal import GSLNumerics

/// The Gaussian bulk of N_b units as a function of log q, where an explicit unit leaves residuals of the
/// targets with squares z_i in the eigenbasis of the kernel:
///
///     G(q) = 1/2 sum_i (log a_i + z_i/a_i) - log Gamma(q) - N_b ds(q/v^2) + 1/2 log(Var/(2 r^2)),
///     a_i = T + q k_i,   Gamma: the density of log q for q ~ Gamma(N_b/2, rate N_b/2).
///
/// Its integral over log q is a part of the evidence. Without an explicit unit z = (U^T y)^2 and there is no
/// cut.
struct BulkLaw: Sendable {
  /// k_i, of (N_b/N) K/lambda1.
  let eigenvalues: [Double]
  let temperature: Double
  /// N_b.
  let units: Double
  /// v, which the bulk's |v_b| stay below; nil for none.
  let cut: Double?
  private let logNormaliser: Double

  init(eigenvalues: [Double], temperature: Double, units: Double, cut: Double?) {
    self.eigenvalues = eigenvalues
    self.temperature = temperature
    self.units = units
    self.cut = cut
    logNormaliser = units / 2 * log(units / 2) - SpecialFunctions.logGamma(units / 2)
  }

  /// G with its first two derivatives by log q.
  struct Value {
    let action: Double
    let slope: Double
    let curvature: Double
  }

  func evaluate(_ logQ: Double, _ z: [Double]) -> Value {
    let q = exp(logQ)
    var (action, slope, curvature) = (0.0, 0.0, 0.0)
    for (k, square) in zip(eigenvalues, z) {
      let a = temperature + q * k
      let p = q * k / a
      action += 0.5 * (log(a) + square / a)
      slope += 0.5 * p * (1 - square / a)
      curvature += 0.5 * p * ((1 - p) - square / a * (1 - 2 * p))
    }
    action -= logNormaliser + units / 2 * (logQ - q)
    slope -= units / 2 * (1 - q)
    curvature += units / 2 * q
    if let cut {
      let law = TruncatedLaw(ratio: q / (cut * cut))
      action += law.logFluctuation - units * law.entropy
      slope += law.fluctuationSlope - units * law.slope
      curvature -= units * law.curvature
    }
    return Value(action: action, slope: slope, curvature: curvature)
  }

  /// The largest log q.
  private var limit: Double { cut.map { 2 * log($0) } ?? .infinity }

  /// A minimum of G by Newton's method, downhill from `start`.
  func minimum(_ z: [Double], from start: Double) -> (logQ: Double, value: Value) {
    var x = start < limit - 1e-6 ? start : limit - 0.1
    var value = evaluate(x, z)
    for _ in 0..<100 {
      var step = value.curvature > 0 ? -value.slope / value.curvature : (value.slope > 0 ? -0.3 : 0.3)
      step = min(max(step, -1), 1)
      var isDone = false
      while true {
        let target = x + step < limit - 1e-9 ? x + step : (x + limit) / 2
        let next = evaluate(target, z)
        if next.action <= value.action {
          isDone = abs(target - x) < 1e-9
          (x, value) = (target, next)
          break
        }
        step /= 2
        if abs(step) < 1e-10 {
          isDone = true
          break
        }
      }
      if isDone { break }
    }
    return (x, value)
  }

  /// The integral of exp(-G) over log q, and averages with it.
  struct Average {
    /// log of the integral.
    let logIntegral: Double
    /// <q>.
    let q: Double
    /// Nodes q_j with weights that sum to one.
    let nodes: [(q: Double, weight: Double)]
  }

  /// By trapezia around a minimum, half a deviation apart, whose sums converge exponentially.
  func average(_ z: [Double], around minimum: (logQ: Double, value: Value)) -> Average {
    let deviation = 1 / max(minimum.value.curvature, units / 8, 0.5).squareRoot()
    let step = 0.5 * deviation
    var logs: [(q: Double, log: Double)] = []
    for direction in [-1.0, 1.0] {
      var index = direction < 0 ? 0.0 : 1.0
      while index < 200 {
        let x = minimum.logQ + direction * index * step
        guard x < limit else { break }
        let log = minimum.value.action - evaluate(x, z).action
        logs.append((exp(x), log))
        if log < -32 { break }
        index += 1
      }
    }
    let largest = logs.map(\.log).max() ?? 0
    let total = logs.reduce(0) { $0 + exp($1.log - largest) }
    let nodes = logs.map { (q: $0.q, weight: exp($0.log - largest) / total) }
    return Average(
      logIntegral: log(total * step) + largest - minimum.value.action,
      q: nodes.reduce(0) { $0 + $1.q * $1.weight }, nodes: nodes.filter { $0.weight > 1e-12 })
  }

  /// The average without explicit units but those at fixed laws.
  func average(_ problem: CondensedProblem) -> Average {
    let squares = problem.bareSquares
    return average(squares, around: minimum(squares, from: 0))
  }
}
