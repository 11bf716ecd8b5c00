internal import CVectorKernels
internal import Foundation

/// s(h) = h Phi(h), Phi the distribution function of a standard normal number (D. Hendrycks and K. Gimpel,
/// arXiv 1606.08415), not odd:
///
///     E[s(a) s(b)] = cab/4 + (cab/2 pi) asin( cab/sqrt((1 + caa)(1 + cbb)) )
///                    + [ caa cbb - cab^2 + cab^2 (1/(1 + caa) + 1/(1 + cbb)) ] / (2 pi sqrt D)
///     E[s(a)]      = caa/sqrt(2 pi (1 + caa)),   D = (1 + caa)(1 + cbb) - cab^2.
///
/// From E[a b Phi(a) Phi(b)] by partial integration (Stein): Phi(a) Phi(b) is the probability of an orthant,
/// its derivatives are Gaussian densities. Compare R. Tsuchida, T. Pearce, C. van der Heide, F. Roosta and M.
/// Gallagher, "Avoiding kernel fixed points: computing with ELU and GELU infinite networks", AAAI 2021.
public struct GELU: DifferentiableActivation {
  public init() {}

  public var name: String { "gelu" }
  public var isOdd: Bool { false }
  public func callAsFunction(_ h: Double) -> Double { h * normalCumulative(h) }
  /// Phi(h) + h phi(h).
  public func derivative(_ h: Double) -> Double { normalCumulative(h) + h * normalDensity(h) }
  public func mean(variance: Double) -> Double { variance / (2 * .pi * (1 + variance)).squareRoot() }

  /// The arcsine is atan2(cab, sqrt D), which cannot leave its domain.
  public func secondMoment(_ caa: Double, _ cab: Double, _ cbb: Double) -> Double {
    let determinant = max(Gaussian2.determinant(caa, cab, cbb), 0)
    let root = (1 + caa + cbb + determinant).squareRoot()
    let square = cab * cab
    let angle: Double = cab / 4 + cab / (2 * .pi) * atan2(cab, root)
    return angle + (determinant + square / (1 + caa) + square / (1 + cbb)) / (2 * .pi * root)
  }

  /// The average of s'(a) s'(b) times |cab|.
  public func secondMomentSensitivity(_ caa: Double, _ cab: Double, _ cbb: Double) -> Double {
    // dE/dcab by central differences of a closed form; it is needed to a digit or two.
    let step = 1e-4 * (caa * cbb).squareRoot()
    guard step > 0 else { return abs(secondMoment(caa, cab, cbb)) }
    let slope = (secondMoment(caa, cab + step, cbb) - secondMoment(caa, cab - step, cbb)) / (2 * step)
    return abs(cab * slope)
  }

  /// The arcsines vectorised: E[erf(a/sqrt 2) erf(b/sqrt 2)] pi/2 is that of this kernel.
  public func replaceBySecondMoments(
    _ covariances: UnsafeMutableBufferPointer<Double>, rowVariances: UnsafeBufferPointer<Double>,
    columnVariances: UnsafeBufferPointer<Double>
  ) {
    precondition(covariances.count == rowVariances.count * columnVariances.count)
    var angles = covariances.map { $0 / 2 }
    let (rows, columns) = (rowVariances.map { $0 / 2 }, columnVariances.map { $0 / 2 })
    renorm_erf_second_moments(&angles, rows, rows.count, columns, columns.count)
    let rowWeights = rowVariances.map { 1 / (1 + $0) }
    var index = 0
    for b in columnVariances {
      let weight = 1 / (1 + b)
      for i in rowVariances.indices {
        let (a, c) = (rowVariances[i], covariances[index])
        let square = c * c
        let determinant = max(Gaussian2.determinant(a, c, b), 0)
        let root = (1 + a + b + determinant).squareRoot()
        let rest: Double = (determinant + square * (rowWeights[i] + weight)) / (2 * .pi * root)
        covariances[index] = c / 4 * (1 + angles[index]) + rest
        index += 1
      }
    }
  }
}
