internal import LinearAlgebra

/// Local kernels of every pair of positions for D outputs that share the hidden layer (docs/theory.md, section
/// 5): K_R[(mu c), (nu d)] = 1/(lambda1 n) sum_ij Q_(ic)(jd) (K_ij)_(mu nu), of order P D, is summed and
/// factored anew for every order parameter.
struct OutputPositions: PositionKernels {
  let bank: OutputBank
  /// m_i(x) (x) 1, P D x n D; nil for odd activations.
  let means: Matrix?
  let range: RangeExamples
  private(set) var space: OrderParameterSpace

  var amplification: Double { bank.tiles.amplification }
  var outputs: Int { bank.outputs }

  init(
    _ network: Network, _ range: RangeExamples, _ local: LocalKernels, _ space: OrderParameterSpace,
    _ plan: MemoryPlan
  ) {
    let outputs = space.outputs
    let tiles = TiledBank(
      local, range.inputs, plan: plan.storage, form: .ordered, amplification: range.amplification)
    bank = OutputBank(tiles, outputs: outputs)
    means = network.activation.isOdd ? nil : local.means(range.inputs).spread(over: outputs)
    self.range = range
    self.space = space
  }

  func reading(_ space: OrderParameterSpace) -> (any TrainingKernels)? {
    var result = self
    result.space = space
    return result
  }

  func heldOut(_ inputs: Matrix, bytes: Int) -> any PointKernels {
    HeldOutPoints(inputs: inputs, training: range)
  }
}

extension OutputBank: KernelBank {
  package func vectorMaps(_ vectors: Matrix) -> VectorMaps? {
    let count = OutputProducts.count(
      tiles.pairs, order: tiles.order, outputs: outputs, vectors: vectors.columns, threads: tiles.local.threads)
    guard count <= Self.largestProducts else { return nil }
    let products = vectorProducts(vectors)
    return VectorMaps(forward: products.forward, adjoint: products.adjoint)
  }
}
