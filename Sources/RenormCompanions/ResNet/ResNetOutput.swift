internal import Foundation
internal import GSLNumerics
public import Renorm

/// The law of the output norm of a ResNet on one input x,
///
///     log |zout|^2 = log(|x|^2/nin) + log S + G + log(chi2_n/n) + log chi2_nout,
///
/// with independent terms. Given G and chi2_n the output is an isotropic Gaussian vector, so outputs share G.
/// The term log(chi2_n/n) is taken to be Gaussian too, with its exact mean and variance.
public struct ResNetOutput: Equatable, Sendable {
  /// The law of the hidden layers; nil for the network of infinite width, a Gaussian process.
  public let law: ResNetLaw?
  /// log(|x|^2/nin) + log S.
  public let logScale: Double
  /// Number of outputs.
  public let outputs: Int

  /// The output of a network on an input of `inputs` numbers and norm |x|, by default sqrt(nin).
  ///
  /// - Parameter isInfinite: whether the infinitely wide network is meant, with mu = V = 0.
  /// - Throws: `RenormError.invalidParameter` for sizes below 1 and a norm that is not positive.
  public init(
    _ law: ResNetLaw, inputs: Int = 1, outputs: Int = 1, inputNorm: Double? = nil, isInfinite: Bool = false
  ) throws(RenormError) {
    for (name, value) in [("nin", inputs), ("nout", outputs)] where value < 1 {
      throw .invalidParameter(name: name, value: "\(value)", accepted: "a number of at least 1")
    }
    let norm = inputNorm ?? Double(inputs).squareRoot()
    guard norm > 0, norm.isFinite else {
      throw .invalidParameter(name: "x-norm", value: "\(norm)", accepted: "a positive number")
    }
    self.law = isInfinite ? nil : law
    self.outputs = outputs
    logScale = 2 * log(norm) - log(Double(inputs)) + law.logScale
  }

  /// Mean and variance of log chi2_k: psi(k/2) + log 2 and psi'(k/2).
  static func logChiSquared(_ degrees: Int) -> (mean: Double, variance: Double) {
    let half = Double(degrees) / 2
    return (SpecialFunctions.digamma(half) + log(2), SpecialFunctions.trigamma(half))
  }

  /// Mean and variance of the Gaussian part, G + log(chi2_n/n).
  var gaussian: (mean: Double, variance: Double) {
    guard let law else { return (0, 0) }
    let width = law.shape.width
    let first = Self.logChiSquared(width)
    return (law.mean + first.mean - log(Double(width)), law.variance + first.variance)
  }

  /// The mean of log |zout|^2.
  public var mean: Double { logScale + gaussian.mean + Self.logChiSquared(outputs).mean }
  /// The variance of log |zout|^2.
  public var variance: Double { gaussian.variance + Self.logChiSquared(outputs).variance }

  /// P(log |zout|^2 <= t).
  public func cumulative(_ t: Double) -> Double {
    averaged { SpecialFunctions.chiSquaredCumulative(exp(t - $0), Double(outputs)) }
  }

  /// The density of log |zout|^2 at t.
  public func density(_ t: Double) -> Double {
    let half = Double(outputs) / 2
    let normalisation = half * log(2) + SpecialFunctions.logGamma(half)
    return averaged { exp(half * (t - $0) - exp(t - $0) / 2 - normalisation) }
  }

  /// The average of f(logScale + g) over the Gaussian part g, by the trapezoid rule, which converges
  /// geometrically; the step resolves the narrower of both laws.
  private func averaged(_ f: (Double) -> Double) -> Double {
    let (mean, variance) = gaussian
    guard variance > 0 else { return f(logScale + mean) }
    let deviation = variance.squareRoot()
    let step = min(0.25, 0.25 * Self.logChiSquared(outputs).variance.squareRoot() / deviation)
    let count = Int((8.5 / step).rounded(.up))
    let sum = (-count...count).reduce(0.0) { sum, k in
      let u = Double(k) * step
      return sum + exp(-u * u / 2) * f(logScale + mean + deviation * u)
    }
    return sum * step / (2 * Double.pi).squareRoot()
  }

  /// The distribution function between `lower` and `upper` as a table of `count` values with linear
  /// interpolation, for many arguments.
  func tabulatedCumulative(from lower: Double, to upper: Double, count: Int = 2000) -> (Double) -> Double {
    let step = max((upper - lower) / Double(count - 1), .leastNormalMagnitude)
    let values = (0..<count).map { cumulative(lower + Double($0) * step) }
    return { t in
      let position = min(max((t - lower) / step, 0), Double(count - 1))
      let index = min(Int(position), count - 2)
      return values[index] + (position - Double(index)) * (values[index + 1] - values[index])
    }
  }
}
