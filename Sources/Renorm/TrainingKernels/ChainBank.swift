internal import LinearAlgebra

/// The kernels of a deep network whose layers have matrices P_1..P_L: of several outputs, or convolutional
/// (docs/depth.md). K_R = sum_l sum_ab (P_l)_ab K^l_ab is linear in them, so that only the prior term tells
/// them from an order parameter over positions.
struct ChainBank: PositionKernels {
  let bank: StoredBank
  let range: RangeExamples
  let space: OrderParameterSpace

  var outputs: Int { bank.outputs }
  var amplification: Double { range.amplification }
  var means: Matrix? { nil }

  init(_ kernels: any LayerKernels, _ range: RangeExamples, _ space: OrderParameterSpace) {
    bank = StoredBank(
      kernels.blocks(range.inputs, nil), kernels.pairs, outputs: space.outputs,
      elementRounding: Double.ulpOfOne * range.amplification)
    self.range = range
    self.space = space
  }

  func heldOut(_ inputs: Matrix, bytes: Int) -> any PointKernels {
    HeldOutPoints(inputs: inputs, training: range)
  }
}

extension StoredBank: KernelBank {
  package func vectorMaps(_ vectors: Matrix) -> VectorMaps? {
    let products = vectorProducts(vectors)
    return VectorMaps(forward: products.forward, adjoint: products.adjoint)
  }
}
