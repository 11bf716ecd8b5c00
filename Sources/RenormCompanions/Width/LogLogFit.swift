internal import Foundation
package import RenormSampling

/// A power law through estimates at several widths: log |estimate| = c + slope log n by weighted least squares.
package struct LogLogFit: Equatable, Sendable {
  /// Why no slope is given.
  package enum Refusal: String, Sendable, Codable {
    case tooFewWidths = "fewer than 3 widths"
    case nearZero = "an estimate is within 2 standard errors of zero"
    case changingSign = "estimates change their sign"
  }

  /// The slope, with the error that follows from those of the estimates.
  package let slope: Estimate
  /// Weighted sum of squares of what the line leaves, with two degrees of freedom less than widths.
  package let chiSquared: Double

  /// A fit, or why there is none.
  package static func fit(_ widths: [Int], _ estimates: [Estimate]) -> Result<LogLogFit, Refused> {
    precondition(widths.count == estimates.count, "\(widths.count) widths for \(estimates.count) estimates")
    guard Set(widths).count >= 3 else { return .failure(Refused(reason: .tooFewWidths)) }
    guard estimates.allSatisfy({ abs($0.mean) > 2 * $0.standardError }) else {
      return .failure(Refused(reason: .nearZero))
    }
    guard Set(estimates.map { $0.mean > 0 }).count == 1 else { return .failure(Refused(reason: .changingSign)) }
    // Equal weights where estimates are exact.
    let isExact = estimates.contains { $0.standardError == 0 }
    let weights = estimates.map { isExact ? 1 : ($0.mean / $0.standardError) * ($0.mean / $0.standardError) }
    let (x, y) = (widths.map { log(Double($0)) }, estimates.map { log(abs($0.mean)) })
    let total = weights.reduce(0, +)
    let middle = zip(weights, x).reduce(0) { $0 + $1.0 * $1.1 } / total
    let spread = zip(weights, x).reduce(0) { $0 + $1.0 * ($1.1 - middle) * ($1.1 - middle) }
    let height = zip(weights, y).reduce(0) { $0 + $1.0 * $1.1 } / total
    let slope = x.indices.reduce(0) { $0 + weights[$1] * (x[$1] - middle) * y[$1] } / spread
    let rest = x.indices.reduce(0.0) {
      let deviation = y[$1] - height - slope * (x[$1] - middle)
      return $0 + weights[$1] * deviation * deviation
    }
    return .success(
      LogLogFit(
        slope: Estimate(mean: slope, standardError: isExact ? .nan : (1 / spread).squareRoot()),
        chiSquared: isExact ? .nan : rest))
  }

  /// A fit that was refused.
  package struct Refused: Error, Equatable, Sendable {
    package let reason: Refusal
  }
}
