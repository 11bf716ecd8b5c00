extension SuppliedKernels {
  /// The network that the kernels define at finite width N (or `.infinite`, where Q = 1), temperature T and
  /// readout precision lambda1: fit it on `training(targets:)`, predict at `heldOutInputs`.
  ///
  ///     let kernels = try SuppliedKernels(indices: 1, isCoupled: false, count: p, kernels: k)
  ///     let posterior = try kernels.network(width: .finite(100), temperature: 0.1)
  ///       .fit(kernels.training(targets: y))
  ///
  /// - Throws: `RenormError.invalidParameter` unless all three are positive.
  public func network(
    width: Width, temperature: Double, lambda1: Double = 1, nodePrior: any NodePrior = NoNodePrior(),
    likelihood: any Likelihood = GaussianLikelihood()
  ) throws(RenormError) -> Network {
    try Network(
      architecture: SuppliedArchitecture(self), activation: SuppliedActivation(hasMeans: means != nil),
      width: width, temperature: temperature, lambda1: lambda1, nodePrior: nodePrior, likelihood: likelihood)
  }
}

extension Network {
  /// The kernels of a network of supplied ones; nil where kernels are computed from inputs.
  public var supplied: SuppliedKernels? { (architecture as? SuppliedArchitecture)?.kernels }

  /// - Throws: `RenormError.unsupported` where kernels are supplied.
  package func requireComputedKernels(_ what: String) throws(RenormError) {
    guard supplied == nil else {
      throw .unsupported(
        what: "\(what) of supplied kernels", instead: "it needs more than the kernels that were supplied")
    }
  }
}
