/// An activation s of the hidden layer, known through its Gaussian expectations.
///
/// A conforming type gives the function and two expectations over pre-activations; kernels of whole data
/// sets follow from them. Two activations are equal where they are the same function: parameters are stored properties,
/// and kernels are shared between equal activations. Laws: `secondMoment` is symmetric in exchanging the two pre-activations,
/// E[s(a)s(b)]^2 <= E[s(a)^2] E[s(b)^2], and `isOdd` implies `mean` = 0.
public protocol Activation: Hashable, Sendable {
  /// The name in reports, model files and on the command line.
  var name: String { get }

  /// The values of its parameters, from which `Activations.builtIn` makes it again; none by default.
  var parameters: ParameterValues { get }

  /// Whether s(-h) = -s(h). Then m = 0, and the order parameter minimises the action of section 3;
  /// otherwise it solves the saddle equations of section 4.
  var isOdd: Bool { get }

  /// Whether s(c h) = c s(h) for every c > 0, exactly; false by default. Examples that are multiples of each other
  /// then count as one.
  var isHomogeneous: Bool { get }

  /// s(h).
  func callAsFunction(_ h: Double) -> Double

  /// E[s(a) s(b)] for (a, b) ~ N(0, [[caa, cab], [cab, cbb]]).
  ///
  /// Must stay finite where rounding makes cab^2 exceed caa cbb slightly, and where caa or cbb is 0.
  func secondMoment(_ caa: Double, _ cab: Double, _ cbb: Double) -> Double

  /// m = E[s(a)] for a ~ N(0, variance).
  func mean(variance: Double) -> Double

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
    ])
}
