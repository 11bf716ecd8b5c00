internal import CVectorKernels
internal import Foundation
internal import GSLNumerics
internal import LinearAlgebra
internal import RenormKernels

/// g(h) = int_0^1 E s'(tau h + (1 - tau^2)^(1/2) h') dtau, h' ~ N(0, v), for erf and pre-activations h = w.x of
/// variance v = |x|^2, one v for every example and position.
///
/// g solves v g'(h) - h g(h) = -s(h) (Stein's equation), so that for any smooth f and w ~ N(0, 1)
///
///     E f(w) s(w.x) = E grad f(w).x g(w.x).
///
/// For erf, with tau (1 + 2 v (1 - tau^2))^(-1/2) = tan(theta)/(2 v)^(1/2) and tan(theta1) = (2 v)^(1/2),
///
///     g(h) = (2/sqrt pi) (2 v)^(-1/2) int_0^theta1 exp(-h^2 tan^2(theta)/(2 v)) dtheta,
///
/// (Owen's T function), here by Gauss-Legendre nodes in theta.
struct AveragedSlopes: Sendable {
  /// Rates and weights of the Gaussians in h, examples x nodes for every position.
  private let rates: [Double]
  private let weights: [Double]
  private let count: Int
  private let nodes: Int

  init(_ patches: Patches, positions: Int) {
    let variances = (0..<positions).flatMap { i in (0..<patches.count).map { patches.variance(i, $0) } }
    // The error of g, relative and root mean square over h, is 4e-4 at most up to v = 10, 3e-4 at 100.
    let rule = GaussLegendre(Self.nodes(largest: variances.max() ?? 0)).nodes
    var (rates, weights) = ([Double](), [Double]())
    rates.reserveCapacity(variances.count * rule.count)
    weights.reserveCapacity(rates.capacity)
    for i in 0..<positions {
      let own = variances[i * patches.count..<(i + 1) * patches.count]
      for node in rule {
        let part = (node.x + 1) / 2
        for v in own {
          let root = (2 * v).squareRoot()
          // Both limits are exact to rounding at v = 0, an example of zeros.
          let stretch = root > 1e-6 ? atan(root) / root : 1
          let slope = root > 1e-6 ? tan(part * atan(root)) / root : part
          rates.append(slope * slope)
          weights.append(stretch * node.weight / Double.pi.squareRoot())
        }
      }
    }
    (self.rates, self.weights) = (rates, weights)
    count = patches.count
    nodes = rule.count
  }

  private static func nodes(largest v: Double) -> Int { v <= 1 ? 3 : v <= 3 ? 4 : v <= 10 ? 6 : 8 }

  /// Replaces pre-activations at a position, examples x draws, by g.
  func apply(_ position: Int, _ h: MatrixView) {
    precondition(h.rows == count)
    let first = position * count * nodes
    rates.withUnsafeBufferPointer { rates in
      weights.withUnsafeBufferPointer { weights in
        guard let rate = rates.baseAddress, let weight = weights.baseAddress else { return }
        renorm_gaussian_sums(h.pointer, count, h.columns, rate + first, weight + first, nodes)
      }
    }
  }
}
