internal import Foundation
package import GSLNumerics

/// Beta(eta/p, b): rho = eta w^-1 (1 - w)^(b - 1) on (0, 1).
package struct BetaNodes: NodeLaw {
  let eta: Double
  let b: Double

  package var name: String { "beta" }
  package var locationA: Double { 0 }
  package func levyDensity(_ w: Double) -> Double { w < 1 ? eta / w * pow(1 - w, b - 1) : 0 }

  /// With v = (1 - w)^b, which removes the singularity at 1; closed for b = 1/2.
  package func levyTail(_ x: Double) -> Double {
    guard x < 1 else { return 0 }
    guard x > 0 else { return .infinity }
    if b == 0.5 { return 2 * eta * atanh((1 - x).squareRoot()) }
    return eta / b
      * Quadrature.integrate(from: 0, to: pow(1 - x, b), relative: 1e-11) { 1 / max(1 - pow($0, 1 / b), x) }
      .value
  }

  package func levyMassBelow(_ eps: Double) -> Double {
    eps >= 1 ? eta / b : -eta / b * expm1(b * log1p(-max(eps, 0)))
  }

  package var levyMass: Double { eta / b }
  package var levySquare: Double { eta / (b * (b + 1)) }

  package func laplaceExponent(_ t: Double) -> Double {
    eta / b
      * Quadrature.integrate(from: 0, to: 1, relative: 1e-12) { v in
        let w = 1 - pow(v, 1 / b)
        return w > 0 ? -expm1(-t * w) / w : t
      }.value
  }

  package func atom(arrival: Double, marks: ArraySlice<Double>) -> Double {
    guard b == 0.5 else { return invertTail(arrival) }
    // sech^2; cosh overflows for arrivals where the weight has vanished.
    let root = 1 / cosh(min(arrival / (2 * eta), 350))
    return root * root
  }

  package func sampleFinite(width p: Int, _ random: RandomGenerator) -> Double {
    random.beta(eta / Double(p), b)
  }

  static let family = NodeLawFamily(
    name: "beta", law: "Beta(eta/p, b)", location: "0", density: "eta w^-1 (1-w)^(b-1), w < 1",
    exponent: "integral",
    parameters: [.positive("eta", 0.5), .positive("b", 0.5)]
  ) { BetaNodes(eta: $0["eta"] ?? 0.5, b: $0["b"] ?? 0.5) }
}

/// Beta(1/(2p), 1/2) times Pareto(tau): few nodes stay, with a power law for the largest.
package struct BetaParetoNodes: NodeLaw {
  let tau: Double
  private var beta: BetaNodes { BetaNodes(eta: 0.5, b: 0.5) }
  private func incomplete(_ x: Double) -> Double {
    SpecialFunctions.regularisedBeta(tau, 0.5, x) * exp(SpecialFunctions.logBeta(tau, 0.5))
  }

  package var name: String { "beta-pareto" }
  package var locationA: Double { 0 }
  package func levyDensity(_ w: Double) -> Double { tau / 2 * pow(w, -1 - tau) * incomplete(min(w, 1)) }
  package func levyTail(_ x: Double) -> Double { beta.levyTail(x) + pow(x, -tau) / 2 * incomplete(min(x, 1)) }
  package var levyMass: Double { tau / (tau - 1) }
  package var levySquare: Double { tau > 2 ? 2.0 / 3 * tau / (tau - 2) : .infinity }
  package var tailIndex: Double? { tau }
  package var markCount: Int { 1 }
  package func atom(arrival: Double, marks: ArraySlice<Double>) -> Double {
    beta.atom(arrival: arrival, marks: []) * pow(marks.first ?? 1, -1 / tau)
  }
  package func residualMass(truncation: Double) -> Double {
    beta.residualMass(truncation: truncation) * tau / (tau - 1)
  }
  package func sampleFinite(width p: Int, _ random: RandomGenerator) -> Double {
    random.beta(0.5 / Double(p), 0.5) * pow(random.uniformPositive(), -1 / tau)
  }

  static let family = NodeLawFamily(
    name: "beta-pareto", law: "Beta(1/(2p), 1/2) Pareto(tau)", location: "0",
    density: "(tau/2) w^(-1-tau) B(min(w,1); tau, 1/2)", exponent: "integral", parameters: [.tail(2)]
  ) { BetaParetoNodes(tau: $0["tau"] ?? 2) }
}
