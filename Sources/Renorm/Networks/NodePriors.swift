internal import Foundation
public import RenormAction

/// The prior of the random scale tau_a of a hidden unit, v_a ~ N(0, tau_a S/lambda1) (docs/theory.md, section
/// 9): unit a is switched off, or made strong, as a whole. tau = 1 for the usual network.
///
/// A new prior is a conforming type and a line in `NodePriors.builtIn`.
public protocol NodePrior: Hashable, Sendable {
  /// The name in reports, model files and on the command line.
  var name: String { get }
  /// The values of its parameters, from which `NodePriors.builtIn` makes it again.
  var parameters: ParameterValues { get }
  /// The law of tau; nil where tau = 1.
  var law: ScaleLaw? { get }
}

/// tau = 1.
public struct NoNodePrior: NodePrior {
  /// The usual network.
  public init() {}
  public var name: String { "none" }
  public var parameters: ParameterValues { [:] }
  public var law: ScaleLaw? { nil }
}

/// Spike and slab: tau = 1/X with probability X, else 0; X is the fraction of open units. E tau = 1.
public struct BernoulliNodePrior: NodePrior {
  /// X, 1e-4 <= X <= 1.
  public let openFraction: Double

  /// - Throws: `RenormError.invalidParameter` unless 1e-4 <= X <= 1: below, Qbar may be of the size of the
  ///   solver's tolerance.
  public init(openFraction: Double) throws(RenormError) {
    self.openFraction = try inside(openFraction, 1e-4...1, "a fraction of open units")
  }

  public var name: String { "bernoulli" }
  public var parameters: ParameterValues { [.nodeParameter: .number(openFraction)] }
  public var law: ScaleLaw? {
    ScaleLaw(atoms: [(0, 1 - openFraction), (1 / openFraction, openFraction)].filter { $0.1 > 0 })
  }
}

/// tau ~ Gamma(shape X, rate X): E tau = 1.
public struct GammaNodePrior: NodePrior {
  /// X.
  public let shape: Double

  /// - Throws: `RenormError.invalidParameter` unless the shape is from 0.1 to 1e6: beyond, sums over log tau lose
  ///   a tail, or digits.
  public init(shape: Double) throws(RenormError) {
    self.shape = try inside(shape, 0.1...1e6, "a shape")
  }

  public var name: String { "gamma" }
  public var parameters: ParameterValues { [.nodeParameter: .number(shape)] }
  public var law: ScaleLaw? { ScaleLaw(mean: 1, around: 0) { [shape] t in shape * (t - exp(t)) } }
}

/// tau ~ inverse gamma of shape X: of scale X - 1 where X > 1, so that E tau = 1; of scale X else, where there
/// is no mean.
public struct InverseGammaNodePrior: NodePrior {
  /// X.
  public let shape: Double

  /// - Throws: `RenormError.invalidParameter` unless the shape is from 0.1 to 1e6: beyond, sums over log tau lose
  ///   a tail, or digits.
  public init(shape: Double) throws(RenormError) {
    self.shape = try inside(shape, 0.1...1e6, "a shape")
  }

  public var name: String { "inverse-gamma" }
  public var parameters: ParameterValues { [.nodeParameter: .number(shape)] }
  public var law: ScaleLaw? {
    let scale = shape > 1 ? shape - 1 : shape
    return ScaleLaw(mean: shape > 1 ? 1 : .infinity, around: log(scale / shape)) { [shape] t in
      -shape * t - scale * exp(-t)
    }
  }
}

/// The horseshoe: tau = (X c)^2 with a half-Cauchy c (C. M. Carvalho, N. G. Polson and J. G. Scott, Biometrika
/// 97 (2010)). There is no mean.
public struct HorseshoeNodePrior: NodePrior {
  /// X, the scale of sqrt(tau).
  public let scale: Double

  /// - Throws: `RenormError.invalidParameter` unless the scale is from 1e-3 to 1e3: far from 1 the equations of
  ///   the order parameter are too steep for the solver.
  public init(scale: Double) throws(RenormError) {
    self.scale = try inside(scale, 1e-3...1e3, "a scale")
  }

  public var name: String { "horseshoe" }
  public var parameters: ParameterValues { [.nodeParameter: .number(scale)] }
  public var law: ScaleLaw? {
    let centre = 2 * log(scale)
    // The density of log tau is 1/cosh of half its distance from the centre.
    return ScaleLaw(mean: .infinity, around: centre) { t in -log(cosh(min(abs(t - centre) / 2, 700))) }
  }
}

/// A parameter of a law that can be summed.
private func inside(
  _ value: Double, _ range: ClosedRange<Double>, _ what: String
) throws(RenormError) -> Double {
  guard range.contains(value) else {
    throw .invalidParameter(
      name: NetworkParameter.nodeParameter.words, value: "\(value)",
      accepted: "\(what) from \(range.lowerBound) to \(range.upperBound)")
  }
  return value
}

extension NetworkParameter {
  /// The number that a node prior depends on.
  public static let nodeParameter = NetworkParameter(
    "node-parameter", .positive(unit: nil), isInKernels: false,
    help: """
      Of the node prior: fraction of open units (bernoulli, 0.0001 to 1), shape (gamma, inverse-gamma, 0.1 to \
      1000000), scale (horseshoe, 0.001 to 1000).
      """)
}

/// The node priors that can be chosen by name.
public enum NodePriors {
  /// Every built-in node prior.
  public static let builtIn = Registry<any NodePrior>(
    "node prior",
    [
      .init("none") { _ in NoNodePrior() },
      .init("bernoulli", [.nodeParameter]) { (values) throws(RenormError) in
        try BernoulliNodePrior(openFraction: values.number(.nodeParameter, for: "bernoulli"))
      },
      .init("gamma", [.nodeParameter]) { (values) throws(RenormError) in
        try GammaNodePrior(shape: values.number(.nodeParameter, for: "gamma"))
      },
      .init("inverse-gamma", [.nodeParameter]) { (values) throws(RenormError) in
        try InverseGammaNodePrior(shape: values.number(.nodeParameter, for: "inverse-gamma"))
      },
      .init("horseshoe", [.nodeParameter]) { (values) throws(RenormError) in
        try HorseshoeNodePrior(scale: values.number(.nodeParameter, for: "horseshoe"))
      },
    ])
}
