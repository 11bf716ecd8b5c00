import Renorm

/// Predictive means or variances that rounding has destroyed, which end a command after it has written its
/// results.
struct LostPredictions: Error, CustomStringConvertible {
  let description: String

  /// Nil where the means and variances that are stated are right to 1e-4.
  ///
  /// - Parameter single: whether single variances are stated, besides their mean.
  init?(_ prediction: Prediction?, single: Bool) {
    guard let rounding = prediction.map(PredictionRounding.init) else { return nil }
    let variances =
      single && rounding.isAnyVarianceLost
      ? "single predictive variances have relative errors of up to \(PredictionRounding.text(rounding.largest))"
      : nil
    guard let what = rounding.lostAverage ?? variances else { return nil }
    description =
      "\(what) from rounding, as the temperature is too close to the rounding of the kernel; the results are "
      + "written; try a higher --temperature"
  }
}
