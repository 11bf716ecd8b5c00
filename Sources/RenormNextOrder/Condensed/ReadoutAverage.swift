internal import Foundation
internal import LinearAlgebra

/// Averages over the nodes of a quadrature over readouts.
struct ReadoutAverage: Sendable {
  /// log of the integral of the weights, without the constants of the problem.
  let logIntegral: Double
  /// Of the nodes, with sum 1.
  let weights: [Double]
  /// <q>.
  let q: Double
  /// Predictive means.
  let mean: [Double]
  /// The average variance and the variance of the means.
  let variance: [Double]

  /// - Parameters:
  ///   - logWeights: of the nodes, at least one.
  ///   - cell: what a node stands for, in units of the readouts.
  init(logWeights: [Double], qs: [Double], _ predictions: [ReadoutPrediction], cell: Double) {
    let largest = logWeights.max() ?? 0
    let raw = logWeights.map { exp($0 - largest) }
    let total = raw.reduce(0, +)
    let weights = raw.map { $0 / total }
    let mean = predictions.map(\.mean).weightedSum(weights)
    logIntegral = largest + log(total * cell)
    q = dot(weights, qs)
    variance = mean.indices.map { p in
      zip(weights, predictions).reduce(0) { sum, part in
        let d = part.1.mean[p] - mean[p]
        return sum + part.0 * (part.1.variance[p] + d * d)
      }
    }
    (self.weights, self.mean) = (weights, mean)
  }

  /// The largest change: of the log integral, of q relative, and of means in posterior standard deviations
  /// (root mean square over points).
  func change(from before: ReadoutAverage) -> Double {
    let squares = mean.indices.reduce(0.0) { sum, p in
      let d = mean[p] - before.mean[p]
      return sum + (d == 0 ? 0 : d * d / variance[p])
    }
    return max(
      abs(logIntegral - before.logIntegral), abs(q / before.q - 1),
      (squares / Double(max(mean.count, 1))).squareRoot())
  }

  /// 1/sum of squared weights.
  var effectiveNodes: Double { 1 / dot(weights, weights) }
}
