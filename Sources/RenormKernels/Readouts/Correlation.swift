internal import Foundation

/// How the correlation of two weights falls with the distance d of their places, given a length scale l: of
/// readout weights over positions, and of filter weights over the pixels of a mask (docs/theory.md, section 6;
/// Rasmussen and Williams, Gaussian Processes, 2006, section 4.2). 1 at d = 0; l -> 0 gives independent
/// weights, l -> infinity equal ones.
package enum Correlation: String, CaseIterable, Sendable {
  /// exp(-d/l): Matern of order 1/2.
  case exponential
  /// (1 + sqrt(3) d/l) exp(-sqrt(3) d/l).
  case matern32
  /// (1 + sqrt(5) d/l + 5 d^2/(3 l^2)) exp(-sqrt(5) d/l).
  case matern52
  /// exp(-d^2/(2 l^2)).
  case squaredExponential = "squared-exponential"

  /// The correlation at a distance, both in the same units.
  package func callAsFunction(_ distance: Double, lengthScale: Double) -> Double {
    switch self {
    case .exponential:
      return exp(-distance / lengthScale)
    case .matern32:
      let d = 3.0.squareRoot() * distance / lengthScale
      return (1 + d) * exp(-d)
    case .matern52:
      let d = 5.0.squareRoot() * distance / lengthScale
      return (1 + d + d * d / 3) * exp(-d)
    case .squaredExponential:
      let d = distance / lengthScale
      return exp(-d * d / 2)
    }
  }
}
