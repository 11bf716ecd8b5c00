internal import Foundation
package import GSLNumerics

/// c with probability eta/p, else 0: a Poisson number of nodes of equal variance stays.
package struct BernoulliNodes: NodeLaw {
  let eta: Double
  let c: Double

  package var name: String { "bernoulli" }
  package var locationA: Double { 0 }
  /// rho is eta times a point mass at c.
  package func levyDensity(_ w: Double) -> Double { 0 }
  package func levyTail(_ x: Double) -> Double { x < c ? eta : 0 }
  package func levyMassBelow(_ eps: Double) -> Double { eps < c ? 0 : eta * c }
  package var levyMass: Double { eta * c }
  package var levySquare: Double { eta * c * c }
  package func laplaceExponent(_ t: Double) -> Double { -eta * expm1(-c * t) }
  package func atom(arrival: Double, marks: ArraySlice<Double>) -> Double { arrival < eta ? c : 0 }
  package func residualMass(truncation: Double) -> Double { max(eta - truncation, 0) * c }
  package func sampleFinite(width p: Int, _ random: RandomGenerator) -> Double {
    random.uniform() * Double(p) < eta ? c : 0
  }

  static let family = NodeLawFamily(
    name: "bernoulli", law: "c Bernoulli(eta/p)", location: "0", density: "eta delta(w - c)",
    exponent: "eta (1 - e^(-c t))", parameters: [.positive("eta", 1), .positive("c", 1)]
  ) { BernoulliNodes(eta: $0["eta"] ?? 1, c: $0["c"] ?? 1) }
}
