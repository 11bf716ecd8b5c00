internal import CNumerics

/// The distribution function of the standard normal distribution and its inverse.
public enum NormalDistribution {
  /// P(z <= x).
  public static func cumulative(_ x: Double) -> Double { gsl_cdf_ugaussian_P(x) }

  /// The x with P(z <= x) = probability, which lies between 0 and 1.
  public static func quantile(_ probability: Double) -> Double { gsl_cdf_ugaussian_Pinv(probability) }

  /// The x with P(z > x) = probability, accurate where it is small.
  public static func upperQuantile(_ probability: Double) -> Double { gsl_cdf_ugaussian_Qinv(probability) }
}
