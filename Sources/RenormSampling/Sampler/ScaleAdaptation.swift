internal import Foundation

/// Scales of the coordinates from their variances in warmup.
enum ScaleAdaptation {
  /// The deviation of every coordinate that differs from 1 by more than chance, else 1.
  ///
  /// The logarithm of a variance over n independent draws has the standard error (2/n)^(1/2). The largest of d
  /// such errors is about (2 log d)^(1/2) of them; logarithms are drawn to 0 by that much (Donoho and Johnstone
  /// 1994), so that a target whose coordinates all have unit variance is left as it is.
  static func scales(_ moments: RunningMoments, effectiveFraction: Double = 0.5) -> [Double] {
    let count = moments.count * effectiveFraction
    let variances = moments.variances
    let threshold = (2 / count).squareRoot() * (2 * log(Double(max(variances.count, 2)))).squareRoot()
    return variances.map { variance in
      guard variance > 0, variance.isFinite else { return 1 }
      let logarithm = log(variance)
      let kept = max(abs(logarithm) - threshold, 0)
      return exp((logarithm < 0 ? -kept : kept) / 2)
    }
  }
}
