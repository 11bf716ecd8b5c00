internal import Foundation

/// What rounding leaves of a set of predictions.
///
/// Variances near the temperature are, at points outside the range of the training set, differences of kernels
/// that are larger by the inverse of the temperature (docs/theory.md, section 7). Means hang on rounding where
/// A^-1 y is large: where nearly equal examples have different targets.
package struct PredictionRounding: Equatable, Sendable {
  /// The root mean square error of the means over their root mean square, or over a thousandth of the root of the
  /// mean variance where that is more: means that vanish by symmetry are known beside what the posterior leaves
  /// open.
  package let means: Double
  /// The relative error of the mean variance; infinite where it is 0 and not known to be.
  package let meanVariance: Double
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
    let deviation = max(variances.elements.reduce(0, +) / Double(max(variances.elements.count, 1)), 0)
      .squareRoot()
    means = Self.ratio(
      meanSquare(prediction.meanError).squareRoot(),
      max(meanSquare(prediction.mean).squareRoot(), 1e-3 * deviation))
    meanVariance = Self.ratio(errors.elements.reduce(0, +), variances.elements.reduce(0, { $0 + abs($1) }))
  }

  private static func ratio(_ error: Double, _ value: Double) -> Double {
    error > 0 ? error / max(value, 0) : 0
  }

  /// Whether the means are lost: their relative error is above 1e-4.
  package var areMeansLost: Bool { !(means <= Convergence.largestError) }
  /// Whether the mean variance is.
  package var isMeanVarianceLost: Bool { !(meanVariance <= Convergence.largestError) }
  /// Whether a single variance is.
  package var isAnyVarianceLost: Bool { !(largest <= Convergence.largestError) }

  /// What is lost of averages over the points, as the subject of a sentence; nil where nothing is.
  package var lostAverage: String? {
    if areMeansLost { return "the predictive means have a relative error of about \(Self.text(means))" }
    guard isMeanVarianceLost else { return nil }
    return "the mean predictive variance has a relative error of about \(Self.text(meanVariance))"
  }

  /// What a user should know; each is one line.
  package var warnings: [String] {
    meansWarnings + variancesWarnings
  }

  private var meansWarnings: [String] {
    guard !(means <= Convergence.remarkableError) else { return [] }
    return [
      "rounding limits the predictive means at the held-out points: their relative error is about "
        + "\(Self.text(means)); at this temperature they hang on the last digits of the inputs"
    ]
  }

  private var variancesWarnings: [String] {
    guard remarkable > 0 || !(meanVariance <= Convergence.remarkableError) else { return [] }
    return [
      "rounding limits the predictive variances: the relative error of their mean is about "
        + "\(Self.text(meanVariance)), and "
        + "above 1e-6 at \(remarkable) of \(count) points, up to \(Self.text(largest)); the temperature "
        + "is close to the rounding of the kernel, and a higher one would help"
    ]
  }

  /// An error in two digits.
  package static func text(_ error: Double) -> String {
    error.isFinite ? String(format: "%.2g", error) : "all of it"
  }
}
