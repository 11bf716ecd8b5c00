internal import Foundation
package import GSLNumerics

/// The generalised Gamma process (GGP): rho = mu b^(1-alpha)/Gamma(1-alpha) w^(-1-alpha) e^(-b w), of mean mu.
package struct GeneralisedGammaNodes: NodeLaw {
  let alpha: Double
  let mu: Double
  let b: Double
  /// mu b^(1-alpha).
  private var height: Double { mu * pow(b, 1 - alpha) }

  package var name: String { "ggp" }
  package var locationA: Double { 0 }
  package func levyDensity(_ w: Double) -> Double {
    height / SpecialFunctions.gamma(1 - alpha) * pow(w, -1 - alpha) * exp(-b * w)
  }

  /// By parts: alpha Gamma(-alpha, x) = x^-alpha e^-x - Gamma(1-alpha, x).
  package func levyTail(_ x: Double) -> Double {
    let gamma = SpecialFunctions.gamma(1 - alpha)
    let upper = 1 - SpecialFunctions.regularisedLowerGamma(1 - alpha, b * x)
    return max(0, height / alpha * (pow(x, -alpha) * exp(-b * x) / gamma - pow(b, alpha) * upper))
  }

  package func levyMassBelow(_ eps: Double) -> Double {
    mu * SpecialFunctions.regularisedLowerGamma(1 - alpha, b * max(eps, 0))
  }
  package var levyMass: Double { mu }
  package var levySquare: Double { mu * (1 - alpha) / b }
  package func laplaceExponent(_ t: Double) -> Double {
    // (b + t)^alpha - b^alpha without cancellation.
    height * pow(b, alpha) * expm1(alpha * log1p(t / b)) / alpha
  }
  package var smallIndex: Double? { alpha }

  /// The stable process with h/Gamma(1-alpha) w^(-1-alpha), thinned by e^(-b w).
  package var markCount: Int { 1 }
  func unthinned(_ arrival: Double) -> Double {
    pow(alpha * SpecialFunctions.gamma(1 - alpha) * arrival / height, -1 / alpha)
  }
  package func atom(arrival: Double, marks: ArraySlice<Double>) -> Double {
    let w = unthinned(arrival)
    return marks.first.map { $0 < exp(-b * w) } ?? true ? w : 0
  }
  package func residualMass(truncation: Double) -> Double { levyMassBelow(unthinned(truncation)) }

  package func sampleFinite(width p: Int, _ random: RandomGenerator) -> Double {
    exp(logScale(width: p, random.uniformPositive()) + random.logGamma(shape: 1 - alpha))
  }

  /// log of (u b^alpha + (1 - u)(b + t)^alpha)^(-1/alpha) with t = (alpha p/(mu b^(1-alpha)))^(1/alpha).
  func logScale(width p: Int, _ u: Double) -> Double {
    let t = pow(alpha * Double(p) / height, 1 / alpha)
    // (b + t)^alpha, where t alone may overflow.
    let top = t.isFinite ? pow(b + t, alpha) : alpha * Double(p) / height
    return -log(u * pow(b, alpha) + (1 - u) * top) / alpha
  }

  static let family = NodeLawFamily(
    name: "ggp", law: "w Gamma(1-alpha), see docs", location: "0",
    density: "mu b^(1-alpha)/Gamma(1-alpha) w^(-1-alpha) e^(-bw)",
    exponent: "mu b^(1-alpha) ((b+t)^alpha - b^alpha)/alpha",
    parameters: [.fraction("alpha", 0.3), .positive("mu", 1), .positive("b", 1)]
  ) { GeneralisedGammaNodes(alpha: $0["alpha"] ?? 0.3, mu: $0["mu"] ?? 1, b: $0["b"] ?? 1) }
}
