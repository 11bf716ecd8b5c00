internal import GSLNumerics

/// All that a chain needs to continue exactly where it stands.
struct ChainState: Equatable, Sendable {
  var position: [Double]
  var random: RandomGenerator.Snapshot
  var tuning: Tuning
  /// Scales of the coordinates; empty for ones.
  var scales: [Double] = []
  var jumps: JumpStatistics
  /// Moments of the coordinates in warmup; of size 0 where no scales are estimated.
  var moments: RunningMoments
  /// Recorded numbers of all kept draws, draw after draw.
  var draws: [Double] = []

  /// The single numbers of a chain's state.
  struct Tuning: Equatable, Sendable, Codable {
    /// Draws made so far, those of warmup included.
    var iteration = 0
    /// How often the chains have been pooled.
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
      && (0...WarmupSchedule(options).poolings.count).contains(poolings)
      && range.contains(stepSize) && range.contains(trajectoryLength)
  }
}

extension SamplingMethod {
  var adaptsScales: Bool {
    if case .hamiltonian(let options) = self { options.adaptsScales } else { false }
  }
}

extension [ChainState] {
  /// Chooses trajectory length and scales from what all chains have seen up to the end of a window of warmup.
  mutating func pool(_ options: SamplingOptions) {
    guard case .hamiltonian(let method) = options.method, let first else { return }
    var jumps = first.jumps
    var moments = first.moments
    for state in dropFirst() {
      jumps.merge(state.jumps)
      moments.merge(state.moments)
    }
    let best = method.trajectoryLength == nil ? jumps.bestLength() : nil
    // Scales change the meaning of lengths, so that each window that estimates them is followed by one that
    // looks for lengths again; the last of the four is of the latter kind.
    let estimatesScales = method.adaptsScales && first.tuning.poolings % 2 == 0
    for k in indices {
      self[k].tuning.poolings += 1
      if let best { self[k].tuning.trajectoryLength = best }
      guard estimatesScales else { continue }
      self[k].scales = ScaleAdaptation.scales(moments)
      self[k].moments = RunningMoments(size: moments.means.count)
      self[k].jumps = JumpStatistics(size: jumps.moments.means.count)
      self[k].tuning.averaging = DualAveraging(stepSize: self[k].tuning.stepSize)
      if method.trajectoryLength == nil { self[k].tuning.trajectoryLength = .pi / 2 }
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
