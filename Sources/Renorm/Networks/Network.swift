/// A Bayesian network with one hidden layer and its priors,
///
///     f(x) = (N n)^(-1/2) sum_a sum_i v_ai s(h_ai(x)),   h_ai(x) = M^(-1/2) w_a . x_i,
///
/// w ~ N(0, 1/lambda0), v_a. ~ N(0, S/lambda1), with Gaussian likelihood of variance T (docs/theory.md, section 1;
/// Aiudi et al., Nat. Commun. 16 (2025), arXiv 2307.11807).
public struct Network: Sendable {
  /// Connectivity of the hidden layer.
  public let architecture: any Architecture
  /// The activation s.
  public let activation: any Activation
  /// N.
  public let width: Width
  /// T, the variance of the noise on every target.
  public let temperature: Double
  /// Prior precision of the hidden weights.
  public let lambda0: Double
  /// Prior precision of the readout weights.
  public let lambda1: Double
  /// The prior of the readout over positions.
  public let readout: any Readout

  /// A network with the given connectivity and priors.
  ///
  /// - Throws: `RenormError.invalidParameter` unless width, temperature and both precisions are positive,
  ///   `.unsupported` for a correlated readout where positions do not share one set of filters.
  public init(
    architecture: any Architecture, activation: any Activation = Erf(), width: Width, temperature: Double,
    lambda0: Double = 1, lambda1: Double = 1, readout: any Readout = IndependentReadout()
  ) throws(RenormError) {
    if let units = width.units, units < 1 {
      throw .invalidParameter(name: "width", value: "\(units)", accepted: "a positive number of hidden units")
    }
    if !(readout is IndependentReadout), !architecture.sharesOneFilter {
      throw .unsupported(
        what: "the readout '\(readout.name)' on the architecture '\(architecture.name)'",
        instead: "correlated readouts are defined where all positions share their filters (cnn); take 'independent'")
    }
    self.architecture = architecture
    self.activation = activation
    self.width = width
    self.temperature = try positive(temperature, "temperature")
    self.lambda0 = try positive(lambda0, "lambda0")
    self.lambda1 = try positive(lambda1, "lambda1")
    self.readout = readout
  }
}
