public import Renorm

/// Draws from the posterior of a finite network, what they say, and how far they can be trusted.
public struct SampledNetwork: Sendable {
  /// The recorded numbers.
  public let draws: Draws
  /// What they are.
  package let layout: DrawLayout
  /// Averages over them with Monte Carlo standard errors.
  public let estimates: SampledPosterior
  /// Whether the chains agree, and what their draws are worth.
  public let diagnostics: SampledDiagnostics
  /// Whether the draws follow another distribution than the posterior, even if there were infinitely many
  /// (`SamplingMethod.isBiased`).
  public let isBiased: Bool

  /// What a user should know; each is one line.
  public var warnings: [String] { diagnostics.warnings + layout.warnings }
}

extension Network {
  /// Samples the posterior of a network of finite width: a `SamplingJob`, begun and run.
  ///
  /// - Parameters: as `SamplingJob.init`.
  ///   - stop: raised to end the run early.
  ///   - progress: called from one thread at a time, after every draw.
  /// - Returns: nil where the run was stopped before its end.
  /// - Throws: as `SamplingJob.init` and `SamplingJob.run`.
  public func sample(
    _ data: Dataset, predicting test: Dataset? = nil, similarity: SimilarityPoints? = nil, kept: [Double] = [],
    sampler: NetworkSampler = .collapsed(), options: SamplingOptions = SamplingOptions(),
    checkpoint: CheckpointFile? = nil, stop: StopFlag = StopFlag(),
    progress: (SamplingProgress) -> Void = { _ in }
  ) throws -> SampledNetwork? {
    try SamplingJob(
      self, data, predicting: test, similarity: similarity, kept: kept, sampler: sampler,
      options: options,
      checkpoint: checkpoint
    ).run(stop: stop, progress: progress)
  }
}

extension SampledNetwork {
  /// - Throws: `RenormError.unusableData` where a draw is not finite.
  ///
  /// - Parameter likelihood: nil for Gaussian noise.
  init(
    draws: Draws, layout: DrawLayout, test: Dataset?, likelihood: (any LatentLikelihood)? = nil, isBiased: Bool
  ) throws(RenormError) {
    self.draws = draws
    self.layout = layout
    self.isBiased = isBiased
    let records = draws.chains.map { DrawRecord.all($0.values, count: layout.count) }
    let classes = likelihood.map { ClassAverages(records, layout, $0) }
    let diagnostics = SampledDiagnostics(
      draws, layout,
      losses: test.map { test in
        classes.map { ("nll", $0.losses(test.targets)) }
          ?? ("generalizationError", PredictionAverages.losses(records, layout, test.targets))
      })
    self.diagnostics = diagnostics
    let estimates = try SampledPosterior(
      records: records, layout: layout, targets: test?.targets, isClassification: test?.classes != nil,
      classes: classes
    ) { chains in
      let found = Diagnostics(chains: chains)
      return Estimate(mean: found.mean, standardError: found.standardError ?? .nan)
    }
    // The error of draws that are all equal is 0, but here they are equal because the chain stands still.
    self.estimates = diagnostics.stuckChains.isEmpty ? estimates : estimates.withoutErrors()
  }
}
