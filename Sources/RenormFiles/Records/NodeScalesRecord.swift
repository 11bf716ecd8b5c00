internal import RenormAction

/// The posterior law of the scale tau of a hidden unit (docs/theory.md, section 9): the key `nodeScales` of a
/// fit's report, which only networks with a node prior have.
public struct NodeScalesRecord: Codable, Equatable, Sendable {
  /// A quantile.
  public struct Quantile: Codable, Equatable, Sendable {
    /// The probability of a smaller tau.
    public let p: Double
    /// tau.
    public let value: Double
  }

  /// E tau; null where the law has no mean.
  @Nullable public var mean: Double?
  /// Quantiles at 0.05, 0.25, 0.5, 0.75 and 0.95.
  public let quantiles: [Quantile]
  /// The fraction of units with tau > 0; null for laws without a spike at 0.
  @Nullable public var openFraction: Double?

  init(_ law: ScaleLaw) {
    _mean = Nullable(law.mean.isFinite ? law.mean : nil)
    quantiles = [0.05, 0.25, 0.5, 0.75, 0.95].map { Quantile(p: $0, value: law.quantile($0)) }
    let closed = law.rule.filter { $0.tau == 0 }.reduce(0) { $0 + $1.weight }
    _openFraction = Nullable(closed > 0 ? 1 - closed : nil)
  }
}
