internal import Foundation
package import GSLNumerics

/// U/(1 + c U) with U = (Cauchy/p)^2: a horseshoe whose nodes are at most 1/c.
package struct RegularisedHorseshoeNodes: NodeLaw {
  let c: Double

  package var name: String { "regularised-horseshoe" }
  package var locationA: Double { 0 }
  package func levyDensity(_ w: Double) -> Double {
    c * w < 1 ? pow(w, -1.5) / (.pi * (1 - c * w).squareRoot()) : 0
  }
  package func levyTail(_ x: Double) -> Double { 2 / .pi * max(1 / x - c, 0).squareRoot() }
  package func levyMassBelow(_ eps: Double) -> Double {
    2 / (.pi * c.squareRoot()) * asin(min(max(c * eps, 0), 1).squareRoot())
  }
  package var levyMass: Double { 1 / c.squareRoot() }
  package var levySquare: Double { 0.5 / (c * c.squareRoot()) }
  package var smallIndex: Double? { 0.5 }

  /// With w = sin^2(th)/c the integrand is smooth.
  package func laplaceExponent(_ t: Double) -> Double {
    2 * c.squareRoot() / .pi
      * Quadrature.integrate(from: 0, to: .pi / 2, relative: 1e-12) { angle in
        let square = sin(angle) * sin(angle)
        return square > 0 ? -expm1(-t / c * square) / square : t / c
      }.value
  }

  package func atom(arrival: Double, marks: ArraySlice<Double>) -> Double {
    1 / (c + (.pi / 2 * arrival) * (.pi / 2 * arrival))
  }
  package func sampleFinite(width p: Int, _ random: RandomGenerator) -> Double {
    let cauchy = tan(.pi / 2 * random.uniformPositive()) / Double(p)
    let square = cauchy * cauchy
    return square.isInfinite ? 1 / c : square / (1 + c * square)
  }

  static let family = NodeLawFamily(
    name: "regularised-horseshoe", law: "U/(1+cU), U = (Cauchy/p)^2", location: "0",
    density: "(1/pi) w^(-3/2) (1-cw)^(-1/2), w < 1/c", exponent: "integral", parameters: [.positive("c", 1)]
  ) { RegularisedHorseshoeNodes(c: $0["c"] ?? 1) }
}
