internal import LinearAlgebra
internal import RenormKernels

/// Fourth cumulants of a hidden unit as they enter the next order, with what blocks of draws say about their
/// errors.
struct CumulantEstimate: Sendable {
  /// A number or a vector with the variance of each element, estimated over blocks.
  struct Estimate: Sendable {
    var values: [Double]
    /// Squared standard errors.
    var variances: [Double]

    /// Whether the elements are above their noise together: sum value^2 >= 2 sum error^2, of which one belongs
    /// to noise.
    var isAboveNoise: Bool {
      dot(values, values) >= 2 * variances.reduce(0, +)
    }

    /// The root mean square of the errors.
    var rootMeanSquareError: Double {
      (variances.reduce(0, +) / Double(max(variances.count, 1))).squareRoot()
    }

    fileprivate init(_ blocks: [[Double]]) {
      let count = Double(blocks.count)
      let size = blocks.first?.count ?? 0
      values = [Double](repeating: 0, count: size)
      for block in blocks { values.add(1 / count, block) }
      variances = [Double](repeating: 0, count: size)
      for block in blocks {
        for i in 0..<size {
          variances[i] += (block[i] - values[i]) * (block[i] - values[i]) / (count * (count - 1))
        }
      }
    }
  }

  /// delta at Q0.
  let value: Estimate
  /// Its derivatives along the directions of the frame.
  let gradient: Estimate
  /// Cov(X) times the gradient: what delta adds to the order parameter, in the frame.
  let shift: Estimate
  /// dm, one for each point.
  let mean: Estimate
  /// Cov(m, delta).
  let meanResponse: Estimate
  /// Cov(m, delta) + dm.
  let wholeMean: Estimate
  /// dv.
  let variance: Estimate
  /// Cov(v, delta) + dv.
  let wholeVariance: Estimate
  /// The change of the bias by Cov(m, delta) + dm, at first order; nil without targets.
  let bias: Estimate?
  /// Draws behind delta, gradient and dv, and behind dm.
  let draws: Int
  let meanDraws: Int
  /// Draws of a block.
  let blockSize: Int

  /// - Parameters:
  ///   - all: blocks with everything.
  ///   - means: blocks with dm alone, beside those of `all`, or in their place where `probedWickMean` is nil.
  ///   - residuals: y - m at the points; nil without targets.
  init(
    _ problem: NextOrderProblem, _ mixture: MixtureExpansion, _ points: PointTerms, wick: WickParts,
    all: [BlockEstimate], means: [BlockEstimate], probedWickMean: [Double]?, residuals: [Double]?,
    blockSize: Int
  ) {
    let c = problem.cumulantScale
    let (n, m) = (Double(all.count), Double(means.count))
    let share = probedWickMean == nil && !means.isEmpty ? 0 : n / (n + m)
    value = Estimate(all.map { [($0.value ?? 0) - c * wick.value] })
    let gradients = all.map { block in zip(block.gradient, wick.gradient).map { $0 - c * $1 } }
    let shifts = gradients.map(mixture.response)
    gradient = Estimate(gradients)
    shift = Estimate(shifts)
    let own = all.map { block in zip(block.mean, points.wickMean).map { $0 + 4 * c * $1 } }
    let probed = means.map { block in
      probedWickMean.map { wick in zip(block.mean, wick).map { $0 + 4 * c * $1 } } ?? block.mean
    }
    /// The average over all blocks of dm plus that over `all` of another part.
    func combined(_ other: (Int) -> [Double]?) -> Estimate {
      var first = Estimate(
        own.indices.map { b in
          let mean = own[b].scaled(by: share)
          return other(b).map { zip(mean, $0).map(+) } ?? mean
        })
      guard !probed.isEmpty else { return first }
      let second = Estimate(probed.map { $0.scaled(by: 1 - share) })
      first.values.add(1, second.values)
      first.variances.add(1, second.variances)
      return first
    }
    mean = combined { _ in nil }
    let responses = shifts.map { points.meanSlopes * $0 }
    meanResponse = Estimate(responses)
    wholeMean = combined { responses[$0] }
    variance = Estimate(all.map { block in zip(block.variance, points.wickVariance).map { $0 + 4 * c * $1 } })
    wholeVariance = Estimate(
      all.indices.map { b in
        var sum = points.varianceSlopes * shifts[b]
        for i in sum.indices { sum[i] += all[b].variance[i] + 4 * c * points.wickVariance[i] }
        return sum
      })
    bias = residuals.map { residuals in
      let project = { (change: [Double]) in [-2 * dot(residuals, change) / Double(max(residuals.count, 1))] }
      var first = Estimate(
        own.indices.map { b in
          project(zip(own[b].scaled(by: share), responses[b]).map(+))
        })
      if !probed.isEmpty {
        let second = Estimate(probed.map { project($0.scaled(by: 1 - share)) })
        first.values.add(1, second.values)
        first.variances.add(1, second.variances)
      }
      return first
    }
    self.blockSize = blockSize
    draws = all.count * blockSize
    meanDraws = (all.count + means.count) * blockSize
  }
}

/// Runs blocks of draws.
struct CumulantRunner: Sendable {
  let problem: NextOrderProblem
  let plan: DrawPlan
  let sources: FeatureSources
  /// C^-1 K_R(X, x), P x points.
  let projections: Matrix

  /// The estimates of the given blocks, in their order. Each is computed by one thread: none depends on
  /// threads.
  func run(_ kind: BlockKind, _ blocks: Range<Int>) -> [BlockEstimate] {
    var results = [BlockEstimate](repeating: BlockEstimate(), count: blocks.count)
    results.withUnsafeMutableBufferPointer { results in
      // Workers write to places of their own.
      nonisolated(unsafe) let results = results
      Parallel.forEachWorker(blocks.count, threads: plan.threads) { indices in
        if kind == .covariances {
          let worker = CovarianceWorker(problem, sources, plan, projections: projections)
          for index in indices { results[index] = worker.block(blocks.lowerBound + index) }
          return
        }
        let worker = CumulantWorker(problem, sources, plan, projections: projections)
        for index in indices { results[index] = worker.block(blocks.lowerBound + index, kind) }
      }
    }
    return results
  }
}
