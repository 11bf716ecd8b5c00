internal import Foundation
internal import GSLNumerics

/// An activation s of the hidden layer, known through its Gaussian expectations.
///
/// Under the prior the pre-activations h_i(x) and h_j(x') of a hidden unit are jointly Gaussian with the
/// covariance C_ij(x, x') = x_i . x'_j/(lambda0 M), so all that the theory needs of s are two expectations
/// (docs/theory.md, section 2),
///
///     K_ij(x, x') = E[s(a) s(b)],   (a, b) ~ N(0, [[caa, cab], [cab, cbb]])
///     m_i(x)      = E[s(a)],        a ~ N(0, caa),
///
/// caa = C_ii(x, x), cab = C_ij(x, x'), cbb = C_jj(x', x'). A conforming type gives them in closed form (R. M.
/// Neal, Bayesian Learning for Neural Networks, 1996, chapter 2, for the idea; `Erf`, `ReLU`, `Linear` name
/// their sources).
///
/// Two activations are equal where they are the same function: parameters are stored properties, and kernels
/// are shared between equal activations. Laws: `secondMoment` is symmetric in exchanging the two
/// pre-activations, E[s(a)s(b)]^2 <= E[s(a)^2] E[s(b)^2], and `isOdd` implies `mean` = 0.
public protocol Activation: Hashable, Sendable {
  /// The name in reports, model files and on the command line.
  var name: String { get }

  /// The values of its parameters, from which `Activations.builtIn` makes it again; none by default.
  var parameters: ParameterValues { get }

  /// Whether s(-h) = -s(h). Then m = 0, and the order parameter minimises the action of docs/theory.md, section
  /// 3; otherwise it solves the saddle equations of section 4.
  var isOdd: Bool { get }

  /// Whether s(c h) = c s(h) for every c > 0, exactly; false by default. Then K(c x, x') = c K(x, x'), and
  /// examples that are multiples of each other count as one (`RangeExamples`).
  var isHomogeneous: Bool { get }

  /// Whether s(h) = h; false by default. Then what is exact for linear networks is used.
  var isLinear: Bool { get }

  /// The largest |s|; nil by default, where it is not known or infinite.
  var bound: Double? { get }

  /// s(h).
  func callAsFunction(_ h: Double) -> Double

  /// E[s(a) s(b)] for (a, b) ~ N(0, [[caa, cab], [cab, cbb]]).
  ///
  /// - Parameters:
  ///   - caa: the variance of a, not negative.
  ///   - cab: their covariance, |cab| <= (caa cbb)^(1/2) up to rounding.
  ///   - cbb: the variance of b, not negative.
  ///
  /// Must stay finite where rounding makes cab^2 exceed caa cbb slightly, and where caa or cbb is 0.
  func secondMoment(_ caa: Double, _ cab: Double, _ cbb: Double) -> Double

  /// |cab dE[s(a) s(b)]/dcab|: what an error of cab, relative to cab, makes of the second moment. It decides
  /// how far rounding of covariances reaches; by default the size of the second moment itself.
  func secondMomentSensitivity(_ caa: Double, _ cab: Double, _ cbb: Double) -> Double

  /// m = E[s(a)] for a ~ N(0, variance); 0 where s is odd.
  func mean(variance: Double) -> Double

  /// g = E[s'(a)] = E[a s(a)]/variance for a ~ N(0, variance): the slope of the best linear approximation of s,
  /// with which a layer hands on what is below it (docs/depth.md). By default an integral over s.
  func meanSlope(variance: Double) -> Double

  /// Replaces a block of covariances, stored column by column, by second moments:
  /// c_ij <- E[s(a_i) s(b_j)] with Var a_i = `rowVariances[i]` and Var b_j = `columnVariances[j]`.
  ///
  /// The default calls `secondMoment` for every element; override it for speed only.
  func replaceBySecondMoments(
    _ covariances: UnsafeMutableBufferPointer<Double>, rowVariances: UnsafeBufferPointer<Double>,
    columnVariances: UnsafeBufferPointer<Double>)
}

extension Activation {
  public var parameters: ParameterValues { [:] }
  public var isHomogeneous: Bool { false }
  public var isLinear: Bool { false }
  public var bound: Double? { nil }

  public func secondMomentSensitivity(_ caa: Double, _ cab: Double, _ cbb: Double) -> Double {
    abs(secondMoment(caa, cab, cbb))
  }

  /// E[z s(d z)]/d over a standard normal z, d = sqrt(variance); at variance 0 its limit s'(0), to 1e-8 for a
  /// smooth s.
  public func meanSlope(variance: Double) -> Double {
    let deviation = max(variance, 1e-16).squareRoot()
    let integral = Quadrature.integrate(from: -10, to: 10, relative: 1e-13, absolute: 1e-13) { z in
      z * self(deviation * z) * exp(-z * z / 2)
    }
    return integral.value / ((2 * .pi).squareRoot() * deviation)
  }

  public func replaceBySecondMoments(
    _ covariances: UnsafeMutableBufferPointer<Double>, rowVariances: UnsafeBufferPointer<Double>,
    columnVariances: UnsafeBufferPointer<Double>
  ) {
    precondition(covariances.count == rowVariances.count * columnVariances.count)
    var index = 0
    for columnVariance in columnVariances {
      for rowVariance in rowVariances {
        covariances[index] = secondMoment(rowVariance, covariances[index], columnVariance)
        index += 1
      }
    }
  }
}

/// The activations that can be chosen by name.
public enum Activations {
  /// Every built-in activation.
  public static let builtIn = Registry<any Activation>(
    "activation",
    [
      .init("erf") { _ in Erf() },
      .init("relu") { _ in ReLU() },
      .init("linear") { _ in Linear() },
      .init("tanh") { _ in Tanh() },
      .init("sigmoid") { _ in Sigmoid() },
      .init("gelu") { _ in GELU() },
      .init("swish") { _ in Swish() },
      .init("softplus") { _ in Softplus() },
      .init("leaky-relu", [.activationSlope]) { (values) throws(RenormError) in
        try LeakyReLU(slope: values.number(.activationSlope, for: "leaky-relu"))
      },
      .init("relu6") { _ in ReLU6() },
      .init("hard-tanh") { _ in HardTanh() },
      .init("sin") { _ in Sine() },
      .init("cos") { _ in Cosine() },
      .init("quadratic") { _ in Quadratic() },
    ])
}
