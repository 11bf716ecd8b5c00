internal import Foundation

/// What rounding leaves of the variances of a set of predictions, relative to them.
///
/// Variances near the temperature are, at points outside the range of the training set, differences of kernels
/// that are larger by the inverse of the temperature (docs/theory.md, section 7).
package struct VarianceRounding: Equatable, Sendable {
  /// The relative error of the mean variance; infinite where it is 0 and not known to be.
  package let mean: Double
  /// The largest relative error of a single variance.
  package let largest: Double
  /// Points with a relative error above `Convergence.remarkableError`.
  package let remarkable: Int
  private let count: Int

  package init(_ prediction: Prediction) {
    let (variances, errors) = (prediction.variance, prediction.varianceError)
    var (largest, remarkable) = (0.0, 0)
    for p in 0..<prediction.count {
      var worst = 0.0
      for d in 0..<variances.columns { worst = max(worst, Self.ratio(errors[p, d], variances[p, d])) }
      largest = max(largest, worst)
      if worst > Convergence.remarkableError { remarkable += 1 }
    }
    (self.largest, self.remarkable, count) = (largest, remarkable, prediction.count)
    mean = Self.ratio(errors.elements.reduce(0, +), variances.elements.reduce(0, { $0 + abs($1) }))
  }

  private static func ratio(_ error: Double, _ value: Double) -> Double {
    error > 0 ? error / max(value, 0) : 0
  }

  /// Whether the mean variance is lost: its relative error is above 1e-4.
  package var isMeanLost: Bool { !(mean <= Convergence.largestError) }
  /// Whether a single variance is.
  package var isAnyLost: Bool { !(largest <= Convergence.largestError) }

  /// What a user should know; each is one line.
  package var warnings: [String] {
    guard remarkable > 0 || !(mean <= Convergence.remarkableError) else { return [] }
    return [
      "rounding limits the predictive variances: the relative error of their mean is about "
        + "\(Self.text(mean)), and "
        + "above 1e-6 at \(remarkable) of \(count) points, up to \(Self.text(largest)); the temperature "
        + "is close to the rounding of the kernel, and a higher one would help"
    ]
  }

  /// An error in two digits.
  package static func text(_ error: Double) -> String {
    error.isFinite ? String(format: "%.2g", error) : "all of it"
  }
}
