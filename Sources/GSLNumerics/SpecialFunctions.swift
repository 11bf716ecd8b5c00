@preconcurrency internal import CNumerics
internal import Foundation

/// Special functions of GSL. Outside of their domains they are NaN.
public enum SpecialFunctions {
  /// Gamma(x).
  public static func gamma(_ x: Double) -> Double { tgamma(x) }

  /// log |Gamma(x)|.
  public static func logGamma(_ x: Double) -> Double { lgamma(x) }

  /// The digamma function d/dx log Gamma(x).
  public static func digamma(_ x: Double) -> Double {
    GSL.disableAbortOnError
    return gsl_sf_psi(x)
  }

  /// The trigamma function d^2/dx^2 log Gamma(x).
  public static func trigamma(_ x: Double) -> Double {
    GSL.disableAbortOnError
    return gsl_sf_psi_1(x)
  }

  /// The regularised lower incomplete gamma function P(s, x) = int_0^x t^(s-1) e^-t dt / Gamma(s),
  /// s > 0, x >= 0.
  public static func regularisedLowerGamma(_ s: Double, _ x: Double) -> Double {
    GSL.disableAbortOnError
    guard x > 0 else { return x == 0 ? 0 : .nan }
    return x.isInfinite ? 1 : gsl_cdf_gamma_P(x, s, 1)
  }

  /// The x with P(s, x) = probability.
  public static func inverseRegularisedLowerGamma(_ s: Double, _ probability: Double) -> Double {
    GSL.disableAbortOnError
    return gsl_cdf_gamma_Pinv(probability, s, 1)
  }

  /// The regularised incomplete beta function I_x(a, b), a, b > 0.
  public static func regularisedBeta(_ a: Double, _ b: Double, _ x: Double) -> Double {
    GSL.disableAbortOnError
    guard x < 1 else { return 1 }
    return x <= 0 ? 0 : gsl_cdf_beta_P(x, a, b)
  }

  /// log B(a, b) = log(Gamma(a) Gamma(b) / Gamma(a + b)).
  public static func logBeta(_ a: Double, _ b: Double) -> Double { lgamma(a) + lgamma(b) - lgamma(a + b) }

  /// log P(z <= x) for a standard normal z, finite far in the lower tail.
  public static func logNormalCumulative(_ x: Double) -> Double {
    GSL.disableAbortOnError
    return gsl_sf_log_erfc(-x / 2.0.squareRoot()) - log(2)
  }

  /// P(chi squared <= x) for `degreesOfFreedom` > 0.
  public static func chiSquaredCumulative(_ x: Double, _ degreesOfFreedom: Double) -> Double {
    regularisedLowerGamma(degreesOfFreedom / 2, x / 2)
  }
}
