internal import Foundation
internal import LinearAlgebra
public import Renorm

extension Prediction {
  /// The prediction in the units of the targets: means and variances of a network that has learnt shifted and
  /// scaled targets, scaled back.
  public func restored(by scaling: TargetScaling?) -> Prediction {
    guard let scaling else { return self }
    return Prediction(
      mean: scaling.restore(mean), variance: scaling.squaredScale * variance,
      meanError: scaling.squaredScale.squareRoot() * meanError,
      varianceError: scaling.squaredScale * varianceError, logProbabilities: logProbabilities)
  }
}

extension LabelScores {
  /// The mean of -log p in the units of the targets: a density of real targets is one over their scale.
  package func nll(in scaling: TargetScaling?) -> Double {
    brier == nil ? nll + (scaling.map { log($0.squaredScale) / 2 } ?? 0) : nll
  }
}

extension Scores {
  /// The scores in the units of the targets.
  public func restored(by scaling: TargetScaling?) -> Scores {
    guard let scaling else { return self }
    return Scores(
      count: count, bias: bias.map { scaling.squaredScale * $0 }, variance: scaling.squaredScale * variance,
      accuracy: accuracy)
  }
}
