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
  /// Explicit units of the theory of condensed neurons; nil for another order.
  public let neurons: Int?
  /// Random starts of their search; nil for another order.
  public let starts: Int?
  /// Draws for the bulk's cumulant beside them; nil for none.
  public let bulkDraws: Int?

  init(
    order: ExpansionOrder, draws: Int, meanDraws: Int, blockSize: Int, seed: UInt32, neurons: Int? = nil,
    starts: Int? = nil, bulkDraws: Int? = nil
  ) {
    self.neurons = neurons
    self.starts = starts
    self.bulkDraws = bulkDraws
    self.order = order
    self.draws = draws
    self.meanDraws = meanDraws
    self.blockSize = blockSize
    self.seed = seed
  }

  /// Refuses settings that a network cannot have.
  package func check(_ network: Network, outputs: Int) throws(RenormError) {
    if order == .condensed {
      let options = condensedOptions()
      try options.validate()
      return try network.checkCondensed(outputs: outputs, options)
    }
    try network.checkNextOrder(outputs: outputs, order: order)
    try options().validate()
  }

  /// Options that repeat the theory of condensed neurons.
  public func condensedOptions(threads: Int? = nil, memoryLimit: Int? = nil) -> CondensedOptions {
    var options = CondensedOptions(
      neurons: neurons ?? 1, draws: draws == 0 ? nil : draws, bulkDraws: bulkDraws, seed: seed,
      threads: threads,
      memoryLimit: memoryLimit)
    if let starts { options.starts = starts }
    return options
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
    NextOrderSettings(
      order: .condensed, draws: options.draws ?? 0, meanDraws: 0, blockSize: 0, seed: options.seed,
      neurons: options.neurons, starts: options.starts, bulkDraws: options.bulkDraws)
  }
}

extension NextOrder {
  /// What repeats the draws at other points.
  public var settings: NextOrderSettings {
    NextOrderSettings(
      order: order, draws: draws, meanDraws: max(meanDraws - draws, 0), blockSize: blockSize, seed: seed)
  }
}
