internal import LinearAlgebra
public import RenormAction

/// The likelihood of the targets given the outputs of a network (docs/classification.md). The prior of the
/// outputs does not know it, so that everything else of the theory stays.
///
/// A new likelihood is a conforming type and a line in `Likelihoods.builtIn`.
public protocol Likelihood: Hashable, Sendable {
  /// The name in reports, model files and on the command line.
  var name: String { get }
  /// The values of its parameters, from which `Likelihoods.builtIn` makes it again.
  var parameters: ParameterValues { get }
  /// How the integral over latents is approximated; `laplace` by default.
  var approximation: LikelihoodApproximation { get }

  /// The likelihood of an example with D outputs at temperature T; nil for Gaussian noise, whose integral is
  /// known in closed form.
  func latent(temperature: Double, outputs: Int) -> (any LatentLikelihood)?

  /// Refuses networks that it is not defined for, before any work; none by default.
  ///
  /// - Throws: `RenormError.invalidParameter`, `.unsupported`.
  func check(_ network: Network) throws(RenormError)

  /// Refuses targets that are none of its labels; none by default.
  ///
  /// - Throws: `RenormError.unusableData`, `.unsupported`.
  func check(_ data: Dataset) throws(RenormError)

  /// What a user should know of a fit that this likelihood can tell; nothing by default. Each is one line.
  func warnings(temperature: Double, _ data: Dataset, trainingAccuracy: Double?) -> [String]
}

extension Likelihood {
  public var parameters: ParameterValues { [:] }
  public var approximation: LikelihoodApproximation { .laplace }
  public func check(_ network: Network) throws(RenormError) {}
  public func check(_ data: Dataset) throws(RenormError) {}
  public func warnings(temperature: Double, _ data: Dataset, trainingAccuracy: Double?) -> [String] { [] }
}

/// y = f + noise of variance T: p(y | f) proportional to exp( -(y - f)^2/(2T) ).
public struct GaussianLikelihood: Likelihood {
  /// The usual likelihood.
  public init() {}
  public var name: String { "gaussian" }
  public func latent(temperature: Double, outputs: Int) -> (any LatentLikelihood)? { nil }
}

extension NetworkParameter {
  /// How the integral over outputs is approximated.
  public static let approximation = NetworkParameter(
    "approximation", .names(LikelihoodApproximation.allCases.map(\.rawValue)),
    default: .name(LikelihoodApproximation.laplace.rawValue), isInKernels: false,
    help: "Of a likelihood that is not gaussian: laplace, or ep (expectation propagation, two classes).")
}

extension ParameterValues {
  /// The approximation that is named, or the default.
  ///
  /// - Throws: `RenormError.invalidParameter` for an unknown name.
  func likelihoodApproximation(for likelihood: String) throws(RenormError) -> LikelihoodApproximation {
    let name = try required(
      .approximation, by: likelihood, default: NetworkParameter.approximation.defaultValue
    ).name
    guard let approximation = LikelihoodApproximation(rawValue: name ?? "") else {
      throw .invalidParameter(
        name: "approximation", value: name ?? "",
        accepted: LikelihoodApproximation.allCases.map(\.rawValue).joined(separator: ", "))
    }
    return approximation
  }
}

/// The likelihoods that can be chosen by name.
public enum Likelihoods {
  /// Every built-in likelihood.
  public static let builtIn = Registry<any Likelihood>(
    "likelihood",
    [
      .init("gaussian") { _ in GaussianLikelihood() },
      .init("softmax", [.approximation]) { (values) throws(RenormError) in
        SoftmaxLikelihood(approximation: try values.likelihoodApproximation(for: "softmax"))
      },
    ])
}

extension Network {
  /// The likelihood of an example with D outputs; nil for Gaussian noise.
  package func latentLikelihood(outputs: Int) -> (any LatentLikelihood)? {
    likelihood.latent(temperature: temperature, outputs: outputs)
  }

  /// The likelihood of an example with D outputs.
  ///
  /// - Throws: `RenormError.unsupported` for Gaussian noise.
  func requireLatentLikelihood(outputs: Int) throws(RenormError) -> any LatentLikelihood {
    guard let likelihood = latentLikelihood(outputs: outputs) else {
      throw .unsupported(
        what: "Gaussian noise in a family made for another likelihood", instead: "make a family for it")
    }
    return likelihood
  }

  /// Whether the noise is Gaussian, so that the posterior of the outputs is.
  package var isGaussian: Bool { latentLikelihood(outputs: 1) == nil }

  /// - Throws: `RenormError.unsupported` for a likelihood that is not Gaussian.
  package func requireGaussianNoise(_ what: String) throws(RenormError) {
    guard isGaussian else {
      throw .unsupported(
        what: "\(what) with the likelihood '\(likelihood.name)'", instead: "take the likelihood 'gaussian'")
    }
  }

  /// Refuses what has no theory with a likelihood that is not Gaussian.
  ///
  /// - Throws: `RenormError.invalidParameter`, `.unsupported`.
  func checkLikelihood() throws(RenormError) {
    guard !isGaussian else { return }
    let what = "the likelihood '\(likelihood.name)'"
    // There order parameters enter activations, and K_R is no sum over fixed kernels.
    guard deepTheory != .nested || depth == 1 else {
      throw .unsupported(
        what: "\(what) with the deep theory 'nested'", instead: "take 'linear-part' or 'vanilla'")
    }
    guard nodePrior.law == nil else {
      throw .unsupported(
        what: "\(what) with the node prior '\(nodePrior.name)'",
        instead: "take the node prior 'none', or the likelihood 'gaussian'")
    }
    try likelihood.check(self)
  }

  /// Refuses targets that are no labels of the likelihood, and activations that the theory does not cover with
  /// it.
  ///
  /// - Throws: `RenormError.unsupported`, `.unusableData`.
  func checkLikelihood(of data: Dataset) throws(RenormError) {
    guard !isGaussian else { return }
    try likelihood.check(data)
    guard width == .infinite || activation.isOdd || hasPair(on: data) else {
      throw .unsupported(
        what:
          "the likelihood '\(likelihood.name)' with the activation '\(activation.name)', which is not odd, and "
          + (data.outputs > 1 ? "\(data.outputs) classes" : "several positions") + " at finite width",
        instead:
          "the weights of its means are known in closed form for Gaussian noise only; take an odd activation, "
          + "infinite width or the likelihood 'gaussian', or sample the network")
    }
  }

  /// Whether the order parameters of an activation with means are numbers, a pair for each layer, which are
  /// found together for any likelihood of one latent.
  private func hasPair(on data: Dataset) -> Bool {
    data.outputs == 1 && (depth > 1 || (try? hasOneKernel(on: data.shape)) == true)
  }
}
