import Renorm

/// Predictive variances that rounding has destroyed, which end a command after it has written its results.
struct LostVariances: Error, CustomStringConvertible {
  let description: String

  /// Nil where the variances that are stated are right to 1e-4.
  ///
  /// - Parameter single: whether single variances are stated, besides their mean.
  init?(_ prediction: Prediction?, single: Bool) {
    guard let rounding = prediction.map(VarianceRounding.init),
      rounding.isMeanLost || single && rounding.isAnyLost
    else { return nil }
    let what =
      rounding.isMeanLost
      ? "the mean predictive variance has a relative error of about \(VarianceRounding.text(rounding.mean))"
      : "single predictive variances have relative errors of up to \(VarianceRounding.text(rounding.largest))"
    description =
      "\(what) from rounding, as the temperature is too close to the rounding of the kernel; the results are "
      + "written; try a higher --temperature"
  }
}
