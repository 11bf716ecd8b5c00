internal import LinearAlgebra
package import RenormAction

/// A Bayesian network with its priors; with one hidden layer
///
///     f(x) = (N n)^(-1/2) sum_a sum_i v_ai s(h_ai(x)),   h_ai(x) = M^(-1/2) w_a . x_i + b_a,
///
/// w ~ N(0, F/lambda0), F = 1 unless asked otherwise, b = 0 or b ~ N(0, 1/lambda_bias), v_a. ~ N(0, tau_a
/// S/lambda1), tau_a = 1 without a node prior, and the posterior
///
///     p(w, v | X, y)  ~  exp( -(1/2T) sum_mu (y_mu - f(x_mu))^2 ) x prior,
///
/// T the variance of a Gaussian likelihood (docs/theory.md, section 1; Aiudi et al., Nat. Commun. 16 (2025),
/// arXiv 2307.11807); other likelihoods have T as `Likelihood` says. a counts N hidden units or channels, i the
/// n positions; M is the number of inputs of a patch x_i. The factors (N n)^(-1/2) and M^(-1/2) keep f and h of
/// order one: the standard scaling of Gaussian-process limits. Weight decay with a loss sum (y - f)^2/2 and
/// coefficients T lambda0/2 and T lambda1/2 has the mode of this posterior as its minimum (S = 1, no node
/// prior).
///
/// A fully connected network may have L hidden layers, and a convolutional one two, h^(l+1)_a = N_l^(-1/2) sum_b W^l_ab s(h^l_b), W^l ~ N(0,
/// 1/lambda_l), of which the last is read out as above (docs/depth.md).
public struct Network: Sendable {
  /// Connectivity of the hidden layer.
  public let architecture: any Architecture
  /// The activation s.
  public let activation: any Activation
  /// N_1..N_L: hidden units (FC) or channels (LCN, CNN) of every hidden layer, or infinite.
  public private(set) var widths: [Width]
  /// T, the variance of the noise on every target, in squared units of the targets.
  public private(set) var temperature: Double
  /// Prior precision of the hidden weights w: their covariance over a mask is F/lambda0.
  public let lambda0: Double
  /// Prior precision of a bias of every hidden unit; nil where there is none.
  public let lambdaBias: Double?
  /// The prior F of the filters over the mask.
  public let filter: any FilterPrior
  /// lambda_1..lambda_L: lambda_l is the prior precision of the weights that read hidden layer l.
  public private(set) var lambdas: [Double]
  /// How order parameters enter the kernel of a deep network; nothing for one hidden layer.
  public let deepTheory: DeepTheory
  /// The prior S of the readout over positions.
  public let readout: any Readout
  /// The prior of the scales of hidden units.
  public let nodePrior: any NodePrior
  /// The likelihood of the targets.
  public let likelihood: any Likelihood

  /// A network with the given connectivity and priors.
  ///
  /// - Throws: `RenormError.invalidParameter` unless width, temperature and precisions are positive,
  ///   `.unsupported` for a correlated readout where positions do not share one set of filters, and for a node
  ///   prior there, with an activation that is not odd, or without a mean at infinite width.
  public init(
    architecture: any Architecture, activation: any Activation = Erf(), width: Width, temperature: Double,
    lambda0: Double = 1, lambda1: Double = 1, lambdaBias: Double? = nil,
    filter: any FilterPrior = IndependentFilter(), readout: any Readout = IndependentReadout(),
    nodePrior: any NodePrior = NoNodePrior(), likelihood: any Likelihood = GaussianLikelihood()
  ) throws(RenormError) {
    try self.init(
      architecture: architecture, activation: activation, widths: [width], temperature: temperature,
      lambda0: lambda0, lambdas: [lambda1], deepTheory: .linearPart, lambdaBias: lambdaBias, filter: filter,
      readout: readout, nodePrior: nodePrior, likelihood: likelihood)
  }

  /// A network of any depth.
  ///
  /// - Throws: as the public ones.
  init(
    architecture: any Architecture, activation: any Activation, widths: [Width], temperature: Double,
    lambda0: Double, lambdas: [Double], deepTheory: DeepTheory, lambdaBias: Double?, filter: any FilterPrior,
    readout: any Readout, nodePrior: any NodePrior, likelihood: any Likelihood
  ) throws(RenormError) {
    if !(readout is IndependentReadout), !architecture.sharesOneFilter {
      throw .unsupported(
        what: "the readout '\(readout.name)' on the architecture '\(architecture.name)'",
        instead:
          "correlated readouts are defined where all positions share their filters (cnn); take 'independent'")
    }
    self.architecture = architecture
    self.activation = activation
    self.widths = try widths.map(checked)
    self.temperature = try positive(temperature, "temperature")
    self.lambda0 = try positive(lambda0, "lambda0")
    let single = lambdas.count == 1
    self.lambdas = try lambdas.map { (lambda) throws(RenormError) in
      try positive(lambda, single ? "lambda1" : NetworkParameter.lambdas.words)
    }
    self.deepTheory = deepTheory
    self.lambdaBias = try lambdaBias.map { (value) throws(RenormError) in
      try positive(value, NetworkParameter.lambdaBias.words)
    }
    self.filter = filter
    self.readout = readout
    self.nodePrior = nodePrior
    self.likelihood = likelihood
    try checkNodePrior()
    try checkLayers()
    try checkLikelihood()
  }

