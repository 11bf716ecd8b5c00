internal import Foundation
public import GSLNumerics

/// A law of the variances lambda_(p,j) of the nodes of a layer, independent and equal for its p nodes, whose
/// sum S_p converges to an infinitely divisible S as p grows (H. Lee et al., JMLR 24 (2023), arXiv 2205.08187):
///
///     E exp(-t S) = exp(-psi(t)),   psi(t) = a t + int (1 - e^(-t w)) rho(dw).
///
/// The Levy triplet (a, rho) decides the limit of the network: with rho = 0 a Gaussian process, else a mixture
/// of Gaussian processes with dependent outputs. a is the mass of nodes that vanish one by one, rho the
/// intensity of nodes that stay.
///
/// A new law is one file with a conforming type, and one line in `NodeLaws.all`. Required are the location, the
/// density, the finite sampler and a place for the atoms; the rest follows by quadrature and may be overridden.
/// Laws: `levyTail` falls from its value at 0 to 0; atoms of arrival Gamma_1 < Gamma_2 < ... of a unit Poisson
/// process, with independent uniform marks, are a Poisson process of intensity rho.
public protocol NodeLaw: Sendable {
  /// The name on the command line.
  var name: String { get }
  /// a.
  var locationA: Double { get }
  /// d rho/dw at w > 0; atoms of rho are not part of it.
  func levyDensity(_ w: Double) -> Double
  /// rho((x, inf)), x > 0.
  func levyTail(_ x: Double) -> Double
  /// int_0^eps w rho(dw).
  func levyMassBelow(_ eps: Double) -> Double
  /// int w rho(dw); may be infinite.
  var levyMass: Double { get }
  /// int w^2 rho(dw); may be infinite.
  var levySquare: Double { get }
  /// psi(t), t >= 0.
  func laplaceExponent(_ t: Double) -> Double
  /// One lambda_(p,j).
  func sampleFinite(width p: Int, _ random: RandomGenerator) -> Double

  /// How many uniform marks an atom takes.
  var markCount: Int { get }
  /// The weight of the atom of a given arrival and marks in (0, 1); 0 where it is thinned out. Without marks it
  /// does not grow with the arrival.
  func atom(arrival: Double, marks: ArraySlice<Double>) -> Double
  /// The mean weight of all atoms of arrivals above T: what replaces them is a constant.
  func residualMass(truncation: Double) -> Double

  /// alpha, where rho ~ w^(-1-alpha) as w -> 0; nil where rho has no such singularity.
  var smallIndex: Double? { get }
  /// tau, where rho((x, inf)) ~ x^(-tau) as x -> inf; nil for lighter tails.
  var tailIndex: Double? { get }
  /// lim p int_0^kappa Q_p(u) du, Q_p the quantile function of lambda_(p,j): the mass of the fraction kappa of
  /// nodes with the smallest variances. Nil where it is not known.
  func prunedMass(fraction kappa: Double) -> Double?
  /// The same at finite width, where it is known.
  func prunedMass(fraction kappa: Double, width p: Int) -> Double?
  /// E S_p, where it is known to differ from E S.
  func finiteMean(width p: Int) -> Double?
}

extension NodeLaw {
  /// E S, which may be infinite.
  public var mean: Double { locationA + levyMass }
  /// Whether the limit is a Gaussian process.
  public var isGaussian: Bool { levyTail(.leastNormalMagnitude) == 0 && levyMass == 0 }

  /// int_lower^upper f(w) rho(dw), over log w.
  func integrateLevy(from lower: Double, to upper: Double, _ f: (Double) -> Double) -> Double {
    // The densities change their form at 1 at most.
    let cuts = [lower, 1.0, upper].filter { $0 >= lower && $0 <= upper }.map { log($0) }
    return zip(cuts, cuts.dropFirst()).reduce(0) { sum, ends in
      guard ends.0 < ends.1 else { return sum }
      return sum
        + Quadrature.integrate(from: ends.0, to: ends.1, relative: 1e-10, absolute: 1e-14) { u in
          let w = exp(u)
          guard w > 0, w.isFinite else { return 0 }
          let value = f(w) * levyDensity(w) * w
          return value.isFinite ? value : 0
        }.value
    }
  }

  public func levyTail(_ x: Double) -> Double { integrateLevy(from: x, to: .infinity) { _ in 1 } }
  public func levyMassBelow(_ eps: Double) -> Double { eps > 0 ? integrateLevy(from: 0, to: eps) { $0 } : 0 }
  public var levyMass: Double { integrateLevy(from: 0, to: .infinity) { $0 } }
  public var levySquare: Double { integrateLevy(from: 0, to: .infinity) { $0 * $0 } }

  public func laplaceExponent(_ t: Double) -> Double {
    locationA * t + integrateLevy(from: 0, to: .infinity) { -expm1(-t * $0) }
  }

  public var markCount: Int { 0 }
  public var smallIndex: Double? { nil }
  public var tailIndex: Double? { nil }
  public func finiteMean(width p: Int) -> Double? { nil }
  public func prunedMass(fraction kappa: Double, width p: Int) -> Double? { nil }
  /// A law without a keeps nothing in any fraction below 1.
  public func prunedMass(fraction kappa: Double) -> Double? { locationA == 0 && kappa < 1 ? 0 : nil }

  public func residualMass(truncation: Double) -> Double {
    levyMassBelow(atom(arrival: truncation, marks: []))
  }

  /// The solution w of rho((w, inf)) = arrival, by bisection on log w.
  public func invertTail(_ arrival: Double) -> Double {
    var (low, high) = (-700.0, 700.0)
    for _ in 0..<80 {
      let middle = (low + high) / 2
      if levyTail(exp(middle)) > arrival { low = middle } else { high = middle }
    }
    return exp((low + high) / 2)
  }

  /// The weights of the atoms with arrivals up to T, without those that are thinned out.
  public func sampleAtoms(truncation: Double, _ random: RandomGenerator) -> [Double] {
    guard !isGaussian else { return [] }
    var atoms: [Double] = []
    var arrival = random.exponential()
    while arrival <= truncation {
      let marks = (0..<markCount).map { _ in random.uniformPositive() }
      let weight = atom(arrival: arrival, marks: marks[...])
      if weight > 0 { atoms.append(weight) }
      arrival += random.exponential()
    }
    return atoms
  }
}
