internal import Renorm

/// How many draws are taken, and what they may cost.
public struct SamplingOptions: Equatable, Sendable {
  /// Number of independent chains.
  public var chains: Int
  /// Kept draws of every chain.
  public var samples: Int
  /// Draws before them, which adapt the method and are left out.
  public var warmup: Int
  /// Seed of all random numbers; every chain has its own stream (`RandomGenerator.init(seed:stream:)`).
  public var seed: UInt32
  /// The number of cores; nil takes all. A chain runs on one, and the draws do not depend on it.
  public var threads: Int?
  /// Bytes that draws and chains of a network may take; nil takes what is available
  /// (`MemoryPlan.defaultLimit`).
  public var memoryLimit: Int?

  /// Options; the defaults suit the posterior of a network. Four chains of 1000 draws, as Stan's, leave room
  /// for the effective sample size of 400 that `Diagnostics` asks for.
  public init(
    chains: Int = 4, samples: Int = 1000, warmup: Int = 500, seed: UInt32 = 1, threads: Int? = nil,
    memoryLimit: Int? = nil
  ) {
    self.chains = chains
    self.samples = samples
    self.warmup = warmup
    self.seed = seed
    self.threads = threads
    self.memoryLimit = memoryLimit
  }
}

/// A way to make a draw of the one before.
public enum SamplingMethod: Equatable, Sendable {
  /// Hamiltonian Monte Carlo.
  case hamiltonian(HamiltonianOptions)
  /// Unadjusted discretised Langevin dynamics.
  case langevin(LangevinOptions)
}

/// Options of Hamiltonian Monte Carlo (`HamiltonianTransition`).
public struct HamiltonianOptions: Equatable, Sendable, Codable {
  /// The mean acceptance that warmup tunes the step size to, in (0, 1); 0.8 is Stan's default.
  public var targetAcceptance: Double
  /// The step size; nil lets warmup find it.
  public var stepSize: Double?
  /// Mean time L of a trajectory, in which a coordinate of unit variance turns by L radians; nil lets warmup
  /// find it.
  public var trajectoryLength: Double?
  /// The largest number of steps of a trajectory.
  public var maximumSteps: Int

  /// Options; by default warmup finds step size and length.
  public init(
    targetAcceptance: Double = 0.8, stepSize: Double? = nil, trajectoryLength: Double? = nil,
    maximumSteps: Int = 1000
  ) {
    self.targetAcceptance = targetAcceptance
    self.stepSize = stepSize
    self.trajectoryLength = trajectoryLength
    self.maximumSteps = maximumSteps
  }
}

/// Options of discretised Langevin dynamics (`LangevinTransition`).
public struct LangevinOptions: Equatable, Sendable, Codable {
  /// epsilon, the step of time.
  public var stepSize: Double
  /// Steps for every draw.
  public var thinning: Int

  /// Dynamics with every hundredth step kept, unless told otherwise.
  public init(stepSize: Double, thinning: Int = 100) {
    self.stepSize = stepSize
    self.thinning = thinning
  }
}

extension SamplingMethod {
  /// Whether draws follow a distribution that depends on the step size: Langevin dynamics.
  public var isBiased: Bool { if case .langevin = self { true } else { false } }
}

extension SamplingOptions {
  func validate() throws(RenormError) {
    try Self.check(chains, "chains", 1...1024)
    try Self.check(samples, "samples", 1...1_000_000_000)
    try Self.check(warmup, "warmup", 0...1_000_000_000)
    if let threads { try Self.check(threads, "threads", 1...1024) }
    if let memoryLimit { try Self.check(memoryLimit, "memory-limit", 1...Int.max) }
  }

  fileprivate static func check(_ value: Int, _ name: String, _ range: ClosedRange<Int>) throws(RenormError) {
    guard range.contains(value) else {
      throw .invalidParameter(
        name: name, value: "\(value)", accepted: "\(range.lowerBound) to \(range.upperBound)")
    }
  }
}

extension SamplingMethod {
  func validate() throws(RenormError) {
    switch self {
    case .hamiltonian(let options):
      let target = options.targetAcceptance
      guard target > 0, target < 1 else {
        throw .invalidParameter(name: "target-acceptance", value: "\(target)", accepted: "between 0 and 1")
      }
      try Self.check(options.stepSize, "step-size")
      try Self.check(options.trajectoryLength, "trajectory-length")
      try SamplingOptions.check(options.maximumSteps, "maximum-steps", 1...1_000_000)
    case .langevin(let options):
      try Self.check(options.stepSize, "step-size")
      try SamplingOptions.check(options.thinning, "thinning", 1...1_000_000_000)
    }
  }

  private static func check(_ value: Double?, _ name: String) throws(RenormError) {
    guard let value else { return }
    guard value > 0, value.isFinite else {
      throw .invalidParameter(name: name, value: "\(value)", accepted: "a positive number")
    }
  }
}
