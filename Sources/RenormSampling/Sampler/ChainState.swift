internal import GSLNumerics

/// All that a chain needs to continue exactly where it stands.
struct ChainState: Equatable, Sendable {
  var position: [Double]
  var random: RandomGenerator.Snapshot
  var tuning: Tuning
  var jumps: JumpStatistics
  /// Recorded numbers of all kept draws, draw after draw.
  var draws: [Double] = []

  /// The single numbers of a chain's state.
  struct Tuning: Equatable, Sendable, Codable {
    /// Draws made so far, those of warmup included.
    var iteration = 0
    /// How often a trajectory length was chosen from what all chains had seen together (`pool`).
    var poolings = 0
    var stepSize: Double
    var trajectoryLength: Double
    var averaging: DualAveraging
    var warmup = ChainCounts()
    var sampling = ChainCounts()
  }
}

extension ChainState.Tuning {
  /// Before the first draw.
  init(_ method: SamplingMethod) {
    switch method {
    case .hamiltonian(let options):
      stepSize = options.stepSize ?? 0.1
      trajectoryLength = options.trajectoryLength ?? .pi / 2
    case .langevin(let options):
      stepSize = options.stepSize
      trajectoryLength = options.stepSize * Double(options.thinning)
    }
    averaging = DualAveraging(stepSize: stepSize)
  }
}

extension ChainState.Tuning {
  /// Whether the numbers can be those of a run: a file may say anything.
  func isValid(_ options: SamplingOptions) -> Bool {
    let range = 1e-30...1e30
    return warmup.isValid && sampling.isValid && averaging.isValid && iteration >= 0
      && warmup.transitions == min(iteration, options.warmup)
      && sampling.transitions == max(0, iteration - options.warmup)
      && (0...WarmupSchedule.mostPoolings).contains(poolings)
      && range.contains(stepSize) && range.contains(trajectoryLength)
  }
}

extension [ChainState] {
  /// Chooses the trajectory length from what all chains have seen up to the end of a window of warmup.
  mutating func pool(_ method: SamplingMethod) {
    guard case .hamiltonian(let options) = method, let first else { return }
    let jumps = dropFirst().reduce(into: first.jumps) { $0.merge($1.jumps) }
    let best = options.trajectoryLength == nil ? jumps.bestLength() : nil
    for k in indices {
      self[k].tuning.poolings += 1
      if let best { self[k].tuning.trajectoryLength = best }
    }
  }
}

/// Sums over the transitions of a chain.
public struct ChainCounts: Equatable, Sendable, Codable {
  /// Number of transitions.
  public var transitions = 0
  /// Evaluations of the gradient.
  public var gradients = 0
  /// Transitions whose energy error exceeded 1000, or whose end could not be evaluated.
  public var divergences = 0
  /// Transitions that changed the position.
  public var accepted = 0
  /// Trajectories that were cut at the largest number of steps.
  public var truncated = 0
  /// Sum of the probabilities of acceptance.
  public var acceptance = 0.0

  /// Mean probability of acceptance; NaN without transitions.
  public var meanAcceptance: Double { acceptance / Double(transitions) }

  /// Counts that leave room for more; each transition has at least one evaluation.
  var isValid: Bool {
    let limit = 1 << 53
    return (0...limit).contains(transitions) && (0...limit).contains(gradients)
      && [divergences, accepted, truncated].allSatisfy { (0...transitions).contains($0) }
      && acceptance >= 0 && acceptance <= Double(transitions) * (1 + 1e-9)
  }

  mutating func add(_ outcome: TransitionOutcome) {
    transitions += 1
    gradients += outcome.gradients
    divergences += outcome.isDivergent ? 1 : 0
    accepted += outcome.isAccepted ? 1 : 0
    truncated += outcome.isTruncated ? 1 : 0
    acceptance += outcome.acceptance
  }
}
