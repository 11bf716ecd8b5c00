internal import LinearAlgebra

extension Network {
  /// 1/(lambda1 n), which multiplies sum_ij Q_ij K_ij in K_R; 1 for a deep network, of which the kernels have
  /// all lambdas inside.
  package func kernelScale(_ positions: Int) -> Double {
    depth > 1 ? 1 : 1 / (lambda1 * Double(positions))
  }

  /// The kernels of the layers of a deep network; nil for one hidden layer.
  func deepKernels(_ local: LocalKernels) -> DeepKernels? {
    depth > 1 ? DeepKernels(first: local, lambdas: lambdas, theory: deepTheory) : nil
  }

  /// K_R of a solution as a function of two sets of inputs (docs/theory.md, sections 3, 4 and 6), with weights
  /// W = B Qbar' B^T/(lambda1 n) of the kernels and D = B (R' - Qbar') B^T/(lambda1 n) of the means. Over
  /// outputs, where K_R = 1/(lambda1 n) (Q (x) Kc + R (x) m m^T) with the one kernel K = sum_ij S_ij K_ij, it
  /// is Kc/(lambda1 n); over positions and outputs the weights have an index for both.
  func renormalizedKernel(_ solution: Solution, local: LocalKernels) -> RenormalizedKernel {
    if let layers = deepKernels(local) {
      let weights: Matrix =
        solution.formulation == .infiniteWidth
        ? .identity(layers.count) : .diagonal(layers.weights.values(solution.weights.logarithms))
      return RenormalizedKernel(local: local, layers: layers, weights: weights, meanWeights: nil)
    }
    let scale = kernelScale(local.positions)
    var (space, weights) = (solution.space, solution.weights)
    if space.index == .output, let readout = try? ReadoutFactor(readout, on: local.grid) {
      space = .positions(groups: local.pairs.groups, basis: readout.basis)
      weights = KernelWeights(covariance: space.identity, mean: weights.mean == nil ? nil : 0 * space.identity)
    }
    let covariance = space.matrix(weights.covariance.dense)
    return RenormalizedKernel(
      local: local, weights: scale * covariance,
      meanWeights: weights.mean.map { scale * (space.matrix($0.dense) - covariance) }, outputs: space.outputs)
  }
}
