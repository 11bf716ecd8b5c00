internal import LinearAlgebra

extension Network {
  /// 1/(lambda1 n), which multiplies sum_ij Q_ij K_ij in K_R; 1 for a deep network, of which the kernels have
  /// all lambdas inside.
  package func kernelScale(_ positions: Int) -> Double {
    depth > 1 ? 1 : 1 / (lambda1 * Double(positions))
  }

  /// The kernels of the layers of a deep fully connected network; nil for others.
  func deepKernels(_ local: LocalKernels) -> DeepKernels? {
    depth > 1 && architecture.upperWindow == nil
      ? DeepKernels(first: local, lambdas: lambdas, theory: deepTheory) : nil
  }

  /// The kernels that matrices P_1..P_L weigh, of convolutional layers or several outputs; nil where there is
  /// one hidden layer. `kernels` has refused a second mask that does not fit.
  func layerKernels(_ local: LocalKernels) -> (any LayerKernels)? {
    guard depth > 1, let window = architecture.upperWindow else { return deepKernels(local) }
    do {
      return try ConvolutionalLayers(first: local, window: window, lambdas: lambdas)
    } catch {
      preconditionFailure("a second mask that was not checked: \(error)")
    }
  }

  /// The space of P_1..P_L, over what a likelihood sees of the outputs.
  func pathSpace(_ kernels: any LayerKernels, _ readout: ReadoutFactor, outputs: Int) -> OrderParameterSpace {
    let contrasts = outputs > 1 ? latentLikelihood(outputs: outputs)?.contrasts : nil
    return .paths(
      kernels.pairs.groups.map(\.count), readout: readout.basis, outputs: contrasts?.columns ?? outputs,
      contrasts: contrasts)
  }

  /// K_R of a deep network whose layers have matrices; that of infinite width where nothing is renormalized,
  /// P_l = S (x) 1.
  private func chainKernel(_ solution: Solution, _ local: LocalKernels) -> RenormalizedKernel? {
    guard depth > 1, solution.space.index == .path || architecture.upperWindow != nil,
      let kernels = layerKernels(local)
    else { return nil }
    if solution.space.index == .path {
      return RenormalizedKernel(
        local: local, chain: kernels, weights: solution.space.matrix(solution.weights.covariance.dense),
        meanWeights: nil, outputs: solution.space.outputs)
    }
    return infiniteKernel(kernels, local)
  }

  /// The factor of the readout's prior, which `kernels` has made before.
  private func readoutFactor(on grid: PatchGrid) -> ReadoutFactor {
    do {
      return try ReadoutFactor(readout, on: readoutGrid(grid))
    } catch {
      preconditionFailure("a readout prior that was not checked: \(error)")
    }
  }

  /// K of infinite width.
  func infiniteKernel(_ kernels: any LayerKernels, _ local: LocalKernels) -> RenormalizedKernel {
    let readout = readoutFactor(on: local.grid)
    let space = pathSpace(kernels, readout, outputs: 1)
    return RenormalizedKernel(
      local: local, chain: kernels, weights: space.matrix(space.identity.dense), meanWeights: nil)
  }

  /// K_R of a solution as a function of two sets of inputs (docs/theory.md, sections 3, 4 and 6), with weights
  /// W = B Qbar' B^T/(lambda1 n) of the kernels and D = B (R' - Qbar') B^T/(lambda1 n) of the means. Over
  /// outputs, where K_R = 1/(lambda1 n) (Q (x) Kc + R (x) m m^T) with the one kernel K = sum_ij S_ij K_ij, it
  /// is Kc/(lambda1 n); over positions and outputs the weights have an index for both.
  func renormalizedKernel(_ solution: Solution, local: LocalKernels) -> RenormalizedKernel {
    if let kernel = chainKernel(solution, local) { return kernel }
    if let layers = deepKernels(local) {
      let weights: Matrix =
        solution.formulation == .infiniteWidth
        ? .identity(layers.count) : .diagonal(layers.weights.values(solution.weights.logarithms))
      return RenormalizedKernel(local: local, layers: layers, weights: weights, meanWeights: nil)
    }
    let scale = kernelScale(local.positions)
    var (space, weights) = (solution.space, solution.weights)
    if space.index == .output {
      space = .positions(groups: local.pairs.groups, basis: readoutFactor(on: local.grid).basis)
      weights = KernelWeights(covariance: space.identity, mean: weights.mean == nil ? nil : 0 * space.identity)
    }
    let covariance = space.matrix(weights.covariance.dense)
    return RenormalizedKernel(
      local: local, weights: scale * covariance,
      meanWeights: weights.mean.map { scale * (space.matrix($0.dense) - covariance) }, outputs: space.outputs)
  }
}
