internal import LinearAlgebra
internal import Renorm

/// delta and dm of a deep network, with what blocks of draws say about their errors. Corrections of variances
/// and of q are not known for several hidden layers.
struct DeepCumulants: Sendable {
  let value: CumulantEstimate.Estimate
  let mean: CumulantEstimate.Estimate
  /// The change of the bias by dm, at first order; nil without targets.
  let bias: CumulantEstimate.Estimate?
  let draws: Int

  private static let fewestBlocks = 20

  /// Draws as many hidden units of each layer as the options say, or as many as the target error needs.
  init(
    _ posterior: Posterior, points: Matrix, _ leading: Prediction, _ targets: [Double]?,
    _ options: NextOrderOptions
  ) throws(RenormError) {
    let problem = try DeepProblem(
      posterior, points: points, threads: options.cores,
      memoryLimit: options.memoryLimit ?? MemoryPlan.defaultLimit)
    let draws = DeepDraws(problem: problem, seed: options.seed)
    func blocks(_ count: Int) -> Int { max((count + DeepDraws.blockSize / 2) / DeepDraws.blockSize, 4) }
    let residuals = targets.map { zip($0, leading.mean.elements).map(-) }
    var all: [DeepResponse] = []
    func run(_ more: Int) {
      let first = all.count
      var new = [DeepResponse](repeating: DeepResponse(value: 0, means: []), count: more)
      new.withUnsafeMutableBufferPointer { new in
        // Workers write to places of their own.
        nonisolated(unsafe) let new = new
        Parallel.forEachWorker(more, threads: options.cores) { indices in
          for index in indices { new[index] = draws.block(first + index) }
        }
      }
      all += new
    }
    if let count = options.draws {
      run(blocks(count))
    } else {
      let most = blocks(options.maximumDraws)
      run(min(Self.fewestBlocks, most))
      while all.count < most {
        let factor = CumulantEstimate.Estimate(all.map(\.means)).relativeError / options.targetError
        guard factor > 1 else { break }
        // A signal that is all noise tells nothing of what is needed: at most three times as many at once.
        let wanted = Int((Double(all.count) * min(1.1 * factor * factor, 3)).rounded(.up)) - all.count
        run(min(max(wanted, 1), most - all.count))
      }
    }
    value = CumulantEstimate.Estimate(all.map { [$0.value] })
    mean = CumulantEstimate.Estimate(all.map(\.means))
    bias = residuals.map { residuals in
      CumulantEstimate.Estimate(
        all.map { [-2 * dot(residuals, $0.means) / Double(max(residuals.count, 1))] })
    }
    self.draws = all.count * DeepDraws.blockSize
  }
}
