internal import LinearAlgebra

extension Network {
  /// 1/(lambda1 n).
  func kernelScale(_ positions: Int) -> Double { 1 / (lambda1 * Double(positions)) }

  /// k(x, x') of a solution; over outputs the kernel that their order parameter multiplies.
  func renormalizedKernel(_ solution: Solution, local: LocalKernels) -> RenormalizedKernel {
    let scale = kernelScale(local.positions)
    var (space, weights) = (solution.space, solution.weights)
    if space.index == .output, let readout = try? ReadoutFactor(readout, on: local.grid) {
      space = .positions(groups: local.pairs.groups, basis: readout.basis)
      weights = KernelWeights(covariance: space.identity, mean: weights.mean == nil ? nil : 0 * space.identity)
    }
    let covariance = space.matrix(weights.covariance.dense)
    return RenormalizedKernel(
      local: local, weights: scale * covariance,
      meanWeights: weights.mean.map { scale * (space.matrix($0.dense) - covariance) })
  }
}
