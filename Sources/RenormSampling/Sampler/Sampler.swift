internal import Foundation
internal import LinearAlgebra
public import Renorm
internal import Synchronization

/// Runs several chains over a log density.
///
/// Every chain has its own stream of random numbers and runs on one core, so the draws depend on seed and
/// options but not on the number of threads, nor on interruptions.
public struct Sampler<Density: LogDensity>: Sendable {
  /// What is sampled.
  public let density: Density
  /// How a draw is made of the one before.
  public let method: SamplingMethod
  /// How many draws are taken.
  public let options: SamplingOptions

  /// - Throws: `RenormError.invalidParameter` for an option out of its range.
  public init(
    _ density: Density, method: SamplingMethod = .hamiltonian(HamiltonianOptions()),
    options: SamplingOptions = SamplingOptions()
  ) throws(RenormError) {
    try options.validate()
    try method.validate()
    self.density = density
    self.method = method
    self.options = options
  }

  private var total: Int { options.warmup + options.samples }

  /// Draws until the number asked for is reached or `stop` is raised.
  ///
  /// With a checkpoint the state is written there every so many seconds and at the end, and a run whose file
  /// exists continues from it: the draws are those of a run without interruption, bit by bit. A finished run
  /// can be continued with more samples.
  ///
  /// - Parameter progress: called from one thread at a time, after every draw.
  /// - Throws: `SamplingError`, and `DataError` where a checkpoint cannot be read or written.
  public func run(
    checkpoint: CheckpointFile? = nil, stop: StopFlag = StopFlag(),
    progress: (SamplingProgress) -> Void = { _ in }
  ) throws -> Draws {
    let found = try checkpoint?.read(density, method, options)
    var states = try found ?? start()
    // Who stops before the first draw finds a checkpoint too.
    if found == nil { try checkpoint?.write(states, density, method, options) }
    let schedule = WarmupSchedule(method, length: options.warmup)
    let tracker = ProgressTracker(states, total: total)
    while !stop.isRaised, let end = nextEnd(states, schedule) {
      let before = states
      states = advance(states, to: end, for: checkpoint?.interval, stop, tracker, progress)
      if states.allSatisfy({ $0.tuning.iteration >= end }), schedule.poolings.contains(end) {
        states.pool(method)
      }
      if let checkpoint, states != before { try checkpoint.write(states, density, method, options) }
    }
    return draws(states)
  }

  /// First positions, one stream of random numbers for each.
  private func start() throws(SamplingError) -> [ChainState] {
    var states: [ChainState] = []
    for index in 0..<options.chains {
      guard let state = Chain<Density>.start(index, density, method, seed: options.seed) else { throw .noStart }
      states.append(state)
    }
    return states
  }

  /// Where the chains next wait for each other; nil where all are done.
  private func nextEnd(_ states: [ChainState], _ schedule: WarmupSchedule) -> Int? {
    guard states.contains(where: { $0.tuning.iteration < total }) else { return nil }
    let pooled = states.map(\.tuning.poolings).min() ?? 0
    return pooled < schedule.poolings.count ? min(schedule.poolings[pooled], total) : total
  }

  /// Advances all chains to an iteration, or for about so many seconds.
  private func advance(
    _ states: [ChainState], to end: Int, for seconds: Double?, _ stop: StopFlag, _ tracker: ProgressTracker,
    _ progress: (SamplingProgress) -> Void
  ) -> [ChainState] {
    let threads = options.threads ?? Parallel.availableCores
    let workers = Parallel.workers(states.count, threads: threads)
    let results = Mutex(states)
    let clock = ContinuousClock()
    Parallel.forEachWorker(states.count, threads: threads) { indices in
      // The chains of one worker run one after the other and share its time.
      let share = (states.count + workers - 1) / workers
      for index in indices where states[index].tuning.iteration < end {
        let deadline = seconds.map { clock.now + .seconds($0 / Double(share)) }
        var chain = Chain(states[index], density, method, warmup: options.warmup)
        repeat {
          chain.advance()
          tracker.add(progress)
        } while chain.state.tuning.iteration < end && !stop.isRaised && deadline.map { clock.now < $0 } ?? true
        let state = chain.suspend()
        results.withLock { $0[index] = state }
        if stop.isRaised { return }
      }
    }
    return results.withLock { $0 }
  }

  private func draws(_ states: [ChainState]) -> Draws {
    let limit = options.samples * density.quantities.count
    return Draws(
      quantities: density.quantities,
      chains: states.map { state in
        Draws.Chain(
          // A run with fewer samples than its checkpoint takes the first; else nothing is copied.
          values: state.draws.count > limit ? Array(state.draws.prefix(limit)) : state.draws,
          stepSize: state.tuning.stepSize,
          trajectoryLength: state.tuning.trajectoryLength, warmup: state.tuning.warmup,
          sampling: state.tuning.sampling)
      }, isComplete: states.allSatisfy { $0.tuning.iteration >= total })
  }
}

/// How far a run has come.
public struct SamplingProgress: Equatable, Sendable {
  /// Draws made by all chains, those of warmup included.
  public let done: Int
  /// Draws to make.
  public let total: Int
  /// Draws of this run, without those of an earlier one that it continues.
  public let doneNow: Int

  /// So many draws of a total.
  public init(done: Int, total: Int, doneNow: Int) {
    (self.done, self.total, self.doneNow) = (done, total, doneNow)
  }
}

/// Counts the draws of all chains.
private final class ProgressTracker: Sendable {
  private let total: Int
  private let start: Int
  private let done: Mutex<Int>

  init(_ states: [ChainState], total: Int) {
    self.total = total * states.count
    start = states.reduce(0) { $0 + min($1.tuning.iteration, total) }
    done = Mutex(start)
  }

  func add(_ report: (SamplingProgress) -> Void) {
    done.withLock {
      $0 += 1
      report(SamplingProgress(done: $0, total: total, doneNow: $0 - start))
    }
  }
}
