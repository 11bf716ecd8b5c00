internal import Foundation
public import LinearAlgebra

/// What labels say of predicted distributions: scores that reward honest variances.
public struct LabelScores: Equatable, Sendable {
  /// Points of one tenth of the probabilities that were given to the most probable class.
  public struct Bin: Codable, Equatable, Sendable {
    /// Number of points.
    public let count: Int
    /// The mean probability of the most probable class.
    public let confidence: Double
    /// The share of points of which it is the class.
    public let accuracy: Double
  }

  /// The mean of -log p: of the probability of the class, or, for regression, of the density of the label, over
  /// points and outputs, in the units of the targets.
  public let nll: Double
  /// The mean over points of sum_c (p_c - [c is the class])^2, from 0 to 2 (G. W. Brier, Monthly Weather Review
  /// 78 (1950)); nil for regression.
  public let brier: Double?
  /// sum_b (n_b/n) |accuracy_b - confidence_b| over ten bins of confidence of equal width (M. P. Naeini et al.,
  /// AAAI 2015); nil for regression.
  public let expectedCalibrationError: Double?
  /// The bins with points, by confidence; nil for regression.
  public let bins: [Bin]?
}

extension Prediction {
  /// Compares predicted distributions of labels with labels, points x D, of which T is the noise.
  public func labelScores(targets: Matrix, isClassification: Bool, temperature: Double) -> LabelScores {
    isClassification
      ? classScores(targets, temperature)
      : LabelScores(
        nll: logLoss(targets, temperature), brier: nil, expectedCalibrationError: nil, bins: nil)
  }

  /// The mean of log(2 pi v)/2 + (y - mean)^2/(2 v), v = var + T.
  private func logLoss(_ targets: Matrix, _ temperature: Double) -> Double {
    let sum = mean.elements.indices.reduce(0.0) { sum, k in
      let v = variance.elements[k] + temperature
      let residual = targets.elements[k] - mean.elements[k]
      return sum + (log(2 * .pi * v) + residual * residual / v) / 2
    }
    return sum / Double(max(mean.elements.count, 1))
  }

  private static let binCount = 10

  private func classScores(_ targets: Matrix, _ temperature: Double) -> LabelScores {
    let logarithms = logClassProbabilities(temperature: temperature)
    var (nll, brier) = (0.0, 0.0)
    var bins = [(count: Int, confidence: Double, hits: Int)](repeating: (0, 0, 0), count: Self.binCount)
    for point in 0..<count {
      let own = targets.classIndex(row: point)
      nll -= logarithms[point, own]
      for c in 0..<logarithms.columns {
        let rest = exp(logarithms[point, c]) - (c == own ? 1 : 0)
        brier += rest * rest
      }
      let top = logarithms.classIndex(row: point, isOfLargest: true)
      let confidence = exp(logarithms[point, top])
      let bin = min(Int(confidence * Double(Self.binCount)), Self.binCount - 1)
      bins[bin].count += 1
      bins[bin].confidence += confidence
      bins[bin].hits += top == own ? 1 : 0
    }
    let n = Double(max(count, 1))
    return LabelScores(
      nll: nll / n, brier: brier / n,
      expectedCalibrationError: bins.reduce(0) { $0 + abs(Double($1.hits) - $1.confidence) } / n,
      bins: bins.filter { $0.count > 0 }.map {
        LabelScores.Bin(
          count: $0.count, confidence: $0.confidence / Double($0.count),
          accuracy: Double($0.hits) / Double($0.count))
      })
  }
}
