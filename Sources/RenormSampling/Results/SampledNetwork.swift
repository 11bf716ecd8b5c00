public import Renorm

/// Which density of a finite network is sampled, and how.
public enum NetworkSampler: String, Sendable, Codable, CaseIterable {
  /// Hamiltonian Monte Carlo on the hidden weights, the readout integrated out (`CollapsedDensity`).
  case collapsed
  /// Hamiltonian Monte Carlo on all weights (`FullDensity`).
  case full
  /// Discretised Langevin dynamics on all weights as published training runs use it: w <- w + epsilon grad log
  /// p + noise (`LangevinTransition`).
  case langevin
}

/// Draws from the posterior of a finite network, what they say, and how far they can be trusted.
public struct SampledNetwork: Sendable {
  /// The recorded numbers.
  public let draws: Draws
  /// What they are.
  public let layout: DrawLayout
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
  /// Samples the posterior of a network of finite width.
  ///
  /// - Parameters:
  ///   - data: the training examples.
  ///   - test: examples to predict, standardised as the training examples.
  ///   - similarity: points between which the similarity of the hidden layer is sampled.
  ///   - sampler: which density is sampled; `options.method` must be of the same kind.
  ///   - checkpoint: where the state is kept, for a run that may be interrupted.
  ///   - stop: raised to end the run early.
  ///   - progress: called from one thread at a time, after every draw.
  /// - Returns: nil where the run was stopped before its end.
  /// - Throws: as `checkSampling`, `RenormError.unusableData` for numbers that are not finite, `SamplingError`,
  ///   and `DataError` where a checkpoint cannot be written.
  public func sample(
    _ data: Dataset, predicting test: Dataset? = nil, similarity: SimilarityPoints? = nil,
    sampler: NetworkSampler = .collapsed,
    options: SamplingOptions = SamplingOptions(), checkpoint: CheckpointFile? = nil,
    stop: StopFlag = StopFlag(),
    progress: (SamplingProgress) -> Void = { _ in }
  ) throws -> SampledNetwork? {
    try checkSampling(
      data, predicting: test, similarity: similarity, sampler: sampler, options: options, checkpoint: checkpoint
    )
    let points = ObservedPoints(test: test?.inputs, similarity: similarity)
    let checkpoint = try checkpoint.map { try $0.identified(by: identity(data, points, sampler)) }
    switch sampler {
    case .collapsed:
      let density = try CollapsedDensity(self, data, observing: points)
      return try Self.run(density, density.layout, test, options, checkpoint, stop, progress)
    case .full, .langevin:
      let density = try FullDensity(
        self, data, observing: points, coordinates: sampler == .langevin ? .weights : .standardNormal)
      return try Self.run(density, density.layout, test, options, checkpoint, stop, progress)
    }
  }

  private static func run(
    _ density: some LogDensity, _ layout: DrawLayout, _ test: Dataset?, _ options: SamplingOptions,
    _ checkpoint: CheckpointFile?, _ stop: StopFlag, _ progress: (SamplingProgress) -> Void
  ) throws -> SampledNetwork? {
    let draws = try Sampler(density, options: options).run(
      checkpoint: checkpoint, stop: stop, progress: progress)
    guard draws.isComplete else { return nil }
    return try SampledNetwork(draws: draws, layout: layout, test: test, isBiased: options.method.isBiased)
  }
}

extension SampledNetwork {
  /// - Throws: `RenormError.unusableData` where a draw is not finite.
  init(draws: Draws, layout: DrawLayout, test: Dataset?, isBiased: Bool) throws(RenormError) {
    self.draws = draws
    self.layout = layout
    self.isBiased = isBiased
    let records = draws.chains.map { DrawRecord.all($0.values, count: layout.count) }
    let diagnostics = SampledDiagnostics(
      draws, layout, losses: test.map { PredictionAverages.losses(records, layout, $0.targets) })
    self.diagnostics = diagnostics
    let estimates = try SampledPosterior(
      records: records, layout: layout, targets: test?.targets, isClassification: test?.classes != nil
    ) { chains in
      let found = Diagnostics(chains: chains)
      return Estimate(mean: found.mean, standardError: found.standardError ?? .nan)
    }
    // The error of draws that are all equal is 0, but here they are equal because the chain stands still.
    self.estimates = diagnostics.stuckChains.isEmpty ? estimates : estimates.withoutErrors()
  }
}
