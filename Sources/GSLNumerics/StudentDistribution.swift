internal import CNumerics

/// Student's t distribution: that of a deviation over an error that is itself estimated.
public enum StudentDistribution {
  /// The x with P(t > x) = probability, accurate where it is small; with infinitely many degrees of freedom
  /// that of the standard normal distribution.
  public static func upperQuantile(_ probability: Double, degreesOfFreedom: Double) -> Double {
    guard degreesOfFreedom.isFinite else { return NormalDistribution.upperQuantile(probability) }
    return gsl_cdf_tdist_Qinv(probability, degreesOfFreedom)
  }
}
