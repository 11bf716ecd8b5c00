internal import Foundation
internal import GSLNumerics
internal import LinearAlgebra
package import Renorm
package import RenormSampling

/// Measures how a correlation function of drawn networks scales with the width.
package struct WidthMeasurement: Sendable {
  /// What is measured.
  package enum Quantity: String, CaseIterable, Sendable {
    /// The mean of the neural tangent kernel.
    case ntk
    /// The variance of the neural tangent kernel.
    case ntkVariance = "ntk-var"
    /// The connected function of four outputs on one input, 3 Var K with K the squared norm of the features:
    /// the readout is integrated out exactly.
    case conn4
    /// E O3 f, with O3 the derivative of the kernel along the gradient of f.
    case o3f
    /// E O3^2.
    case o3o3
    /// E O4, with O4 the derivative of O3 along the gradient of f.
    case o4
    /// E |H|^2 of the Hessian, by one vector of random signs for each network (Hutchinson).
    case hess

    /// The pattern that it belongs to.
    package var pattern: String {
      switch self {
      case .ntk: "f_a(1) f_a(2)"
      case .ntkVariance: "[f_a(1) f_a(2)][f_b(3) f_b(4)]"
      case .conn4: "[f(1)][f(2)][f(3)][f(4)]"
      case .o3f: "f_ab(1) f_a(2) f_b(3) f(4)"
      case .o3o3: "f_ab(1) f_a(2) f_b(3) f_cd(4) f_c(5) f_d(6)"
      case .o4: "f_abc(1) f_a(2) f_b(3) f_c(4)"
      case .hess: "f_ab(1) f_ab(2)"
      }
    }
  }

  /// What the slope says about the prediction, which is an upper bound.
  package enum Verdict: String, Sendable, Codable {
    case agrees
    case belowTheBound = "below the bound"
    case aboveTheBound = "above the bound"
    case notResolved = "not resolved"
  }

  package let quantity: Quantity
  package let widths: [Int]
  /// An estimate for every width.
  package let estimates: [Estimate]
  /// The fit, or why there is none.
  package let fit: Result<LogLogFit, LogLogFit.Refused>
  /// The predicted exponent.
  package let predicted: Int

  /// What small widths may add to a slope: 3 standard errors and 0.15.
  package static let tolerance = 0.15

  /// What the slope says.
  package var verdict: Verdict {
    guard case .success(let fit) = fit else { return .notResolved }
    let difference = fit.slope.mean - Double(predicted)
    let allowed = 3 * fit.slope.standardError + Self.tolerance
    return difference > allowed ? .aboveTheBound : difference < -allowed ? .belowTheBound : .agrees
  }

  /// Draws `nets` networks of every width.
  ///
  /// - Throws: `RenormError.invalidParameter` for widths or numbers of networks out of range, `.unsupported`
  ///   for O4 of ReLU networks.
  package init(
    _ quantity: Quantity, _ architecture: ConvNet1D.Architecture, _ nonlinearity: ConvNet1D.Nonlinearity,
    widths: [Int], nets: Int, seed: UInt32, threads: Int? = nil
  ) throws(RenormError) {
    guard !widths.isEmpty, let bad = widths.first(where: { !(1...4096).contains($0) }) ?? widths.first,
      (1...4096).contains(bad)
    else {
      throw .invalidParameter(
        name: "widths", value: widths.map(String.init).joined(separator: ","),
        accepted: "a list of numbers from 1 to 4096")
    }
    guard (10...10_000_000).contains(nets) else {
      throw .invalidParameter(name: "nets", value: "\(nets)", accepted: "a number from 10 to 10000000")
    }
    guard quantity != .o4 || nonlinearity == .tanh else {
      throw .unsupported(
        what: "o4 with relu",
        instead: "take tanh: second derivatives of relu vanish almost everywhere, so that "
          + "differentiation does not give third derivatives of the network")
    }
    self.quantity = quantity
    self.widths = widths
    estimates = widths.enumerated().map { index, width in
      let net = ConvNet1D(architecture, nonlinearity, width: width)
      // Widths have streams of their own.
      let values = SeededDraws.map(nets, seed: seed &+ UInt32(index) &* 7919, threads: threads, block: 8) {
        Self.value(quantity, net, $0)
      }
      let moments = SampleMoments(values)
      switch quantity {
      case .ntkVariance: return moments.variance
      case .conn4:
        return Estimate(mean: 3 * moments.variance.mean, standardError: 3 * moments.variance.standardError)
      default: return moments.mean
      }
    }
    fit = LogLogFit.fit(widths, estimates)
    predicted = try Pattern(quantity.pattern).exponent().exponent ?? 0
  }

  /// Four inputs with a mean of 1/2, the same for all seeds: with centred inputs some correlation functions of
  /// odd networks are too small to measure.
  static let inputs: [Matrix] = {
    let random = RandomGenerator(seed: 4357)
    return (0..<4).map { _ in
      Matrix(rows: ConvNet1D.inputChannels, columns: ConvNet1D.signalLength) { _, _ in 0.5 + random.gaussian() }
    }
  }()

  /// The quantity of one network; variances are taken over networks.
  private static func value(_ quantity: Quantity, _ net: ConvNet1D, _ random: RandomGenerator) -> Double {
    let parameters = net.parameters { random.gaussian() }
    switch quantity {
    case .ntk, .ntkVariance:
      return ConvNet1D.Parameters.dot(
        net.gradient(parameters, inputs[0]), net.gradient(parameters, inputs[1]))[0]
    case .conn4:
      let features = net.forward(parameters, inputs[0]).features
      return JetMatrix.innerProduct(features, features)[0]
    case .o3f: return third(net, parameters) * net.forward(parameters, inputs[3]).output[0]
    case .o3o3:
      let value = third(net, parameters)
      return value * value
    case .o4: return fourth(net, parameters)
    case .hess:
      let signs = net.parameters { random.bits() & 1 == 0 ? 1 : -1 }
      let derivative = net.gradient(parameters.moved(along: signs, bit: 0), inputs[0])
      return derivative.tensors.reduce(0) { $0 + ($1[1].map { $0.innerProduct($0) } ?? 0) }
    }
  }

  /// O3(1, 2; 3) = <grad Theta(1, 2), grad f(3)>.
  static func third(_ net: ConvNet1D, _ parameters: ConvNet1D.Parameters) -> Double {
    let moved = parameters.moved(along: net.gradient(parameters, inputs[2]), bit: 0)
    return element(1, ConvNet1D.Parameters.dot(net.gradient(moved, inputs[0]), net.gradient(moved, inputs[1])))
  }

  /// O4(1, 2; 3; 4) = <grad O3(1, 2; 3), grad f(4)>: the direction of the first derivative moves too.
  static func fourth(_ net: ConvNet1D, _ parameters: ConvNet1D.Parameters) -> Double {
    let moved = parameters.moved(along: net.gradient(parameters, inputs[3]), bit: 0)
    let twice = moved.moved(along: net.gradient(moved, inputs[2]), bit: 1)
    return element(3, ConvNet1D.Parameters.dot(net.gradient(twice, inputs[0]), net.gradient(twice, inputs[1])))
  }

  private static func element(_ k: Int, _ values: [Double]) -> Double { k < values.count ? values[k] : 0 }
}
