internal import Foundation
internal import GSLNumerics
package import RenormSampling

/// Moments of ReLU: for z ~ N(0, k) E relu(z)^q = k^(q/2) E|N|^q/2, E|N|^q = 2^(q/2) Gamma((q+1)/2)/sqrt(pi).
enum ReLUMoments {
  static func absolute(_ q: Double) -> Double {
    pow(2, q / 2) * SpecialFunctions.gamma((q + 1) / 2) / Double.pi.squareRoot()
  }
  static func relu(_ q: Double, variance: Double) -> Double { pow(variance, q / 2) * absolute(q) / 2 }
}

/// Exact moments of K on one input, one hidden layer.
public struct MixtureMoments: Equatable, Sendable {
  /// E K = sb^2 + sv^2 E relu^2 (a + int w rho(dw)).
  public let mean: Double
  /// Var K = sv^4 E relu^4 int w^2 rho(dw).
  public let variance: Double

  /// - Parameter inputVariance: K of the first layer.
  public init(_ law: any NodeLaw, weightScale: Double, biasScale: Double, inputVariance: Double) {
    let sv2 = weightScale * weightScale
    mean = biasScale * biasScale + sv2 * ReLUMoments.relu(2, variance: inputVariance) * law.mean
    variance = sv2 * sv2 * ReLUMoments.relu(4, variance: inputVariance) * law.levySquare
  }

  /// The correlation of the squares of two outputs, Var K/(3 Var K + 2 (E K)^2); nil for an infinite variance.
  public var correlationOfSquares: Double? {
    guard variance.isFinite, mean.isFinite else { return nil }
    let denominator = 3 * variance + 2 * mean * mean
    return denominator > 0 ? variance / denominator : nil
  }

  /// The same from draws of K, by the jackknife over groups of draws; its error is NaN for fewer than two.
  package static func correlationOfSquares(_ draws: [Double]) -> Estimate {
    let size = draws.count
    let groups = min(40, size)
    guard groups >= 2 else { return Estimate(mean: .nan, standardError: .nan) }
    var (first, second, counts) = (
      [Double](repeating: 0, count: groups), [Double](repeating: 0, count: groups), [0.0]
    )
    counts = first
    for (k, value) in draws.enumerated() {
      first[k % groups] += value
      second[k % groups] += value * value
      counts[k % groups] += 1
    }
    func value(_ count: Double, _ sum: Double, _ square: Double) -> Double {
      let mean = sum / count
      let variance = max(square / count - mean * mean, 0)
      return variance / (3 * variance + 2 * mean * mean)
    }
    let totals = (counts.reduce(0, +), first.reduce(0, +), second.reduce(0, +))
    let parts = (0..<groups).map {
      value(totals.0 - counts[$0], totals.1 - first[$0], totals.2 - second[$0])
    }
    let mean = parts.reduce(0, +) / Double(groups)
    let spread = parts.reduce(0) { $0 + ($1 - mean) * ($1 - mean) }
    return Estimate(
      mean: value(totals.0, totals.1, totals.2),
      standardError: (spread * Double(groups - 1) / Double(groups)).squareRoot())
  }
}
