internal import Foundation
internal import GSLNumerics

/// What |v_b| < v does to the law of q = mean of v_b^2 over the units b of a bulk, v the readout of a unit that
/// is the largest: per unit the density of q gains exp(ds), and once a prefactor.
///
/// Both depend on r = q/v^2 only. With z uniform on (0, 1) and E_t the average with weights exp(-t z^2),
///
///     ds(r) = 1/2 log(2/pi) + log E exp(-t z^2) + t r - 1/2 log r - 1/2,   t: E_t z^2 = r
///
/// by Cramer's theorem, 0 at r = 0 and minus infinity at r = 1; t < 0 where r > 1/3. The fluctuations of the
/// mean have variance Var_t(z^2) in the place of 2 r^2: a factor (2 r^2/Var)^(1/2).
struct TruncatedLaw {
  /// ds.
  let entropy: Double
  /// d ds/d log r.
  let slope: Double
  /// d^2 ds/(d log r)^2.
  let curvature: Double
  /// 1/2 log(Var/(2 r^2)), to be taken from the logarithm of the density.
  let logFluctuation: Double
  /// Its derivative by log r.
  let fluctuationSlope: Double

  /// Nothing is cut off at r = 0.
  static let none = TruncatedLaw()

  private init() { (entropy, slope, curvature, logFluctuation, fluctuationSlope) = (0, 0, 0, 0, 0) }

  /// - Parameter ratio: r, in (0, 1).
  init(ratio r: Double) {
    // What is cut off is below e^-50.
    guard r > 0.01 else {
      self = .none
      return
    }
    // Exact at r = 1/3, in the limits 0 and 1 to first order, and below the solution elsewhere, from where
    // Newton's steps on a convex function rise to it.
    var t = 1 / (2 * r) - 1 / (1 - r)
    var moments = Moments(t)
    for _ in 0..<50 {
      let step = (moments.mean - r) / moments.variance
      t += step
      moments = Moments(t)
      if abs(step) <= 1e-13 * max(1, abs(t)) { break }
    }
    let variance = moments.variance
    entropy = 0.5 * log(2 / .pi) + moments.logNorm + t * r - 0.5 * log(r) - 0.5
    slope = r * t - 0.5
    curvature = r * t - r * r / variance
    logFluctuation = 0.5 * log(variance / (2 * r * r))
    fluctuationSlope = 0.5 * (r * moments.third / (variance * variance) - 2)
  }

  /// Moments of z^2 with weights exp(-t z^2) on (0, 1).
  private struct Moments {
    let logNorm: Double
    let mean: Double
    let variance: Double
    /// The third central moment.
    let third: Double

    private static let rule = GaussLegendre(64).nodes

    init(_ t: Double) {
      let offset = min(t, 0)
      // Weights that rise steeply count near 1 only.
      let lower = t < -50 ? 1 + 25 / t : 0
      let terms = Self.rule.map { node in
        let z = lower + (1 - lower) * (1 + node.x) / 2
        return (square: z * z, weight: (1 - lower) / 2 * node.weight * exp(offset - t * z * z))
      }
      var sums = (0.0, 0.0, 0.0, 0.0)
      for (square, weight) in terms {
        sums.0 += weight
        sums.1 += weight * square
      }
      mean = sums.1 / sums.0
      for (square, weight) in terms {
        let d = square - mean
        sums.2 += weight * d * d
        sums.3 += weight * d * d * d
      }
      logNorm = log(sums.0) - offset
      variance = sums.2 / sums.0
      third = sums.3 / sums.0
    }
  }
}
