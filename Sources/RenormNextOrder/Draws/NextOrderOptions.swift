internal import LinearAlgebra
public import RenormKernels

/// How the next order in 1/N is computed.
public struct NextOrderOptions: Equatable, Sendable {
  /// `mixture` or `next`.
  public var order: ExpansionOrder
  /// Draws of a hidden unit for delta, its gradient and all corrections; nil draws until `targetError` is
  /// reached.
  public var draws: Int?
  /// Further draws for the means alone, by random probes of A^-1, where `draws` is given.
  public var meanDraws: Int
  /// The standard error of the corrected means over their change, root mean squares over points, at which draws
  /// end.
  public var targetError: Double
  /// The most draws where their number is not given.
  public var maximumDraws: Int
  /// Seed of all draws; networks with the same patch size and seed share them.
  public var seed: UInt32
  /// The number of cores; nil takes all. Draws give the same on any number.
  public var threads: Int?
  /// Bytes that kernels and features may take; nil takes 70 percent of what is available.
  public var memoryLimit: Int?
  /// Draws of a block, to repeat the draws of an earlier correction; nil takes what suits the sizes.
  package var blockSize: Int?

  /// Options; the defaults give the corrected means to a quarter of their change, or stop at 400 000 draws.
  public init(
    order: ExpansionOrder = .next, draws: Int? = nil, meanDraws: Int = 0, targetError: Double = 0.25,
    maximumDraws: Int = 400_000, seed: UInt32 = 1, threads: Int? = nil, memoryLimit: Int? = nil
  ) {
    self.order = order
    self.draws = draws
    self.meanDraws = meanDraws
    self.targetError = targetError
    self.maximumDraws = maximumDraws
    self.seed = seed
    self.threads = threads
    self.memoryLimit = memoryLimit
  }

  /// Options that decide the class of trust and little else, at a small cost: 8000 draws, or 2400 where delta
  /// and dm come from derivatives, which have less noise.
  public static func trust(for activation: any Activation) -> NextOrderOptions {
    NextOrderOptions(draws: CovarianceWorker.covers(activation) ? 2400 : 8000)
  }

  var cores: Int { threads ?? Parallel.availableCores }

  package func validate() throws(RenormError) {
    guard order == .mixture || order == .next else {
      throw .invalidParameter(
        name: "order", value: order.rawValue,
        accepted: "mixture or next; a fit is leading order, and Condensed is another calculation")
    }
    _ = try positive(targetError, "target error")
    if let draws, !(100...1_000_000_000).contains(draws) {
      throw .invalidParameter(name: "draws", value: "\(draws)", accepted: "100 to 1000000000")
    }
    guard (0...1_000_000_000).contains(meanDraws) else {
      throw .invalidParameter(name: "mean draws", value: "\(meanDraws)", accepted: "0 to 1000000000")
    }
    guard (100...1_000_000_000).contains(maximumDraws) else {
      throw .invalidParameter(name: "maximum draws", value: "\(maximumDraws)", accepted: "100 to 1000000000")
    }
    if let blockSize, !(1...1_000_000).contains(blockSize) {
      throw .invalidParameter(name: "block size", value: "\(blockSize)", accepted: "1 to 1000000")
    }
    if let threads, !(1...1024).contains(threads) {
      throw .invalidParameter(name: "threads", value: "\(threads)", accepted: "1 to 1024")
    }
    if let memoryLimit, memoryLimit < 1 {
      throw .invalidParameter(
        name: "memory-limit", value: "\(memoryLimit)", accepted: "a positive number of bytes")
    }
  }
}
