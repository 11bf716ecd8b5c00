internal import CNumerics
internal import Foundation

/// Draws from the distributions of GSL.
extension RandomGenerator {
  /// Uniform on (0, 1).
  public func uniformPositive() -> Double { gsl_rng_uniform_pos(state) }

  /// Exponential with mean 1.
  public func exponential() -> Double { -log(gsl_rng_uniform_pos(state)) }

  /// Gamma with density x^(shape - 1) e^-x / Gamma(shape), shape > 0.
  public func gamma(shape: Double) -> Double { gsl_ran_gamma(state, shape, 1) }

  /// log of a Gamma variable, finite where the variable itself is too small for a number: for shape < 1
  /// Gamma(shape) = Gamma(shape + 1) U^(1/shape).
  public func logGamma(shape: Double) -> Double {
    guard shape < 1 else { return log(gsl_ran_gamma(state, shape, 1)) }
    return log(gsl_ran_gamma(state, shape + 1, 1)) + log(gsl_rng_uniform_pos(state)) / shape
  }

  /// Beta with density proportional to x^(a - 1) (1 - x)^(b - 1), a, b > 0.
  ///
  /// Made of logarithms of Gamma variables, which do not vanish both at small a and b.
  public func beta(_ a: Double, _ b: Double) -> Double {
    let difference = logGamma(shape: b) - logGamma(shape: a)
    return 1 / (1 + exp(difference))
  }

  /// Chi squared with `degreesOfFreedom` > 0.
  public func chiSquared(_ degreesOfFreedom: Double) -> Double { gsl_ran_chisq(state, degreesOfFreedom) }

  /// 32 independent fair bits.
  public func bits() -> UInt32 { UInt32(truncatingIfNeeded: gsl_rng_get(state)) }
}
