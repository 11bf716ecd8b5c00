internal import LinearAlgebra
public import RenormKernels

extension Network {
  /// How the kernels of a fit would be held; nothing is allocated.
  ///
  /// - Parameters:
  ///   - image: the shape of one example.
  ///   - examples: P.
  ///   - outputs: D.
  /// - Throws: `RenormError` as a fit throws before its kernels are computed: `.maskLargerThanImage`,
  ///   `.unsupported`, `.outOfMemory`, and `.invalidParameter` for options out of their domain.
  public func memoryPlan(
    image: ImageShape, examples: Int, outputs: Int, options: FitOptions = FitOptions()
  ) throws(RenormError) -> MemoryPlan {
    try options.validate()
    let (local, readout) = try kernels(on: image, threads: options.cores)
    return try memoryPlan(local, readout, examples: examples, outputs: outputs, options.memoryLimit)
  }

  /// Bytes of the kernels of all pairs of positions between examples and held-out points, which a family holds
  /// where they fit; 0 where one kernel serves, or on an image that the network does not fit.
  ///
  /// Several outputs at many positions hold none.
  public func heldOutBytes(image: ImageShape, examples: Int, points: Int, outputs: Int = 1) -> Int {
    guard width != .infinite, outputs == 1, let (local, readout) = try? kernels(on: image, threads: 1)
    else { return 0 }
    if let layers = deepKernels(local) { return 8 * layers.count * (examples + 1) * points }
    guard readout.rank > 1 else { return 0 }
    return 8 * HeldOutBank.count(local, examples: examples, points: points)
  }

  /// Whether one kernel serves all widths, temperatures and lambda1: one position (FC), or a readout prior of
  /// rank one (mean pooling). Not in a deep network, where points are not as cheap.
  ///
  /// - Throws: `RenormError.maskLargerThanImage`, `.invalidParameter` for a readout prior that is none.
  public func hasOneKernel(on image: ImageShape) throws(RenormError) -> Bool {
    let isSingle = try kernels(on: image, threads: 1).readout.rank == 1
    return depth == 1 && isSingle
  }

  /// The rule for local kernels, and the readout prior on their positions.
  package func kernels(
    on image: ImageShape, threads: Int
  ) throws(RenormError) -> (local: LocalKernels, readout: ReadoutFactor) {
    let local = try LocalKernels(
      architecture: architecture, activation: activation, lambda0: lambda0, lambdaBias: lambdaBias,
      filter: filter, image: image, threads: threads)
    return (local, try ReadoutFactor(readout, on: local.grid))
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
    if depth > 1 { return .layers(depth) }
    let groups = local.pairs.groups
    guard width != .infinite, outputs > 1 else { return .positions(groups: groups, basis: readout.basis) }
    // What a likelihood sees of the outputs.
    let contrasts = latentLikelihood(outputs: outputs)?.contrasts
    let count = contrasts?.columns ?? outputs
    return readout.rank == 1
      ? .outputs(count, contrasts: contrasts)
      : .positions(groups: groups, basis: readout.basis, outputs: count, contrasts: contrasts)
  }

  func memoryPlan(
    _ local: LocalKernels, _ readout: ReadoutFactor, examples: Int, outputs: Int, _ memoryLimit: Int?
  ) throws(RenormError) -> MemoryPlan {
    let limit = memoryLimit ?? MemoryBudget.available()
    if let layers = deepKernels(local) {
      guard outputs == 1 || width == .infinite else {
        throw .unsupported(
          what: "\(outputs) outputs with depth \(depth) at finite width",
          instead: "take one output, two classes, infinite width or depth 1")
      }
      return try .layers(layers, examples: examples, isInfinite: width == .infinite, limit: limit)
    }
    // Latents of a likelihood stand in the place of outputs.
    let latents = latentLikelihood(outputs: outputs)?.latents ?? 0
    let outputs = latents > 0 ? latents : outputs
    let isSingle = readout.rank == 1
    return isSingle || width == .infinite
      ? try .singleKernel(
        local, examples: examples, outputs: width == .infinite ? 1 : outputs,
        weights: readout.covariance(positions: local.positions), latents: latents, limit: limit)
      : try .bank(
        local, examples: examples, outputs: outputs, probes: BankCurvature.probes + 1,
        largestDimension: BankCurvature.largestDimension, latents: latents, limit: limit)
  }
}
