public import Renorm
public import RenormData

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
  /// - Throws: `RenormError` for networks and options that cannot be sampled, `SamplingError`, and `DataError`
  ///   where a checkpoint cannot be read or written.
  public func sample(
    _ data: Dataset, predicting test: Dataset? = nil, similarity: SimilarityPoints? = nil,
    sampler: NetworkSampler = .collapsed,
    options: SamplingOptions = SamplingOptions(), checkpoint: CheckpointFile? = nil,
    stop: StopFlag = StopFlag(),
    progress: (SamplingProgress) -> Void = { _ in }
  ) throws -> SampledNetwork? {
    let points = ObservedPoints(test: test?.inputs, similarity: similarity)
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
    return try SampledNetwork(draws: draws, layout: layout, test: test)
  }
}

extension SampledNetwork {
  /// - Throws: `RenormError.unusableData` where a draw is not finite.
  init(draws: Draws, layout: DrawLayout, test: Dataset?) throws(RenormError) {
    self.draws = draws
    self.layout = layout
    let records = draws.chains.map { chain in
      stride(from: 0, to: chain.values.count, by: layout.count).map {
        Array(chain.values[$0..<$0 + layout.count])
      }
    }
    let diagnostics = SampledDiagnostics(
      draws, layout, losses: test.map { PredictionAverages.losses(records, layout, $0.targets) })
    self.diagnostics = diagnostics
    estimates = try SampledPosterior(
      draws: records, layout: layout, targets: test?.targets, isClassification: test?.classes != nil
    ) { chains in
      let found = Diagnostics(chains: chains)
      return Estimate(mean: found.mean, standardError: found.standardError ?? .nan)
    }
  }
}
