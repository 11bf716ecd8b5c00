internal import Foundation
package import GSLNumerics

/// rho((x, inf)) = (x/c)^-alpha: S is positive alpha-stable, without a mean.
package struct StableNodes: NodeLaw {
  /// How a node of a finite network is drawn.
  enum Finite: Sendable {
    case pareto
    case inverseGamma
    case horseshoe
  }

  let finite: Finite
  let alpha: Double
  let c: Double

  package var name: String {
    switch finite {
    case .pareto: "pareto-stable"
    case .inverseGamma: "inverse-gamma-stable"
    case .horseshoe: "horseshoe"
    }
  }

  package var locationA: Double { 0 }
  package func levyDensity(_ w: Double) -> Double { alpha * pow(w / c, -alpha) / w }
  package func levyTail(_ x: Double) -> Double { pow(x / c, -alpha) }
  package func levyMassBelow(_ eps: Double) -> Double {
    eps > 0 ? alpha / (1 - alpha) * c * pow(eps / c, 1 - alpha) : 0
  }
  package var levyMass: Double { .infinity }
  package var levySquare: Double { .infinity }
  package func laplaceExponent(_ t: Double) -> Double { SpecialFunctions.gamma(1 - alpha) * pow(c * t, alpha) }
  package func atom(arrival: Double, marks: ArraySlice<Double>) -> Double { c * pow(arrival, -1 / alpha) }
  package var smallIndex: Double? { alpha }
  package var tailIndex: Double? { alpha }

  package func sampleFinite(width p: Int, _ random: RandomGenerator) -> Double {
    let p = Double(p)
    switch finite {
    case .pareto: return c * pow(random.uniformPositive() * p, -1 / alpha)
    case .inverseGamma: return exp(-random.logGamma(shape: alpha) - log(p) / alpha)
    case .horseshoe:
      // |Cauchy| by its quantile function; u in (0, 1).
      let root = .pi / 2 * tan(.pi / 2 * random.uniformPositive()) / p
      return root * root
    }
  }

  /// p int_0^kappa c (p (1 - u))^(-1/alpha) du for Pareto nodes.
  package func prunedMass(fraction kappa: Double, width p: Int) -> Double? {
    guard finite == .pareto, kappa < 1 else { return nil }
    let rest = pow(1 - kappa, -(1 - alpha) / alpha) - 1
    return c * alpha / (1 - alpha) * pow(Double(p), 1 - 1 / alpha) * rest
  }

  static let horseshoe = NodeLawFamily(
    name: "horseshoe", law: "(pi/2 |Cauchy|/p)^2", location: "0", density: "(1/2) w^(-3/2)",
    exponent: "sqrt(pi t)",
    parameters: []
  ) { _ in StableNodes(finite: .horseshoe, alpha: 0.5, c: 1) }

  static let pareto = NodeLawFamily(
    name: "pareto-stable", law: "c Pareto(alpha)/p^(1/alpha)", location: "0",
    density: "alpha c^alpha w^(-1-alpha)",
    exponent: "c^alpha Gamma(1-alpha) t^alpha", parameters: [.fraction("alpha", 0.5), .positive("c", 1)]
  ) { StableNodes(finite: .pareto, alpha: $0["alpha"] ?? 0.5, c: $0["c"] ?? 1) }

  static let inverseGamma = NodeLawFamily(
    name: "inverse-gamma-stable", law: "InvGamma(s, 1)/p^(1/s)", location: "0", density: "w^(-1-s)/Gamma(s)",
    exponent: "Gamma(1-s)/(s Gamma(s)) t^s", parameters: [.fraction("s", 0.5)]
  ) { values in
    let s = values["s"] ?? 0.5
    // c^s = 1/(s Gamma(s)).
    return StableNodes(finite: .inverseGamma, alpha: s, c: pow(SpecialFunctions.gamma(s + 1), -1 / s))
  }
}
