/// How far corrections to the leading order go.
public enum ExpansionOrder: String, Sendable, Codable, CaseIterable {
  /// The renormalized Gaussian process of a fit.
  case leading
  /// The mixture over the order parameter at order 1/N: complete for linear activations; for others only half
  /// of the order, which can be worse than none. Deep linear networks are averaged exactly.
  case mixture
  /// Mixture and fourth cumulants of a hidden unit: everything at order 1/N.
  case next
  /// No expansion: one hidden unit of any readout, treated explicitly, beside a Gaussian bulk (`Condensed`).
  case condensed
}
