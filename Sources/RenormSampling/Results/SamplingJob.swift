internal import RenormFiles
internal import Foundation
package import Renorm

/// A network to sample, with all checked that can be before any work: options, what is recorded of every draw,
/// memory, and whether a checkpoint is of this run.
package struct SamplingJob: Sendable {
  private let network: Network
  private let data: Dataset
  private let test: Dataset?
  private let points: ObservedPoints
  private let sampler: NetworkSampler
  private let options: SamplingOptions
  private let checkpoint: CheckpointFile?

  /// - Parameters:
  ///   - data: the training examples.
  ///   - test: examples to predict, standardised as the training examples.
  ///   - similarity: points between which the similarity of the hidden layer is sampled.
  ///   - kept: parts of the units (`PrunedUnits`) that are kept for errors at the test examples.
  ///   - checkpoint: where the state is kept, for a run that may be interrupted.
  /// - Throws: `RenormError`: `.invalidParameter` for options out of their range, `.unsupported` for networks
  ///   that cannot be sampled and for more than `DrawLayout.limit` numbers of every draw, `.outOfMemory`,
  ///   `.maskLargerThanImage`; `SamplingError` and `DataError` for the checkpoint.
  package init(
    _ network: Network, _ data: Dataset, predicting test: Dataset? = nil,
    similarity: SimilarityPoints? = nil, kept: [Double] = [],
    sampler: NetworkSampler = .collapsed(), options: SamplingOptions = SamplingOptions(),
    checkpoint: CheckpointFile? = nil
  ) throws {
    try options.validate()
    if sampler.isCollapsed { try network.requireCollapsible() }
    if case .langevin = sampler { try network.requireNoScales() }
    try network.likelihood.check(data)
    try sampler.method.validate()
    let pruned: PrunedUnits? =
      if kept.isEmpty { nil } else if let test { PrunedUnits(kept: kept, targets: test.targets) } else {
        throw RenormError.unsupported(
          what: "errors of pruned networks without held-out examples", instead: "give held-out examples")
      }
    let points = ObservedPoints(test: test?.inputs, similarity: similarity, pruned: pruned)
    let layer = try HiddenLayer(network, on: data.shape)
    let layout = try DrawLayout(layer, outputs: data.outputs, points, isConditional: sampler.isCollapsed)
    let memory = SamplingMemory(
      layer: layer, layout: layout, examples: data.count, isCollapsed: sampler.isCollapsed)
    try memory.check(options)
    let checkpoint = try checkpoint.map {
      try $0.identified(by: network.checkpointIdentity(data, points, sampler))
    }
    try checkpoint?.check(quantities: layout.names, dimension: memory.dimension, sampler.method, options)
    (self.network, self.data, self.test, self.points) = (network, data, test, points)
    (self.sampler, self.options, self.checkpoint) = (sampler, options, checkpoint)
  }

  /// Samples.
  ///
  /// - Parameters:
  ///   - stop: raised to end the run early.
  ///   - progress: called from one thread at a time, after every draw.
  /// - Returns: nil where the run was stopped before its end.
  /// - Throws: `RenormError.unusableData` for numbers that are not finite, `SamplingError`, and `DataError`
  ///   where a checkpoint cannot be written.
  package func run(
    stop: StopFlag = StopFlag(), progress: (SamplingProgress) -> Void = { _ in }
  ) throws -> SampledNetwork? {
    switch sampler {
    case .collapsed:
      let density = try CollapsedDensity(network, data, observing: points)
      return try run(density, density.layout, stop, progress)
    case .full:
      let density = try FullDensity(network, data, observing: points)
      return try run(density, density.layout, stop, progress)
    case .langevin:
      let density = try FullDensity(network, data, observing: points, coordinates: .weights)
      return try run(density, density.layout, stop, progress)
    }
  }

  private func run(
    _ density: some LogDensity, _ layout: DrawLayout, _ stop: StopFlag, _ progress: (SamplingProgress) -> Void
  ) throws -> SampledNetwork? {
    let draws = try Sampler(density, method: sampler.method, options: options).run(
      checkpoint: checkpoint, stop: stop, progress: progress)
    guard draws.isComplete else { return nil }
    return try SampledNetwork(
      draws: draws, layout: layout, test: test, likelihood: network.latentLikelihood(outputs: data.outputs),
      isBiased: sampler.method.isBiased)
  }
}

extension Network {
  /// What a checkpoint must have in common with a run: every field of the network's description, and the
  /// points.
  func checkpointIdentity(
    _ data: Dataset, _ points: ObservedPoints, _ sampler: NetworkSampler
  ) throws -> [String: String] {
    var result = [
      "sampler": sampler.name,
      "training examples": checksum([data.inputs, data.targets]),
      "test points": checksum([points.test].compactMap(\.self)),
    ]
    if let similarity = points.similarity {
      let positions = similarity.positions.map { $0.map { "\($0.row),\($0.column)" }.joined(separator: " ") }
      result["similarity"] =
        "\(similarity.inputs.columns) examples \(checksum([similarity.inputs])), positions "
        + (positions ?? "all")
    }
    // Through JSON, so that a field added to descriptions is never forgotten here.
    let json = try JSONSerialization.jsonObject(with: JSONEncoder().encode(description))
    for (name, value) in json as? [String: Any] ?? [:] {
      let text = try JSONSerialization.data(withJSONObject: value, options: [.fragmentsAllowed, .sortedKeys])
      result[name] = String(decoding: text, as: UTF8.self)
    }
    return result
  }
}

/// Shapes, and the CRC-32 of all elements, of matrices one after the other.
private func checksum(_ matrices: [Matrix]) -> String {
  matrices.map { matrix in
    let checksum = matrix.withUnsafeElements { CRC32.of(UnsafeRawBufferPointer($0)) }
    return "\(matrix.rows)x\(matrix.columns) \(CRC32.text(checksum))"
  }.joined(separator: ", ")
}
