/// The number of hidden units of an FC network, or of channels of an LCN or CNN.
public enum Width: Hashable, Sendable {
  /// N hidden units or channels.
  case finite(Int)
  /// N -> infinity at fixed P: the order parameter is the identity and nothing is renormalized. The network is
  /// a Gaussian process with the kernel 1/(lambda1 n) sum_ij S_ij K_ij (R. M. Neal, Bayesian Learning for
  /// Neural Networks, 1996; C. K. I. Williams, Neural Computation 10 (1998)).
  case infinite

  /// N; nil at infinite width.
  public var units: Int? {
    if case .finite(let units) = self { units } else { nil }
  }

  /// The load alpha = P/N of a training set of P examples; 0 at infinite width. The proportional regime is P, N
  /// -> infinity at fixed alpha.
  public func load(examples: Int) -> Double { units.map { Double(examples) / Double($0) } ?? 0 }
}

extension Width: Comparable {
  public static func < (a: Width, b: Width) -> Bool {
    switch (a, b) {
    case (.finite(let a), .finite(let b)): a < b
    case (.finite, .infinite): true
    case (.infinite, _): false
    }
  }
}

extension Width: CustomStringConvertible {
  /// Reads `60` or `infinite`, also `inf` and `infinity`; nil for other text. Whether N is positive is not
  /// checked.
  public init?(text: String) {
    if ["infinite", "inf", "infinity"].contains(text.lowercased()) {
      self = .infinite
    } else if let units = Int(text) {
      self = .finite(units)
    } else {
      return nil
    }
  }

  public var description: String { units.map(String.init) ?? "infinite" }
}
