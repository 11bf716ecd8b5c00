internal import Foundation
internal import GSLNumerics
package import LinearAlgebra
package import Renorm
package import RenormSampling

/// The posterior of a mixture by importance sampling from the prior with weights p(Y|K): slow, but independent
/// of the chains, for at most six training examples.
package struct ImportanceCheck: Sendable {
  /// points x D, with errors.
  package let mean: [[Estimate]]
  /// points x D, without errors.
  package let variance: [[Double]]
  /// (sum w)^2/sum w^2. Below 200 this is not a check.
  package let effectiveSampleSize: Double
  package var isReliable: Bool { effectiveSampleSize >= Self.smallestSize }

  package static let smallestSize = 200.0
  package static let largestCount = 6

  /// - Throws: `RenormError.invalidParameter` for more than six training examples, or draws out of range.
  package init(
    _ posterior: MixturePosterior, _ points: Matrix, draws: Int = 100_000, seed: UInt32, threads: Int? = nil
  ) throws(RenormError) {
    guard posterior.inputs.columns <= Self.largestCount else {
      throw .invalidParameter(
        name: "check-is", value: "given for \(posterior.inputs.columns) training examples",
        accepted: "at most \(Self.largestCount), beyond which no draw from the prior is near the posterior")
    }
    try LevyTriplet.checkSampling(width: 1, draws: draws)
    let model: SliceModel
    do {
      model = try SliceModel(posterior, predicting: points)
    } catch {
      throw .numericalFailure(what: "factoring the kernel failed: \(error)", advice: "take a larger noise")
    }
    let samples = SeededDraws.map(draws, seed: seed, threads: threads) { random -> ConditionalPrediction? in
      let weights = posterior.law.sampleAtoms(truncation: posterior.truncation, random)
      let b = Matrix(rows: model.directions, columns: weights.count) { _, _ in random.gaussian() }
      return model.prediction(b, weights)
    }.compactMap(\.self)
    let largest = samples.map(\.logLikelihood).max() ?? 0
    let weights = samples.map { exp($0.logLikelihood - largest) }
    let total = weights.reduce(0, +)
    let squares = weights.reduce(0) { $0 + $1 * $1 }
    effectiveSampleSize = squares > 0 ? total * total / squares : 0
    let outputs = posterior.targets.columns
    var mean: [[Estimate]] = []
    var variance: [[Double]] = []
    for point in 0..<points.columns {
      var (means, variances): ([Estimate], [Double]) = ([], [])
      for output in 0..<outputs {
        let average = zip(weights, samples).reduce(0) { $0 + $1.0 * $1.1.mean[point, output] } / total
        let square = zip(weights, samples).reduce(0) {
          let deviation = $1.1.mean[point, output] - average
          return $0 + $1.0 * ($1.1.variance[point] + deviation * deviation)
        }
        let error = zip(weights, samples).reduce(0) {
          let deviation = $1.0 * ($1.1.mean[point, output] - average)
          return $0 + deviation * deviation
        }.squareRoot()
        means.append(Estimate(mean: average, standardError: error / total))
        variances.append(square / total)
      }
      mean.append(means)
      variance.append(variances)
    }
    self.mean = mean
    self.variance = variance
  }
}
