internal import Foundation
internal import GSLNumerics
public import LinearAlgebra
internal import Renorm
public import RenormSampling
internal import Synchronization

/// Mean and variance of the function at given points under the posterior, with the diagnostics of the chains.
public struct MixturePrediction: Sendable {
  /// points x D; the variance is that of the function, without noise.
  public let mean: [[Estimate]]
  public let variance: [[Estimate]]
  /// The largest R-hat and the smallest effective sample size over the log likelihood and all means; nil for
  /// fewer than four draws in a chain.
  public let rHat: Double?
  public let effectiveSampleSize: Double?
  /// Kept draws in all chains.
  public let draws: Int
  /// False where the run was stopped before its end.
  public let isComplete: Bool
}

/// How many chains, how long, and where their state is kept.
public struct MixtureSamplingOptions: Equatable, Sendable {
  public var chains: Int
  /// Sweeps before the first kept draw.
  public var burn: Int
  /// Kept draws of every chain, one a sweep.
  public var keep: Int
  public var seed: UInt32
  public var threads: Int?

  public init(chains: Int = 4, burn: Int = 200, keep: Int = 500, seed: UInt32 = 1, threads: Int? = nil) {
    (self.chains, self.burn, self.keep, self.seed, self.threads) = (chains, burn, keep, seed, threads)
  }

  func validate() throws(RenormError) {
    for (name, value, smallest) in [("chains", chains, 1), ("burn", burn, 0), ("keep", keep, 1)]
    where !(smallest...10_000_000).contains(value) {
      throw .invalidParameter(name: name, value: "\(value)", accepted: "a number from \(smallest) to 10000000")
    }
  }
}

extension MixturePosterior {
  /// Samples and predicts. The result depends on seed and options, not on threads or interruptions.
  ///
  /// - Parameters:
  ///   - points: din x points.
  ///   - checkpoint: the state is written there about every half minute and at the end; a run whose file exists
  ///     continues from it.
  ///   - progress: called with sweeps done and sweeps in all.
  /// - Throws: `RenormError`; `SamplingError` and `DataError` for a checkpoint.
  public func predict(
    _ points: Matrix, options: MixtureSamplingOptions = MixtureSamplingOptions(),
    checkpoint: MixtureCheckpoint? = nil, stop: StopFlag = StopFlag(),
    progress: (Int, Int) -> Void = { _, _ in }
  ) throws -> MixturePrediction {
    try options.validate()
    precondition(points.rows == inputs.rows, "points of \(points.rows) numbers for \(inputs.rows)")
    let size = options.chains * options.keep * points.columns * (targets.columns + 1)
    guard options.chains <= 1 << 20, size <= 1 << 28 else {
      throw RenormError.unsupported(
        what: "keeping \(options.chains) x \(options.keep) draws at \(points.columns) points",
        instead: "take fewer; they do not fit into memory")
    }
    let model: SliceModel
    do {
      model = try SliceModel(self, predicting: points)
    } catch {
      throw RenormError.numericalFailure(
        what: "factoring the kernel failed: \(error)", advice: "take a larger noise")
    }
    let found = try checkpoint?.read(model, options)
    var chains = found ?? (0..<options.chains).map { SliceChain(model, seed: options.seed, index: $0) }
    let total = options.burn + options.keep
    let threads = options.threads ?? Parallel.availableCores
    let clock = ContinuousClock()
    var written = clock.now
    while !stop.isRaised, chains.contains(where: { $0.sweep < total }) {
      let before = Mutex(chains)
      // A round is short, so that a signal is answered soon.
      Parallel.forEachWorker(chains.count, threads: threads) { indices in
        for index in indices {
          var chain = before.withLock { $0[index] }
          for _ in 0..<5 where chain.sweep < total && !stop.isRaised {
            chain.advance(model, keeps: chain.sweep >= options.burn)
          }
          before.withLock { $0[index] = chain }
        }
      }
      chains = before.withLock { $0 }
      progress(chains.reduce(0) { $0 + min($1.sweep, total) }, total * chains.count)
      if let checkpoint, clock.now - written > .seconds(30) {
        try checkpoint.write(chains, model, options)
        written = clock.now
      }
    }
    try checkpoint?.write(chains, model, options)
    return try summary(chains, model, options, isComplete: chains.allSatisfy { $0.sweep >= total })
  }

  private func summary(
    _ chains: [SliceChain], _ model: SliceModel, _ options: MixtureSamplingOptions, isComplete: Bool
  ) throws(RenormError) -> MixturePrediction {
    let (points, outputs) = (model.testDesign.rows, targets.columns)
    let stride = 1 + points * (outputs + 1)
    let counts = chains.map { min($0.records.count / stride, options.keep) }
    let draws = counts.reduce(0, +)
    guard draws > 0 || !isComplete else {
      throw .numericalFailure(
        what: "no kernel of the posterior could be factored", advice: "take a larger noise")
    }
    func trace(_ column: Int) -> [[Double]] {
      zip(chains, counts).map { chain, count in (0..<count).map { chain.records[$0 * stride + column] } }
    }
    var diagnostics = [Diagnostics(chains: trace(0))]
    var mean = [[Estimate]](repeating: [], count: points)
    var variance = mean
    for point in 0..<points {
      let own = trace(1 + points * outputs + point)
      for output in 0..<outputs {
        let means = trace(1 + output * points + point)
        let all = Diagnostics(chains: means)
        if !all.isConstant { diagnostics.append(all) }
        mean[point].append(Estimate(mean: all.mean, standardError: all.standardError ?? .nan))
        // var = avg(v + (m - mean)^2); the error of the mean enters in second order only.
        let squares = Diagnostics(
          chains: zip(own, means).map { v, m in
            zip(v, m).map { $0 + ($1 - all.mean) * ($1 - all.mean) }
          })
        variance[point].append(Estimate(mean: squares.mean, standardError: squares.standardError ?? .nan))
      }
    }
    let rHats = diagnostics.compactMap(\.rHat)
    let sizes = diagnostics.compactMap(\.bulkESS)
    return MixturePrediction(
      mean: mean, variance: variance, rHat: rHats.max(), effectiveSampleSize: sizes.min(), draws: draws,
      isComplete: isComplete)
  }
}
