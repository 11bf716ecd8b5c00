internal import LinearAlgebra
public import Renorm

/// Supplied kernels in a model: those of the training set. Held-out points bring kernels of their own
/// (`HeldOutBankFile`).
extension NPZWriter {
  mutating func add(_ supplied: SuppliedKernels) {
    let (n, p) = (supplied.indices, supplied.count)
    add("bank_kernels", supplied.kernels, shape: supplied.isCoupled ? [n, n, p, p] : [n, p, p])
    if let means = supplied.means { add("bank_means", means, shape: [n, p]) }
  }
}

extension NPZArchive {
  /// The network of a model with supplied kernels; nil for others.
  func suppliedNetwork(_ description: NetworkDescription) throws -> Network? {
    guard description.architecture == "supplied" else { return nil }
    let kernels = try array("bank_kernels")
    let shape = kernels.shape
    guard shape.count == 3 || shape.count == 4 && shape[0] == shape[1], let p = shape.last,
      shape[shape.count - 2] == p
    else { throw RenormError.damagedModel(path: path, reason: "its supplied kernels have shape \(shape)") }
    let means = names.contains("bank_means") ? try array("bank_means").values() : nil
    return try SuppliedKernels(
      indices: shape[0], isCoupled: shape.count == 4, count: p, kernels: kernels.values(), means: means
    ).network(
      width: description.width, temperature: description.temperature, lambda1: description.lambda1,
      likelihood: Likelihoods.builtIn.named(description.likelihood, description.values))
  }
}

extension ModelFile {
  /// The posterior of a model of supplied kernels for further held-out points; predict at
  /// `kernels.heldOutInputs`.
  ///
  /// - Parameter kernels: those of the model, with the held-out points.
  /// - Throws: `RenormError.numericalFailure` where T I + K_R cannot be factored.
  public func posterior(at kernels: SuppliedKernels, threads: Int?) throws(RenormError) -> Posterior {
    let network = posterior.network
    return try Posterior(
      network: kernels.network(
        width: network.width, temperature: network.temperature, lambda1: network.lambda1,
        likelihood: network.likelihood),
      training: posterior.training, solution: posterior.solution, trainingKernel: posterior.trainingKernel,
      threads: threads ?? Parallel.availableCores)
  }
}
