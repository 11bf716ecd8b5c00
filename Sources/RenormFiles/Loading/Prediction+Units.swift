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
      varianceError: scaling.squaredScale * varianceError)
  }
}

extension Scores {
  /// The scores in the units of the targets.
  public func restored(by scaling: TargetScaling?) -> Scores {
    guard let scaling else { return self }
    return Scores(
      count: count, bias: scaling.squaredScale * bias, variance: scaling.squaredScale * variance,
      accuracy: accuracy)
  }
}