  private func checkNodePrior() throws(RenormError) {
    guard let law = nodePrior.law else { return }
    let what = "the node prior '\(nodePrior.name)'"
    guard architecture.sharedFilterGroups(positions: 2).count == 1 else {
      throw .unsupported(
        what: "\(what) on the architecture '\(architecture.name)'",
        instead: "take fc, cnn or the node prior 'none'")
    }
    guard activation.isOdd else {
      throw .unsupported(
        what: "\(what) with the activation '\(activation.name)', which is not odd",
        instead: "take an odd activation, such as erf or tanh, or the node prior 'none'")
    }
    guard width != .infinite || law.mean.isFinite else {
      throw .unsupported(
        what: "\(what) without a mean at infinite width", instead: "take a finite width, or a larger shape")
    }
  }
}

extension Network {
  /// The prior term of the effective action at finite width.
  ///
  /// - Parameter units: N of the one hidden layer.
  package func priorTerm(units: Double) -> any PriorTerm {
    if depth > 1 { return WishartChain(ratios: widthRatios) }
    if let law = nodePrior.law { return NodeScales(law) }
    return activation.isOdd ? GaussianLayer() : ConjugatePair(width: units)
  }

  /// The conjugate order parameter of the node scales of a solution; nil without a node prior and at infinite
  /// width.
  ///
  /// - Throws: `RenormError.numericalFailure` where the order parameter is not positive definite.
  package func conjugateScales(_ solution: Solution) throws(RenormError) -> ConjugateOrder? {
    guard let law = nodePrior.law, width != .infinite else { return nil }
    return try factoring("the order parameter") { () throws(LinearAlgebraError) in
      try law.conjugate(of: solution.weights.covariance)
    }
  }
}

extension Network {
  /// N of the last hidden layer of finite width; infinite where there is none. The load alpha = P/N and the
  /// action per N/2 refer to it.
  public var width: Width { widths.last { $0 != .infinite } ?? .infinite }

  /// Prior precision of the readout weights v of one hidden layer: their covariance over positions is
  /// S/lambda1. In a deep network that of the weights that read the first hidden layer.
  public var lambda1: Double { lambdas[0] }

  /// The same network at another temperature, width or readout precision; in a deep network those of all
  /// layers.
  ///
  /// - Throws: `RenormError.invalidParameter` for values that are not positive.
  public func with(
    temperature: Double? = nil, width: Width? = nil, lambda1: Double? = nil
  ) throws(RenormError) -> Network {
    var result = self
    if let temperature { result.temperature = try positive(temperature, "temperature") }
    if let width {
      let width = try checked(width)
      result.widths = widths.map { _ in width }
    }
    if let lambda1 {
      let lambda1 = try positive(lambda1, "lambda1")
      result.lambdas = lambdas.map { _ in lambda1 }
    }
    try result.checkNodePrior()
    try result.checkLikelihood()
    return result
  }

  /// Whether another network has the same local kernels and the same prior over positions, so that kernels
  /// serve both. Compared by value, so that parameters of a caller's own types count.
  ///
  /// - Parameter exceptForReadout: whether the prior over positions may differ.
  func sharesKernels(with other: Network, exceptForReadout: Bool = false) -> Bool {
    var (own, others) = (description.kernels, other.description.kernels)
    if exceptForReadout {
      for parameter in [.readout] + Readouts.builtIn.parameters {
        (own[parameter], others[parameter]) = (nil, nil)
      }
    }
    return activation.equals(other.activation) && architecture.equals(other.architecture)
      && (exceptForReadout || readout.equals(other.readout)) && filter.equals(other.filter) && own == others
  }
}

/// A width with at least one unit.
private func checked(_ width: Width) throws(RenormError) -> Width {
  guard NetworkParameter.width.domain.contains(.width(width)) else {
    throw .invalidParameter(name: "width", value: "\(width)", accepted: NetworkParameter.width.domain.accepted)
  }
  return width
}
