internal import Foundation
internal import LinearAlgebra
internal import RenormAction

/// The law of lambda1 v^2 of a hidden unit of a fully connected network of one output at leading order: tau has
/// its posterior law, p(tau) (1 + tau Q)^(-1/2) up to a factor, and lambda1 v^2 = s g^2 given tau with s =
/// tau/(1 + tau Q), g standard normal (docs/theory.md, section 9). Its mean is Qbar. The units with v^2 > t, a
/// part c of all, have the share
///
///     s(c) = E[v^2; v^2 > t]/E v^2,   c = P(v^2 > t).
struct NodeWeights: Sendable {
  private let parts: [(variance: Double, weight: Double)]

  /// - Parameter law: the prior of tau; nil for tau = 1.
  /// - Returns: nil where the law has no conjugate order parameter.
  init?(_ law: ScaleLaw?, orderParameter: Double) {
    let law = law ?? ScaleLaw(atoms: [(1, 1)])
    let block = BlockDiagonal([Matrix(rows: 1, columns: 1, elements: [orderParameter])])
    guard let conjugate = try? law.conjugate(of: block) else { return nil }
    let q = conjugate.eigenvalues[0]
    parts = law.posterior(conjugate: [q]).rule.map { ($0.tau / (1 + $0.tau * q), $0.weight) }
  }

  /// P(v^2 > t).
  func above(_ t: Double) -> Double {
    parts.reduce(0) { $1.variance > 0 ? $0 + $1.weight * erfc((t / (2 * $1.variance)).squareRoot()) : $0 }
  }

  /// E[v^2; v^2 > t], from E[g^2; g^2 > x^2] = erfc(x/sqrt 2) + x sqrt(2/pi) e^(-x^2/2).
  func square(above t: Double) -> Double {
    parts.reduce(0) { sum, part in
      guard part.variance > 0 else { return sum }
      let x = (t / part.variance).squareRoot()
      let tail = erfc(x / 2.0.squareRoot()) + x * (2 / Double.pi).squareRoot() * exp(-x * x / 2)
      return sum + part.weight * part.variance * tail
    }
  }

  /// s(c).
  func share(kept: Double) -> Double {
    if kept <= 0 { return 0 }
    // Closed units weigh nothing.
    if kept >= above(0) { return 1 }
    // log t by bisection.
    var (low, high) = (-700.0, 700.0)
    for _ in 0..<200 where high - low > 1e-14 * max(1, abs(low)) {
      let middle = (low + high) / 2
      if above(exp(middle)) > kept { low = middle } else { high = middle }
    }
    return square(above: exp((low + high) / 2)) / square(above: 0)
  }
}
