internal import Foundation
internal import GSLNumerics

/// A chain at work: its state with the memory that transitions use.
struct Chain<Density: LogDensity> {
  private(set) var state: ChainState
  private let density: Density
  private let method: SamplingMethod
  private let warmup: Int
  private let schedule: WarmupSchedule
  private let random: RandomGenerator
  private var workspace: Density.Workspace
  private var point: PhasePoint
  /// What is recorded at the present position; nil until it is needed.
  private var observation: [Double]?
  /// Whether the last evaluation was at the present position.
  private var isEvaluatedHere = true

  /// A chain that continues from a state.
  init(_ state: ChainState, _ density: Density, _ method: SamplingMethod, warmup: Int) {
    self.state = state
    self.density = density
    self.method = method
    self.warmup = warmup
    schedule = WarmupSchedule(method, length: warmup)
    random = RandomGenerator(state.random)
    workspace = density.makeWorkspace()
    let zeros = [Double](repeating: 0, count: density.dimension)
    point = PhasePoint(position: state.position, momentum: zeros, gradient: zeros, value: 0)
    evaluate()
  }

  /// The state of chain `index` before its first draw: a position from the prior. Nil where the density
  /// vanishes at each of a hundred such positions.
  static func start(_ index: Int, _ density: Density, _ method: SamplingMethod, seed: UInt32) -> ChainState? {
    let random = RandomGenerator(seed: seed, stream: index)
    var workspace = density.makeWorkspace()
    var gradient = [Double](repeating: 0, count: density.dimension)
    for _ in 0..<100 {
      let normal = (0..<density.dimension + density.stateCount).map { _ in random.gaussian() }
      let position = density.initialPosition(normal)
      let value = density.evaluate(position, gradient: &gradient, &workspace)
      guard value.isFinite, gradient.allSatisfy(\.isFinite) else { continue }
      return ChainState(
        position: position, random: random.snapshot, tuning: ChainState.Tuning(method),
        jumps: JumpStatistics(size: max(1, monitoredQuantities(density).count)))
    }
    return nil
  }

  private mutating func evaluate() {
    point.value = density.evaluate(point.position, gradient: &point.gradient, &workspace)
    isEvaluatedHere = true
  }

  /// The state, with all that has changed since the chain began.
  mutating func suspend() -> ChainState {
    state.position = point.position
    state.random = random.snapshot
    return state
  }

  /// Makes one draw; after warmup it is kept.
  mutating func advance() {
    let isWarmup = state.tuning.iteration < warmup
    // Jumps are those of the whole draw: a trajectory does not move the state, and alone would make numbers of
    // the state seem stuck at every length.
    let before = triesLengths ? monitored() : nil
    if density.stateCount > 0 { move() }
    let outcome: TransitionOutcome
    switch method {
    case .hamiltonian(let method): outcome = hamiltonian(method, from: before, isWarmup: isWarmup)
    case .langevin(let method):
      outcome = LangevinTransition(options: method)(&point, density, &workspace, random)
      take(outcome)
    }
    state.tuning.iteration += 1
    if isWarmup {
      state.tuning.warmup.add(outcome)
    } else {
      state.tuning.sampling.add(outcome)
      state.draws += observe()
    }
  }

  /// Draws the state of the position anew.
  private mutating func move() {
    let before = point
    if density.move(&point.position, &workspace, random) { observation = nil }
    evaluate()
    guard !point.value.isFinite else { return }
    // Where rounding has made a state that cannot be evaluated, the old one stays.
    point = before
    isEvaluatedHere = false
  }

  /// Whether the next draw tries a length.
  private var triesLengths: Bool {
    guard case .hamiltonian(let method) = method, method.trajectoryLength == nil else { return false }
    return state.tuning.iteration < warmup && schedule.isExploring(state.tuning.iteration)
  }

  /// - Parameter before: the monitored numbers before the draw where it tries a length.
  private mutating func hamiltonian(
    _ method: HamiltonianOptions, from before: [Double]?, isWarmup: Bool
  ) -> TransitionOutcome {
    let transition = HamiltonianTransition(maximumSteps: method.maximumSteps)
    if state.tuning.iteration == 0, isWarmup, method.stepSize == nil {
      let step = transition.reasonableStepSize(at: point, density, &workspace, random)
      state.tuning.stepSize = step / density.stepFactor(point.position)
      state.tuning.averaging = DualAveraging(stepSize: state.tuning.stepSize)
      isEvaluatedHere = false
    }
    let length = state.tuning.trajectoryLength
    let time =
      before != nil
      // Log-uniform in (L/4, 4 L): see `JumpStatistics`.
      ? length * pow(16, random.uniform()) / 4
      : length * (1 + JumpStatistics.spread * (2 * random.uniform() - 1))
    let outcome = transition(
      &point, time: time, stepSize: state.tuning.stepSize * density.stepFactor(point.position), density,
      &workspace, random)
    take(outcome)
    if let before {
      state.jumps.add(from: before, to: monitored(), time: outcome.time, steps: outcome.gradients)
    }
    if isWarmup, method.stepSize == nil { adaptStepSize(method, outcome) }
    return outcome
  }

  private mutating func adaptStepSize(_ method: HamiltonianOptions, _ outcome: TransitionOutcome) {
    state.tuning.averaging.update(
      acceptance: outcome.acceptance, target: method.targetAcceptance, largest: RotationIntegrator.largestStep)
    let isLast = state.tuning.iteration + 1 == warmup
    state.tuning.stepSize = isLast ? state.tuning.averaging.average : state.tuning.averaging.stepSize
  }

  /// Takes note of where the last evaluation was.
  private mutating func take(_ outcome: TransitionOutcome) {
    if outcome.isAccepted { observation = nil }
    isEvaluatedHere = outcome.isEvaluatedHere
  }

  private mutating func observe() -> [Double] {
    if let observation { return observation }
    if !isEvaluatedHere { evaluate() }
    let values = density.observe(point.position, &workspace)
    observation = values
    return values
  }

  /// The numbers that trajectory lengths are judged by: some of those recorded, or the log density.
  private mutating func monitored() -> [Double] {
    let monitors = monitoredQuantities(density)
    guard !monitors.isEmpty else { return [point.value] }
    let values = observe()
    return monitors.map { values[$0] }
  }
}

/// The recorded numbers that trajectory lengths are judged by: at most 64 of those that may be, evenly spaced,
/// so that their statistics cost little beside a gradient.
func monitoredQuantities(_ density: some LogDensity) -> [Int] {
  let judged = density.judgedQuantities
  return stride(from: 0, to: judged.count, by: max(1, (judged.count + 63) / 64)).map { judged[$0] }
}
