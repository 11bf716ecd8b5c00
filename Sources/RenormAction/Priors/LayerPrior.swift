internal import Foundation
package import LinearAlgebra

/// The prior part of the action of a deep network, as a function of x, the logarithms of its order parameters
/// (docs/depth.md). Layers of infinite width have the order parameter 1 and no part in it.
package protocol LayerPrior: Sendable {
  /// Which equations determine the order parameters.
  var formulation: Formulation { get }
  /// Whether each of x is free; others are 0.
  var isFree: [Bool] { get }

  /// The prior at x. Entries that are not free are left out of the value, and are 0 in the derivatives.
  func expansion(_ x: [Double]) -> LayerExpansion

  /// Its value less that at infinite width.
  func excess(_ x: [Double]) -> Double
}

/// A function of x with its first two derivatives.
package struct LayerExpansion: Sendable {
  package let value: Double
  package let gradient: [Double]
  package let hessian: Matrix
}

/// Layers of an odd activation: their order parameters are independent, q_l ~ Gamma(N_l/2, rate N_l/2), so that
/// per N/2 and at leading order
///
///     prior(q) = sum_l (N_l/N) (q_l - log q_l),
///
/// N the last width that is finite. Its minimum q = 1 is the network of infinite width.
package struct LayerChain: LayerPrior {
  /// N_l/N; infinite for layers of infinite width.
  private let ratios: [Double]

  package init(ratios: [Double]) { self.ratios = ratios }

  package var formulation: Formulation { .minimum }
  package var isFree: [Bool] { ratios.map(\.isFinite) }

  package func expansion(_ x: [Double]) -> LayerExpansion {
    let parts = zip(ratios, x).map { ratio, x in
      ratio.isFinite ? (ratio * (exp(x) - x), ratio * expm1(x), ratio * exp(x)) : (0, 0, 0)
    }
    return LayerExpansion(
      value: parts.reduce(0) { $0 + $1.0 }, gradient: parts.map(\.1), hessian: .diagonal(parts.map(\.2)))
  }

  /// sum_l (N_l/N) (q_l - 1 - log q_l).
  package func excess(_ x: [Double]) -> Double {
    zip(ratios, x).reduce(0) { $1.0.isFinite ? $0 + $1.0 * (expm1($1.1) - $1.1) : $0 }
  }
}

/// Layers of an activation with means, such as relu: a pair of order parameters for each, Qbar_l of what varies
/// and r_l = 1/(1 + Q_l) of the means,
///
///     prior = sum_l (N_l/N) [ -Q_l Qbar_l + log(1 + Q_l) ],
///
/// x = (log Qbar_1 .. log Qbar_L, log r_1 .. log r_L). Its stationary point is a saddle.
package struct LayerPairs: LayerPrior {
  /// N_l/N; infinite for layers of infinite width.
  private let ratios: [Double]

  package init(ratios: [Double]) { self.ratios = ratios }

  package var formulation: Formulation { .saddle }
  package var isFree: [Bool] { (ratios + ratios).map(\.isFinite) }

  package func expansion(_ x: [Double]) -> LayerExpansion {
    let depth = ratios.count
    var gradient = [Double](repeating: 0, count: 2 * depth)
    var hessian = Matrix(rows: 2 * depth, columns: 2 * depth)
    for (l, ratio) in ratios.enumerated() where ratio.isFinite {
      // -Q Qbar = Qbar - Qbar/r, and its part Qbar/r is exp(log Qbar - log r).
      let (own, quotient) = (ratio * exp(x[l]), ratio * exp(x[l] - x[depth + l]))
      gradient[l] = own - quotient
      gradient[depth + l] = quotient - ratio
      hessian[l, l] = own - quotient
      hessian[l, depth + l] = quotient
      hessian[depth + l, l] = quotient
      hessian[depth + l, depth + l] = -quotient
    }
    return LayerExpansion(value: excess(x), gradient: gradient, hessian: hessian)
  }

  package func excess(_ x: [Double]) -> Double {
    let depth = ratios.count
    return ratios.indices.filter { ratios[$0].isFinite }.reduce(0) { sum, l in
      sum + ratios[l] * (-expm1(-x[depth + l]) * exp(x[l]) - x[depth + l])
    }
  }
}
