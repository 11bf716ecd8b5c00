/// What a sampler has recorded.
public struct Draws: Equatable, Sendable {
  /// Names of the numbers.
  public let quantities: [String]
  /// One for each chain.
  public let chains: [Chain]
  /// Whether all draws that were asked for are there.
  public let isComplete: Bool

  /// The draws of one chain and how it fared.
  public struct Chain: Equatable, Sendable {
    /// The recorded numbers of all draws, draw after draw.
    public let values: [Double]
    /// Step size after warmup.
    public let stepSize: Double
    /// Mean time of a trajectory after warmup; for Langevin dynamics the time between draws.
    public let trajectoryLength: Double
    /// Transitions of warmup.
    public let warmup: ChainCounts
    /// Transitions after warmup.
    public let sampling: ChainCounts
  }

  /// Draws of every chain; equally many where the run is complete.
  public var counts: [Int] { chains.map { $0.values.count / max(quantities.count, 1) } }

  /// One recorded number: the draws of every chain in order.
  public func values(_ quantity: Int) -> [[Double]] {
    chains.map { chain in
      stride(from: quantity, to: chain.values.count, by: quantities.count).map { chain.values[$0] }
    }
  }

  /// One recorded number by name; nil where there is none of that name.
  public func values(named name: String) -> [[Double]]? { quantities.firstIndex(of: name).map(values) }

  /// Transitions after warmup, of all chains.
  public var transitions: Int { chains.reduce(0) { $0 + $1.sampling.transitions } }

  /// Transitions after warmup that diverged, of all chains.
  public var divergences: Int { chains.reduce(0) { $0 + $1.sampling.divergences } }
}
