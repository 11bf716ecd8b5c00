internal import LinearAlgebra
internal import Renorm
internal import RenormFiles

/// How much memory sampling a network takes, known before any of it is taken.
struct SamplingMemory {
  let layer: HiddenLayer
  let layout: DrawLayout
  /// P.
  let examples: Int
  let isCollapsed: Bool

  /// Positions of chains.
  var dimension: Int { layer.weights + (isCollapsed ? 0 : layer.features * layout.outputs) }

  /// Numbers in the patches of all points, in both orders (`LayerPoints`).
  private var patches: Double {
    let points = examples + layout.testCount + layout.similarityCount
    return 2 * Double(layer.patchSize * layer.positions) * Double(points)
  }

  /// Numbers in the memory of one chain: `NetworkModel.Memory`, `ReadoutPosterior.Memory`, and some positions.
  private var workspace: Double {
    func activations(_ points: Int) -> Double {
      let mixed = layer.mixing == nil ? 0 : layer.features
      return Double(points) * Double(2 * layer.activations + mixed)
    }
    let observed = max(min(layout.testCount, NetworkModel.blockSize), layout.similarityCount)
    let derivatives = Double(examples) * Double(layer.features)
    let order = Double(min(examples, layer.features))
    let outputs = Double(layout.outputs)
    let readout =
      isCollapsed
      ? derivatives + 3 * order * order + 3 * Double(observed) * order
        + outputs * (Double(examples + layer.features) + order)
      : outputs * Double(examples + observed)
    return activations(examples) + activations(observed) + derivatives + readout + 8 * Double(dimension)
  }

  /// Bytes of the draws, of their growing or checkpoint, and of a number's draws in order.
  private func draws(_ options: SamplingOptions) -> Double {
    3 * 8 * Double(options.chains) * Double(options.samples) * Double(layout.count)
  }

  /// Bytes of all.
  func bytes(_ options: SamplingOptions) -> Int {
    let workers = min(options.chains, options.threads ?? Parallel.availableCores)
    let direction = layout.alignment == nil ? 0 : 2 * Double(examples) * Double(examples)
    return Int(min(draws(options) + 8 * (patches + direction + Double(workers) * workspace), 1e18))
  }

  /// - Throws: `RenormError.outOfMemory`.
  func check(_ options: SamplingOptions) throws(RenormError) {
    let (bytes, limit) = (bytes(options), options.memoryLimit ?? MemoryPlan.defaultLimit)
    guard bytes > limit else { return }
    let isDraws = 2 * draws(options) > Double(bytes)
    throw .outOfMemory(
      what: "\(options.chains) chains of \(options.samples) draws with \(layout.count) numbers each",
      bytes: bytes, available: limit,
      advice: isDraws
        ? "take fewer samples, chains or held-out examples"
        : "take fewer examples or positions (a larger mask or stride), or fewer threads")
  }
}
