internal import LinearAlgebra
public import RenormKernels

extension Network {
  /// How the kernels of a fit would be held; nothing is allocated.
  ///
  /// - Parameters:
  ///   - image: the shape of one example.
  ///   - examples: P.
  ///   - outputs: D.
  ///   - isKept: whether kernels are kept beside a fit, as a `KernelFamily` keeps them.
  /// - Throws: `RenormError` as a fit throws before its kernels are computed: `.maskLargerThanImage`,
  ///   `.unsupported`, `.outOfMemory`, and `.invalidParameter` for options out of their domain.
  public func memoryPlan(
    image: ImageShape, examples: Int, outputs: Int, options: FitOptions = FitOptions(), isKept: Bool = false
  ) throws(RenormError) -> MemoryPlan {
    try options.validate()
    let (local, readout) = try kernels(on: image, threads: options.cores)
    return try memoryPlan(
      local, readout, examples: examples, outputs: outputs, isKept: isKept, options.memoryLimit)
  }

  /// Bytes of the kernels of all pairs of positions between examples and held-out points, which a family holds
  /// where they fit; 0 where one kernel serves, or on an image that the network does not fit.
  ///
  /// Several outputs at many positions hold none.
  public func heldOutBytes(image: ImageShape, examples: Int, points: Int, outputs: Int = 1) -> Int {
    guard width != .infinite, outputs == 1, architecture.upperWindow == nil,
      let (local, readout) = try? kernels(on: image, threads: 1)
    else { return 0 }
    if let layers = deepKernels(local) { return 8 * layers.count * (examples + 1) * points }
    guard readout.rank > 1 else { return 0 }
    return 8 * HeldOutBank.count(local, examples: examples, points: points)
  }

  /// The space of the order parameter: over the layers of a deep network, over outputs where several share one
  /// kernel at finite width, over positions and outputs where they share several, else over positions.
  package func orderParameterSpace(
    on image: ImageShape, outputs: Int
  ) throws(RenormError) -> OrderParameterSpace {
    let (local, readout) = try kernels(on: image, threads: 1)
    return orderParameterSpace(local, readout, outputs: outputs)
  }

  func orderParameterSpace(
    _ local: LocalKernels, _ readout: ReadoutFactor, outputs: Int
  ) -> OrderParameterSpace {
    if depth > 1 {
      let isChain = width != .infinite && (outputs > 1 || architecture.upperWindow != nil)
      guard isChain, let kernels = layerKernels(local) else { return .layers(depth) }
      return pathSpace(kernels, readout, outputs: outputs)
    }
    let groups = local.pairs.groups
    guard width != .infinite, outputs > 1 else { return .positions(groups: groups, basis: readout.basis) }
    // What a likelihood sees of the outputs.
    let contrasts = latentLikelihood(outputs: outputs)?.contrasts
    let count = contrasts?.columns ?? outputs
    return readout.rank == 1
      ? .outputs(count, contrasts: contrasts)
      : .positions(groups: groups, basis: readout.basis, outputs: count, contrasts: contrasts)
  }

  /// The largest order of a matrix P_l: its unknowns are as many as half of the square.
  static let largestChain = 128

  /// - Throws: `RenormError.unsupported` for a deep network of which matrices P_1..P_L are not the order
  ///   parameters, or too large.
  private func checkChain(_ kernels: any LayerKernels, outputs: Int) throws(RenormError) {
    let order = (kernels.pairs.groups.map(\.count).max() ?? 0) * (width == .infinite ? 1 : outputs)
    guard order <= Self.largestChain else {
      throw .unsupported(
        what: "an order parameter of a layer of order \(order): positions of the second layer times those that "
          + "its filters read, times outputs",
        instead: "take at most \(Self.largestChain): a larger stride, or a smaller second mask")
    }
    guard outputs > 1, width != .infinite else { return }
    let what = "\(outputs) outputs with depth \(depth)"
    guard architecture.upperWindow == nil else {
      throw .unsupported(
        what: "\(what) and the architecture 'cnn' at finite width", instead: "take one output, or two classes")
    }
    guard activation.isOdd else {
      throw .unsupported(
        what: "\(what) and the activation '\(activation.name)', which is not odd, at finite width",
        instead: "take an odd activation, one output, infinite width or depth 1")
    }
    guard deepTheory == .linearPart else {
      throw .unsupported(
        what: "\(what) and the deep theory '\(deepTheory.rawValue)'",
        instead: "take 'linear-part', or one output")
    }
    guard !hasSomeInfiniteWidths else {
      throw .unsupported(
        what: "\(what) and one layer of infinite width",
        instead: "take finite widths for all layers, or for none")
    }
  }

  func memoryPlan(
    _ local: LocalKernels, _ readout: ReadoutFactor, examples: Int, outputs: Int, isKept: Bool,
    _ memoryLimit: Int?
  ) throws(RenormError) -> MemoryPlan {
    let limit = memoryLimit ?? MemoryBudget.available()
    // Latents of a likelihood stand in the place of outputs.
    let latents = latentLikelihood(outputs: outputs)?.latents ?? 0
    let outputs = latents > 0 ? latents : outputs
    if depth > 1, let kernels = layerKernels(local),
      outputs > 1 && width != .infinite || architecture.upperWindow != nil
    {
      try checkChain(kernels, outputs: outputs)
      return try .chain(
        kernels.pairs, examples: examples, outputs: width == .infinite ? 1 : outputs, threads: local.threads,
        latents: latents, limit: limit)
    }
    if let layers = deepKernels(local) {
      return try .layers(
        layers, examples: examples, isInfinite: width == .infinite, latents: latents, limit: limit)
    }
    let isSingle = readout.rank == 1
    return isSingle || width == .infinite
      ? try .singleKernel(
        local, examples: examples, outputs: width == .infinite ? 1 : outputs,
        weights: readout.covariance(positions: local.positions), isReduced: width != .infinite,
        isKept: isKept, latents: latents, limit: limit)
      : try .bank(
        local, examples: examples, outputs: outputs, probes: BankCurvature.probes + 1,
        largestDimension: BankCurvature.largestDimension, latents: latents, limit: limit)
  }
}
