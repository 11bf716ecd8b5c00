internal import LinearAlgebra

/// Local kernels of every pair of positions that share a filter, LCN and CNN: K_R = 1/(lambda1 n) sum_ij Q_ij
/// K_ij has to be summed and factored anew for every order parameter (docs/theory.md, sections 3, 4 and 6).
struct PositionBank: PositionKernels {
  let bank: TiledBank
  /// m_i(x), P x n; nil for odd activations.
  let means: Matrix?
  let range: RangeExamples
  private(set) var space: OrderParameterSpace

  var amplification: Double { bank.amplification }
  var outputs: Int { 1 }

  init(
    _ network: Network, _ range: RangeExamples, _ local: LocalKernels, _ space: OrderParameterSpace,
    _ plan: MemoryPlan
  ) {
    bank = TiledBank(local, range.inputs, plan: plan.storage, amplification: range.amplification)
    means = network.activation.isOdd ? nil : local.means(range.inputs)
    self.range = range
    self.space = space
  }

  func reading(_ space: OrderParameterSpace) -> (any TrainingKernels)? {
    var result = self
    result.space = space
    return result
  }

  /// Kernels of all pairs of positions are held where they fit, else computed anew for every network.
  func heldOut(_ inputs: Matrix, bytes: Int) -> any PointKernels {
    let count = HeldOutBank.count(bank.local, examples: range.inputs.columns, points: inputs.columns)
    guard inputs.columns > 0, count < max(0, bytes) / 8 else {
      return HeldOutPoints(inputs: inputs, training: range)
    }
    return HeldOutBankPoints(
      bank: HeldOutBank(bank.local, range.inputs, points: inputs, trainingMeans: means),
      range: range.coordinates(of: inputs))
  }
}

extension TiledBank: KernelBank {}
