internal import LinearAlgebra
internal import RenormData

/// What a fit keeps of the training set's kernels: as much as its order parameter needs, and no more.
enum TrainingKernels {
  /// Infinite width: the averaged kernel.
  case averaged(PackedSymmetric, blockSizes: [Int])
  /// One kernel, centred: FC, one position, or a rank-one readout.
  case single(SingleKernelDataTerm, centred: PackedSymmetric, means: [Double]?, scale: Double)
  /// Every pair of positions: LCN and CNN.
  case bank(BankDataTerm)

  init(
    _ network: Network, _ data: Dataset, _ local: LocalKernels, _ readout: ReadoutFactor, limit: Int,
    _ progress: (FitEvent) -> Void
  ) throws(RenormError) {
    let groups = local.pairs.groups.map(\.count)
    let blockSizes = readout.basis == nil ? groups : [readout.rank]
    let scale = network.kernelScale(local.positions)
    guard let units = network.width.units else {
      progress(.computingKernels(try .singleKernel(examples: data.count, outputs: 1, limit: limit)))
      let solution = Solution.infiniteWidth(blockSizes: blockSizes, tolerance: 0)
      let kernel = network.renormalizedKernel(solution, local: local, readout: readout, outputs: data.outputs)
      self = .averaged(PackedSymmetric(lowerTriangleOf: kernel.training(data.inputs)), blockSizes: blockSizes)
      return
    }
    let parameters = ActionParameters(
      temperature: network.temperature, width: Double(units), kernelScale: scale)
    let means = network.activation.isOdd ? nil : local.means(data.inputs)
    if blockSizes == [1] {
      progress(.computingKernels(try .singleKernel(examples: data.count, outputs: data.outputs, limit: limit)))
      let pooled = means.map(readout.pooledMeans)
      var kernel = local.contract(readout.toPositions(.identity(1)), data.inputs)
      if let pooled {
        let column = Matrix(columns: [pooled])
        kernel.add(-1, congruence: column, .identity(1), column)
      }
      let centred = PackedSymmetric(lowerTriangleOf: kernel)
      let term = try Renorm.factoring("the kernel") { () throws(LinearAlgebraError) in
        try SingleKernelDataTerm(
          centredKernel: kernel, means: pooled, targets: data.targets, parameters: parameters)
      }
      self = .single(term, centred: centred, means: pooled, scale: scale)
      return
    }
    guard data.outputs == 1 else {
      throw .unsupported(
        what: "\(data.outputs) outputs on \(local.positions) positions at finite width",
        instead: "take two classes, infinite width, the readout 'mean-pool' or the architecture 'fc'")
    }
    let plan = try MemoryPlan.bank(local, examples: data.count, limit: limit)
    progress(.computingKernels(plan))
    self = .bank(
      BankDataTerm(
        bank: KernelBank(local, data.inputs, plan: plan.storage), means: means, targets: data.targets.column(0), readout: readout,
        groupSizes: groups, parameters: parameters))
  }

  /// k(X, X) of the kernel that a solution implies.
  func kernel(_ solution: Solution) -> PackedSymmetric {
    switch self {
    case .averaged(let kernel, _):
      return kernel
    case .bank(let term):
      return PackedSymmetric(lowerTriangleOf: term.kernel(solution.weights.covariance, mean: solution.weights.mean))
    case .single(let term, let centred, let means, let scale):
      // Several outputs multiply this kernel by their order parameter; one output is absorbed in it.
      guard term.blockSizes == [1] else { return scale * centred }
      var kernel = (scale * solution.weights.covariance.blocks[0][0, 0]) * centred.lowerTriangle
      if let means, let mean = solution.weights.mean {
        let column = Matrix(columns: [means])
        kernel.add(scale, congruence: column, mean.blocks[0], column)
      }
      return PackedSymmetric(lowerTriangleOf: kernel)
    }
  }
}

extension TrainingKernels {
  /// Determines the order parameter.
  func solve(_ options: FitOptions, _ progress: (FitEvent) -> Void) throws(RenormError) -> Solution {
    switch self {
    case .averaged(_, let blockSizes):
      return .infiniteWidth(blockSizes: blockSizes, tolerance: options.tolerance)
    case .single(let term, _, _, _): return try Self.solve(term, options, progress)
    case .bank(let term): return try Self.solve(term, options, progress)
    }
  }

  private static func solve(
    _ term: some DataTerm, _ options: FitOptions, _ progress: (FitEvent) -> Void
  ) throws(RenormError) -> Solution {
    do {
      return try ConeMinimizer(options: options, width: term.parameters.width).minimize(term, progress)
    } catch .notPositiveDefinite where term.hasMeans && term.parameters.width < 2 {
      throw .numericalFailure(
        what: "the saddle equations have no admissible solution at N = 1", advice: "take a width of at least 2")
    } catch {
      throw .factorization(of: "T I + K_R", error)
    }
  }
}
