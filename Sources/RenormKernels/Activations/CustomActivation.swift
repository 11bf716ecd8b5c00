internal import Foundation

/// A caller's own activation, known as a function only. Its Gaussian moments are computed: from Hermite
/// coefficients where it is smooth (`HermiteSeries`), else by two-dimensional quadrature (`PolarQuadrature`),
/// which takes about a millisecond for every element of a kernel. For a closed form, conform to `Activation`
/// instead.
///
/// Two of these are equal where they are copies of one value. Models with such an activation cannot be written.
public struct CustomActivation: SeriesActivation {
  public let name: String
  public let isOdd: Bool
  let series: HermiteSeries
  private let function: @Sendable (Double) -> Double
  private let slope: (@Sendable (Double) -> Double)?

  /// - Parameters:
  ///   - name: a name that is none of the built-in ones.
  ///   - isOdd: whether s(-h) = -s(h), exactly: it decides which equations the order parameter solves. Compared
  ///     with the function at many points.
  ///   - isSmooth: false where s or a derivative of it jumps at h = 0, as relu's does; elsewhere it must be
  ///     smooth.
  ///   - derivative: s'(h), for sampling; central differences where nil.
  ///   - function: s(h), finite, and growing no faster than a power of h.
  /// - Throws: `RenormError.invalidParameter` for a name that is taken, and for a function that contradicts
  ///   what is said about it; `.unsupported` where its moments at variance 1 are not found to 1e-9.
  public init(
    name: String, isOdd: Bool, isSmooth: Bool = true, derivative: (@Sendable (Double) -> Double)? = nil,
    _ function: @escaping @Sendable (Double) -> Double
  ) throws(RenormError) {
    guard Activations.builtIn[name] == nil else {
      throw .invalidParameter(
        name: "name of an activation", value: "'\(name)'", accepted: "a name that is not built in")
    }
    for step in -40...40 {
      let h = pow(10, Double(step) / 20)
      let (up, down) = (function(h), function(-h))
      guard up.isFinite, down.isFinite else {
        throw .invalidParameter(
          name: "activation '\(name)'", value: "not finite at \(h)", accepted: "a function")
      }
      guard !isOdd || abs(up + down) <= 1e-14 * abs(up) else {
        throw .invalidParameter(
          name: "activation '\(name)'", value: "not odd at \(h)", accepted: "isOdd: false for this function")
      }
    }
    guard !isOdd || function(0) == 0 else {
      throw .invalidParameter(
        name: "activation '\(name)'", value: "not odd at 0", accepted: "isOdd: false for this function")
    }
    self.name = name
    self.isOdd = isOdd
    self.function = function
    slope = derivative
    series = HermiteSeries(isOdd: isOdd, isSmooth: isSmooth, function)
    let quadrature = PolarQuadrature(function)
    let exact = quadrature.secondMoment(1, 0.6, 1)
    guard exact.error <= 1e-9 * quadrature.secondMoment(1, 1, 1).value,
      !isSmooth || series.hasSeries(variance: 1)
    else {
      throw .unsupported(
        what: "the activation '\(name)', whose Gaussian moments are not found by quadrature",
        instead: isSmooth
          ? "say isSmooth: false where it has a kink at 0, or conform to Activation with a closed form"
          : "conform to Activation with a closed form")
    }
  }

  public func callAsFunction(_ h: Double) -> Double { function(h) }

  public func derivative(_ h: Double) -> Double {
    if let slope { return slope(h) }
    let step = 1e-5 * max(1, abs(h))
    return (function(h + step) - function(h - step)) / (2 * step)
  }

  public static func == (a: CustomActivation, b: CustomActivation) -> Bool { a.series === b.series }
  public func hash(into hasher: inout Hasher) { hasher.combine(ObjectIdentifier(series)) }
}
