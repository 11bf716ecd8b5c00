internal import Foundation
package import GSLNumerics

/// Generalised BFRY (generalised Gamma Pareto): atoms of a generalised Gamma process times Pareto(tau) marks.
/// alpha is the index of small weights, which decides compressibility, tau that of large ones, which decides
/// the tails.
package struct GBFRYNodes: NodeLaw {
  let alpha: Double
  let tau: Double
  let mu: Double
  /// mu (tau - 1)/(tau - alpha), so that int w rho = mu.
  private var c: Double { mu * (tau - 1) / (tau - alpha) }
  /// The height of the generalised Gamma process, with b = 1.
  private var height: Double { (tau - alpha) / tau }
  private var gammas: GeneralisedGammaNodes { GeneralisedGammaNodes(alpha: alpha, mu: height, b: 1) }

  package var name: String { "gbfry" }
  package var locationA: Double { 0 }

  /// gamma(tau - alpha, x) x^(-1-tau), by its series where the factors would be 0 and infinite.
  private func scaledGamma(_ x: Double, power: Double) -> Double {
    let s = tau - alpha
    if x < 1e-6 { return pow(x, s + power) / s * (1 - s * x / (s + 1)) }
    return SpecialFunctions.regularisedLowerGamma(s, x) * SpecialFunctions.gamma(s) * pow(x, power)
  }

  package func levyDensity(_ w: Double) -> Double {
    (tau - alpha) / (c * SpecialFunctions.gamma(1 - alpha)) * scaledGamma(w / c, power: -1 - tau)
  }
  package func levyTail(_ x: Double) -> Double {
    gammas.levyTail(x / c) + height / SpecialFunctions.gamma(1 - alpha) * scaledGamma(x / c, power: -tau)
  }
  /// c tau/(tau-1) (int_0^y g rho_g(dg) - y^(1-tau) int_0^y g^tau rho_g(dg)) with y = eps/c.
  package func levyMassBelow(_ eps: Double) -> Double {
    guard eps > 0 else { return 0 }
    let y = eps / c
    let below =
      gammas.levyMassBelow(y) - height / SpecialFunctions.gamma(1 - alpha) * scaledGamma(y, power: 1 - tau)
    return c * tau / (tau - 1) * below
  }
  package var levyMass: Double { mu }
  package var levySquare: Double { tau > 2 ? c * c * height * (1 - alpha) * tau / (tau - 2) : .infinity }
  /// The exponent psi of the generalised Gamma process, averaged over marks v^(-1/tau), v uniform. For x = t c < 1
  /// marks up to 1/x count as much as those around 1, where tau is near 1: with v = e^-u
  ///
  ///     int_0^(-tau log x) psi(x e^(u/tau)) e^-u du + x^tau int_0^1 psi(v^(-1/tau)) dv.
  package func laplaceExponent(_ t: Double) -> Double {
    let x = t * c
    guard x > 0 else { return 0 }
    let far = Quadrature.integrate(from: 0, to: 1, relative: 1e-11) { v in
      v > 0 ? gammas.laplaceExponent(max(x, 1) * pow(v, -1 / tau)) : 0
    }.value
    guard x < 1 else { return far }
    let near = Quadrature.integrate(from: 0, to: -tau * log(x), relative: 1e-11) { u in
      gammas.laplaceExponent(x * exp(u / tau)) * exp(-u)
    }.value
    return near + pow(x, tau) * far
  }
  package var smallIndex: Double? { alpha }
  package var tailIndex: Double? { tau }

  package var markCount: Int { 2 }
  package func atom(arrival: Double, marks: ArraySlice<Double>) -> Double {
    let scale = marks.count > 1 ? pow(marks[marks.startIndex + 1], -1 / tau) : 1
    return c * gammas.atom(arrival: arrival, marks: marks.prefix(1)) * scale
  }
  package func residualMass(truncation: Double) -> Double {
    c * tau / (tau - 1) * gammas.residualMass(truncation: truncation)
  }

  package func sampleFinite(width p: Int, _ random: RandomGenerator) -> Double {
    let log = gammas.logScale(width: p, random.uniformPositive()) + random.logGamma(shape: 1 - alpha)
    return c * exp(log) * pow(random.uniformPositive(), -1 / tau)
  }
  /// mu (1 - (1 + t)^-(1-alpha)) with t = (alpha p tau/(tau-alpha))^(1/alpha).
  package func finiteMean(width p: Int) -> Double? {
    let t = pow(alpha * Double(p) / height, 1 / alpha)
    return -mu * expm1(-(1 - alpha) * log1p(t))
  }

  static let family = NodeLawFamily(
    name: "gbfry", law: "c w Gamma(1-alpha) Pareto(tau), see docs", location: "0",
    density: "(tau-alpha)/(c Gamma(1-alpha)) (w/c)^(-1-tau) gamma(tau-alpha, w/c)", exponent: "integral",
    parameters: [.fraction("alpha", 0.5), .tail(2), .positive("mu", 1)]
  ) { GBFRYNodes(alpha: $0["alpha"] ?? 0.5, tau: $0["tau"] ?? 2, mu: $0["mu"] ?? 1) }
}
