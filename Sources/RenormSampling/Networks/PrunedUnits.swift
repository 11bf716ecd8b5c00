public import Renorm

/// The error of networks of which the units with the largest outgoing weights |v_a|^2 alone are kept.
public struct PrunedUnits: Equatable, Sendable {
  /// Fractions of units that are kept, from 0 to 1.
  public var kept: [Double]
  /// The targets at the test points, tests x D.
  public var targets: Matrix

  /// Errors at test points with these targets.
  public init(kept: [Double], targets: Matrix) {
    self.kept = kept
    self.targets = targets
  }

  func check(isConditional: Bool) throws(RenormError) {
    for value in kept where !(value >= 0 && value <= 1) {
      throw .invalidParameter(name: "kept", value: "\(value)", accepted: "fractions of units from 0 to 1")
    }
    guard !isConditional else {
      throw .unsupported(
        what: "dropping units with the sampler 'collapsed', which has no readout weights",
        instead: "take the sampler 'full'")
    }
  }
}
