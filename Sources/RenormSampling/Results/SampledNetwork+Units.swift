internal import Renorm
public import RenormFiles

extension SampledNetwork {
  /// Predictions, training loss and scores in the units of the targets, of which the network has learnt shifted
  /// and scaled ones. The draws are as they were.
  public func restored(by scaling: TargetScaling?) -> SampledNetwork {
    guard let scaling else { return self }
    return SampledNetwork(
      draws: draws, layout: layout, estimates: estimates.restored(by: scaling), diagnostics: diagnostics,
      isBiased: isBiased)
  }
}

extension SampledPosterior {
  func restored(by scaling: TargetScaling) -> SampledPosterior {
    let factor = scaling.squaredScale
    return SampledPosterior(
      chains: chains, draws: draws, logDensity: logDensity, weightNorm: weightNorm,
      trainingLoss: trainingLoss.scaled(by: factor), orderParameter: orderParameter,
      predictions: predictions.map { point in
        PointEstimate(
          mean: zip(point.mean, scaling.shifts).map { $0.scaled(by: scaling.scale).shifted(by: $1) },
          variance: point.variance.map { $0.scaled(by: factor) })
      },
      scores: scores.map {
        SampledScores(
          bias: $0.bias?.scaled(by: factor), variance: $0.variance.scaled(by: factor),
          generalizationError: $0.generalizationError?.scaled(by: factor), accuracy: $0.accuracy, nll: $0.nll,
          brier: $0.brier)
      }, similarity: similarity, layers: layers, scales: scales, pruned: pruned.map { $0.scaled(by: factor) },
      probabilities: probabilities, readouts: readouts)
  }
}

extension Estimate {
  fileprivate func scaled(by factor: Double) -> Estimate {
    Estimate(mean: factor * mean, standardError: factor * standardError)
  }

  fileprivate func shifted(by shift: Double) -> Estimate {
    Estimate(mean: mean + shift, standardError: standardError)
  }
}
