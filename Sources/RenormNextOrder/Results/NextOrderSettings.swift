/// What has to be kept of a corrected fit so that the same draws correct predictions at other points.
public struct NextOrderSettings: Equatable, Sendable, Codable {
  /// How far in 1/N predictions go.
  public let order: ExpansionOrder
  /// Draws with everything; 0 where there are none.
  public let draws: Int
  /// Draws for the means alone.
  public let meanDraws: Int
  /// Draws of a block; 0 without draws.
  public let blockSize: Int
  /// Seed of the draws.
  public let seed: UInt32

  init(order: ExpansionOrder, draws: Int, meanDraws: Int, blockSize: Int, seed: UInt32) {
    self.order = order
    self.draws = draws
    self.meanDraws = meanDraws
    self.blockSize = blockSize
    self.seed = seed
  }

  /// Refuses settings that a network cannot have.
  package func check(_ network: Network, outputs: Int) throws(RenormError) {
    if order == .condensed {
      try network.checkCondensed(outputs: outputs)
      return try CondensedOptions(draws: draws == 0 ? nil : draws).validate()
    }
    try network.checkNextOrder(outputs: outputs, order: order)
    try options().validate()
  }

  /// Options that repeat the draws.
  public func options(threads: Int? = nil, memoryLimit: Int? = nil) -> NextOrderOptions {
    var options = NextOrderOptions(
      order: order, draws: draws == 0 ? nil : draws, meanDraws: meanDraws, seed: seed, threads: threads,
      memoryLimit: memoryLimit)
    options.blockSize = blockSize == 0 ? nil : blockSize
    return options
  }
}

extension Condensed {
  /// What repeats the calculation at other points.
  public var settings: NextOrderSettings {
    NextOrderSettings(order: .condensed, draws: summary.draws ?? 0, meanDraws: 0, blockSize: 0, seed: seed)
  }
}

extension NextOrder {
  /// What repeats the draws at other points.
  public var settings: NextOrderSettings {
    NextOrderSettings(
      order: order, draws: draws, meanDraws: max(meanDraws - draws, 0), blockSize: blockSize, seed: seed)
  }
}
