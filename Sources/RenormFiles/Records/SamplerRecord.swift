/// How the sampler fared: the key `sampler` of the reports of samples and comparisons.
public struct SamplerRecord: Codable, Equatable, Sendable {
  /// One chain.
  public struct Chain: Codable, Equatable, Sendable {
    /// Mean acceptance after warmup; null where no transition was made.
    @Nullable public var acceptance: Double?
    /// Transitions after warmup that changed the position; 0 for a chain that never moved.
    public let accepted: Int
    /// Transitions after warmup that diverged.
    public let divergences: Int
    /// Trajectories after warmup that were cut at the largest number of steps.
    public let truncated: Int
    /// Step size after warmup.
    public let stepSize: Double
    /// Mean time of a trajectory after warmup; for Langevin dynamics the time between draws.
    public let trajectoryLength: Double
    /// Gradients after warmup.
    public let gradients: Int
    /// Gradients of warmup.
    public let warmupGradients: Int

    package init(
      acceptance: Double, accepted: Int, divergences: Int, truncated: Int, stepSize: Double,
      trajectoryLength: Double, gradients: Int, warmupGradients: Int
    ) {
      _acceptance = Nullable(acceptance.finite)
      self.accepted = accepted
      self.divergences = divergences
      self.truncated = truncated
      self.stepSize = stepSize
      self.trajectoryLength = trajectoryLength
      self.gradients = gradients
      self.warmupGradients = warmupGradients
    }
  }

  /// `collapsed`, `full` or `langevin`.
  public let name: String
  /// Number of independent chains.
  public let chains: Int
  /// Kept draws of every chain.
  public let samples: Int
  /// Draws before them.
  public let warmup: Int
  /// Seed of all random numbers.
  public let seed: UInt32
  /// Average over the chains; null where one of them has none.
  @Nullable public var acceptance: Double?
  /// Average over the chains.
  public let stepSize: Double
  /// Average over the chains.
  public let trajectoryLength: Double
  /// Sum over the chains.
  public let divergences: Int
  /// Sum over the chains.
  public let gradients: Int
  /// Sum over the chains.
  public let warmupGradients: Int
  /// Every chain.
  public let perChain: [Chain]

  package init(name: String, samples: Int, warmup: Int, seed: UInt32, perChain: [Chain]) {
    func mean(_ value: (Chain) -> Double) -> Double {
      perChain.reduce(0) { $0 + value($1) } / Double(perChain.count)
    }
    self.name = name
    chains = perChain.count
    self.samples = samples
    self.warmup = warmup
    self.seed = seed
    _acceptance = Nullable(mean { $0.acceptance ?? .nan }.finite)
    stepSize = mean(\.stepSize)
    trajectoryLength = mean(\.trajectoryLength)
    divergences = perChain.reduce(0) { $0 + $1.divergences }
    gradients = perChain.reduce(0) { $0 + $1.gradients }
    warmupGradients = perChain.reduce(0) { $0 + $1.warmupGradients }
    self.perChain = perChain
  }
}
