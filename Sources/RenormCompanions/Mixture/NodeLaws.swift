public import Renorm

/// A law that can be chosen by name: how it is made, and what a table says about it.
public struct NodeLawFamily: Sendable {
  /// A number that a law depends on.
  public struct Parameter: Sendable {
    public let name: String
    public let standard: Double
    public let accepted: String
    let isAccepted: @Sendable (Double) -> Bool

    init(
      _ name: String, _ standard: Double, _ accepted: String, _ isAccepted: @escaping @Sendable (Double) -> Bool
    ) {
      self.name = name
      self.standard = standard
      self.accepted = accepted
      self.isAccepted = isAccepted
    }

    static func positive(_ name: String, _ standard: Double) -> Parameter {
      Parameter(name, standard, "a positive number up to 1e100") { $0 > 0 && $0 <= 1e100 }
    }

    static func fraction(_ name: String, _ standard: Double) -> Parameter {
      Parameter(name, standard, "a number between 0 and 1, both excluded") { $0 > 0 && $0 < 1 }
    }

    /// The tail index tau, above 1 for a finite mean.
    static func tail(_ standard: Double) -> Parameter {
      Parameter("tau", standard, "a number above 1, for a finite mean, up to 1e6") { $0 > 1 && $0 <= 1e6 }
    }
  }

  public let name: String
  /// The law of lambda_(p,j).
  package let law: String
  /// a, rho and psi as formulas.
  package let location: String
  package let density: String
  package let exponent: String
  public let parameters: [Parameter]
  let make: @Sendable ([String: Double]) -> any NodeLaw

  /// The law with the given parameters; the others have their standard values.
  ///
  /// - Throws: `RenormError.invalidParameter` for a parameter that the law does not have, or a value out of
  ///   range.
  public func callAsFunction(_ given: [String: Double] = [:]) throws(RenormError) -> any NodeLaw {
    let names = parameters.map(\.name)
    if let unknown = given.keys.sorted().first(where: { !names.contains($0) }) {
      throw .invalidParameter(
        name: unknown, value: "given",
        accepted: "for the law \(name) "
          + (names.isEmpty ? "no parameters" : names.joined(separator: ", ") + " only"))
    }
    var values: [String: Double] = [:]
    for parameter in parameters {
      let value = given[parameter.name] ?? parameter.standard
      guard parameter.isAccepted(value) else {
        throw .invalidParameter(name: parameter.name, value: "\(value)", accepted: parameter.accepted)
      }
      values[parameter.name] = value
    }
    return make(values)
  }
}

/// The laws that can be chosen by name.
public enum NodeLaws {
  public static let all: [NodeLawFamily] = [
    DeterministicNodes.family, ExponentialNodes.family, GroupLassoNodes.family, InverseGammaNodes.family,
    StableNodes.inverseGamma, BernoulliNodes.family, BetaNodes.family, StableNodes.horseshoe,
    RegularisedHorseshoeNodes.family, BetaParetoNodes.family, GeneralisedGammaNodes.family, GBFRYNodes.family,
    StableNodes.pareto,
  ]

  /// A law by its name.
  ///
  /// - Throws: `RenormError.invalidParameter` with all names, or for parameters.
  public static func named(
    _ name: String, _ parameters: [String: Double] = [:]
  ) throws(RenormError) -> any NodeLaw {
    guard let family = all.first(where: { $0.name == name }) else {
      throw .invalidParameter(
        name: "law", value: "'\(name)'", accepted: all.map(\.name).joined(separator: ", "))
    }
    return try family(parameters)
  }
}
