internal import Foundation
public import Renorm

extension Network {
  /// Checks all that can be checked of `sample` with the same arguments before any work: options, what is
  /// recorded of every draw, memory, and whether a checkpoint is of this run.
  ///
  /// - Throws: `RenormError`: `.invalidParameter` for options out of their range or a method that is not the
  ///   sampler's, `.unsupported` for networks that cannot be sampled and for more than `DrawLayout.limit`
  ///   numbers of every draw, `.outOfMemory`, `.maskLargerThanImage`; `SamplingError` and `DataError` for the checkpoint.
  public func checkSampling(
    _ data: Dataset, predicting test: Dataset? = nil, similarity: SimilarityPoints? = nil,
    sampler: NetworkSampler = .collapsed, options: SamplingOptions = SamplingOptions(),
    checkpoint: CheckpointFile? = nil
  ) throws {
    try options.validate()
    try sampler.check(options.method)
    let points = ObservedPoints(test: test?.inputs, similarity: similarity)
    let layer = try HiddenLayer(self, on: data.shape)
    let isCollapsed = sampler == .collapsed
    let layout = try DrawLayout(layer, outputs: data.outputs, points, isConditional: isCollapsed)
    let memory = SamplingMemory(
      layer: layer, layout: layout, examples: data.count, isCollapsed: isCollapsed)
    try memory.check(options)
    try checkpoint?.identified(by: identity(data, points, sampler))
      .check(quantities: layout.names, dimension: memory.dimension, options)
  }

  /// What a checkpoint must have in common with a run: every field of the network's description, and the
  /// points.
  func identity(
    _ data: Dataset, _ points: ObservedPoints, _ sampler: NetworkSampler
  ) throws -> [String: String] {
    var result = [
      "sampler": sampler.rawValue,
      "training examples": Fingerprint.text([data.inputs, data.targets]),
      "test points": Fingerprint.text([points.test].compactMap(\.self)),
    ]
    if let similarity = points.similarity {
      let positions = similarity.positions.map { $0.map { "\($0.row),\($0.column)" }.joined(separator: " ") }
      result["similarity"] =
        "\(similarity.inputs.columns) examples \(Fingerprint.text([similarity.inputs])), positions "
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

extension NetworkSampler {
  /// - Throws: `RenormError.invalidParameter` for a method of another kind.
  fileprivate func check(_ method: SamplingMethod) throws(RenormError) {
    let (isLangevin, name) =
      switch method {
      case .hamiltonian: (false, "hamiltonian")
      case .langevin: (true, "langevin")
      }
    guard isLangevin == (self == .langevin) else {
      throw .invalidParameter(
        name: "method", value: "\(name) with the sampler \(rawValue)",
        accepted: "langevin with the sampler langevin, hamiltonian with the others")
    }
  }
}

/// A few digits that tell numbers apart.
private enum Fingerprint {
  /// Shapes and the bits of all elements (FNV-1a over words).
  static func text(_ matrices: [Matrix]) -> String {
    var hash: UInt64 = 0xcbf2_9ce4_8422_2325
    func add(_ word: UInt64) { hash = (hash ^ word) &* 0x100_0000_01b3 }
    for matrix in matrices {
      add(UInt64(matrix.rows))
      add(UInt64(matrix.columns))
      for element in matrix.elements { add(element.bitPattern) }
    }
    return String(hash, radix: 16)
  }
}
