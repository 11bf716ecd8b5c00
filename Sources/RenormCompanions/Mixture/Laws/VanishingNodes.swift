internal import Foundation
package import GSLNumerics

/// Laws without rho: p lambda_(p,j) has a finite mean, every node vanishes, and the limit is a Gaussian
/// process.
package protocol VanishingNodeLaw: NodeLaw {}

extension VanishingNodeLaw {
  package func levyDensity(_ w: Double) -> Double { 0 }
  package func levyTail(_ x: Double) -> Double { 0 }
  package func levyMassBelow(_ eps: Double) -> Double { 0 }
  package var levyMass: Double { 0 }
  package var levySquare: Double { 0 }
  package func laplaceExponent(_ t: Double) -> Double { locationA * t }
  package func atom(arrival: Double, marks: ArraySlice<Double>) -> Double { 0 }
  package func residualMass(truncation: Double) -> Double { 0 }
}

/// lambda = c/p: the network with independent Gaussian weights.
package struct DeterministicNodes: VanishingNodeLaw {
  let c: Double
  package var name: String { "deterministic" }
  package var locationA: Double { c }
  package func sampleFinite(width p: Int, _ random: RandomGenerator) -> Double { c / Double(p) }
  package func prunedMass(fraction kappa: Double) -> Double? { kappa * c }

  static let family = NodeLawFamily(
    name: "deterministic", law: "c/p", location: "c", density: "0", exponent: "c t",
    parameters: [.positive("c", 1)]
  ) { DeterministicNodes(c: $0["c"] ?? 1) }
}

/// p lambda exponential with mean c: an example of independent variances with a finite mean.
package struct ExponentialNodes: VanishingNodeLaw {
  let c: Double
  package var name: String { "iid" }
  package var locationA: Double { c }
  package func sampleFinite(width p: Int, _ random: RandomGenerator) -> Double {
    c * random.exponential() / Double(p)
  }
  /// E[Y; Y <= q] = c (kappa + (1 - kappa) log(1 - kappa)).
  package func prunedMass(fraction kappa: Double) -> Double? {
    kappa >= 1 ? c : c * (kappa + (1 - kappa) * log1p(-kappa))
  }

  static let family = NodeLawFamily(
    name: "iid", law: "c Exponential(1)/p", location: "c", density: "0", exponent: "c t",
    parameters: [.positive("c", 1)]
  ) { ExponentialNodes(c: $0["c"] ?? 1) }
}

/// The Gamma variances behind the group lasso, Gamma((m + 1)/2, rate p (m + 1)/2) for m outgoing weights.
package struct GroupLassoNodes: VanishingNodeLaw {
  let m: Double
  private var shape: Double { (m + 1) / 2 }
  package var name: String { "group-lasso" }
  package var locationA: Double { 1 }
  package func sampleFinite(width p: Int, _ random: RandomGenerator) -> Double {
    random.gamma(shape: shape) / (Double(p) * shape)
  }
  /// E[Y; Y <= q] of a Gamma variable of mean 1 is the distribution function of the next shape.
  package func prunedMass(fraction kappa: Double) -> Double? {
    guard kappa < 1 else { return 1 }
    return SpecialFunctions.regularisedLowerGamma(
      shape + 1, SpecialFunctions.inverseRegularisedLowerGamma(shape, kappa))
  }

  static let family = NodeLawFamily(
    name: "group-lasso", law: "Gamma((m+1)/2, rate p(m+1)/2)", location: "1", density: "0", exponent: "t",
    parameters: [.positive("m", 1)]
  ) { GroupLassoNodes(m: $0["m"] ?? 1) }
}

/// Inverse Gamma(2, scale 1/p), of infinite variance: weights are Student's t.
package struct InverseGammaNodes: VanishingNodeLaw {
  package var name: String { "inverse-gamma" }
  package var locationA: Double { 1 }
  package func sampleFinite(width p: Int, _ random: RandomGenerator) -> Double {
    1 / (Double(p) * random.gamma(shape: 2))
  }
  /// With Y = 1/g: E[Y; Y <= q] = int_(1/q)^inf e^-g dg.
  package func prunedMass(fraction kappa: Double) -> Double? {
    guard kappa > 0, kappa < 1 else { return kappa >= 1 ? 1 : 0 }
    return exp(-SpecialFunctions.inverseRegularisedLowerGamma(2, 1 - kappa))
  }

  static let family = NodeLawFamily(
    name: "inverse-gamma", law: "InvGamma(2, scale 1/p)", location: "1", density: "0", exponent: "t",
    parameters: []
  ) { _ in InverseGammaNodes() }
}
