internal import Renorm
package import RenormFiles

extension EstimateRecord {
  package init(_ estimate: Estimate) {
    self.init(mean: estimate.mean, standardError: estimate.standardError)
  }
}

extension ReadoutHistogramRecord {
  fileprivate init(_ histogram: ReadoutHistogram) {
    self.init(width: histogram.width, others: histogram.others, largest: histogram.largest)
  }
}

extension SampledNetwork {
  /// What the draws say, as reports hold it.
  package var record: SampledRecord {
    var quantities: [String: SampledRecord.Quantity] = [:]
    for entry in diagnostics.scalars { quantities[entry.name] = SampledRecord.Quantity(entry) }
    quantities["means"] = diagnostics.means.map { SampledRecord.Quantity($0) }
    quantities["variances"] = diagnostics.variances.map { SampledRecord.Quantity($0) }
    quantities["similarity"] = diagnostics.similarity.map { SampledRecord.Quantity($0) }
    return SampledRecord(
      orderParameter: estimates.orderParameter.map { $0.map { EstimateRecord($0) } },
      logDensity: EstimateRecord(estimates.logDensity), weightNorm: EstimateRecord(estimates.weightNorm),
      trainingLoss: EstimateRecord(estimates.trainingLoss),
      test: estimates.scores.map { SampledTestRecord($0, count: estimates.predictions.count) },
      diagnostics: quantities, converged: diagnostics.isConverged,
      paths: estimates.layers.map { $0.paths.map { EstimateRecord($0) } },
      virials: estimates.layers.map { $0.virials.map { EstimateRecord($0) } },
      readouts: estimates.readouts.map { $0.sizes.map { EstimateRecord($0) } },
      alignment: estimates.readouts?.alignment.map { EstimateRecord($0) },
      readoutHistogram: estimates.readouts?.histogram.map { ReadoutHistogramRecord($0) },
      nodeScales: nodeScales,
      pruning: pruning)
  }

  private var pruning: [SampledRecord.PrunedError]? {
    guard !layout.kept.isEmpty else { return nil }
    return zip(layout.kept, estimates.pruned).map {
      SampledRecord.PrunedError(kept: $0, error: EstimateRecord($1))
    }
  }

  private var nodeScales: SampledRecord.NodeScales? {
    guard let scales = estimates.scales else { return nil }
    let isOpenFraction = layout.scaleQuantity == .openFraction
    return SampledRecord.NodeScales(
      openFraction: isOpenFraction ? EstimateRecord(scales) : nil,
      meanLogScale: isOpenFraction ? nil : EstimateRecord(scales))
  }
}

extension SampledRecord.Quantity {
  fileprivate init(_ entry: SampledDiagnostics.Entry) {
    self.init(rHat: entry.rHat, bulkESS: entry.bulkESS, tailESS: entry.tailESS)
  }
}

extension SampledTestRecord {
  fileprivate init(_ scores: SampledScores, count: Int) {
    self.init(
      count: count, bias: scores.bias.map { EstimateRecord($0) }, variance: EstimateRecord(scores.variance),
      generalizationError: scores.generalizationError.map { EstimateRecord($0) },
      accuracy: scores.accuracy.map { EstimateRecord($0) }, nll: scores.nll.map { EstimateRecord($0) },
      brier: scores.brier.map { EstimateRecord($0) })
  }
}

extension SamplerRecord {
  /// - Parameter name: that of the sampler (`NetworkSampler.name`).
  package init(name: String, samples: Int, warmup: Int, seed: UInt32, _ draws: Draws) {
    self.init(
      name: name, samples: samples, warmup: warmup, seed: seed, perChain: draws.chains.map { Chain($0) })
  }
}

extension SamplerRecord.Chain {
  fileprivate init(_ chain: Draws.Chain) {
    self.init(
      acceptance: chain.sampling.meanAcceptance, accepted: chain.sampling.accepted,
      divergences: chain.sampling.divergences, truncated: chain.sampling.truncated, stepSize: chain.stepSize,
      trajectoryLength: chain.trajectoryLength, gradients: chain.sampling.gradients,
      warmupGradients: chain.warmup.gradients)
  }
}
