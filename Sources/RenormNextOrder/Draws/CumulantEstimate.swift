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

    /// The error over the values, of which the part of noise is subtracted, as norms.
    var relativeError: Double { relativeError(of: values) }

    /// The same over a change of which the values are the part with noise.
    func relativeError(of change: [Double]) -> Double {
      let noise = variances.reduce(0, +)
      return (noise / max(dot(change, change) - noise, 1e-3 * noise, .leastNormalMagnitude)).squareRoot()
    }

    init(_ blocks: [[Double]]) {
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
  ///   - valued: blocks with delta and dm from derivatives, in the place of those of `all`; none otherwise.
  ///   - means: blocks with dm alone, beside those of `valued` or `all`.
  ///   - probedWickMean: what Gaussian features make of dm in `means`; nil where dm comes from derivatives.
  ///   - residuals: y - m at the points; nil without targets.
  init(
    _ problem: NextOrderProblem, _ mixture: MixtureExpansion, _ points: PointTerms, wick: WickParts,
    all: [BlockEstimate], valued: [BlockEstimate], means: [BlockEstimate], probedWickMean: [Double]?,
    residuals: [Double]?, blockSize: Int
  ) {
    let c = problem.cumulantScale
    let meanBlocks = (valued.isEmpty ? 1 : DrawPlan.piecesOfMeans) * means.count
    let share = Double(all.count) / Double(all.count + meanBlocks)
    value = Estimate(
      valued.isEmpty ? all.map { [($0.value ?? 0) - c * wick.value] } : valued.map { [$0.value ?? 0] })
    let gradients = all.map { block in zip(block.gradient, wick.gradient).map { $0 - c * $1 } }
    let shifts = gradients.map(mixture.response)
    gradient = Estimate(gradients)
    shift = Estimate(shifts)
    let own =
      valued.isEmpty
      ? all.map { block in zip(block.mean, points.wickMean).map { $0 + 4 * c * $1 } } : valued.map(\.mean)
    let probed = means.map { block in
      probedWickMean.map { wick in zip(block.mean, wick).map { $0 + 4 * c * $1 } } ?? block.mean
    }
    /// The average over all blocks of dm plus that over `all` of another part, of which there are as many as of
    /// `valued`.
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
    meanDraws = (all.count + meanBlocks) * blockSize
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
        if let hasValues = kind.covarianceValues {
          let worker = CovarianceWorker(
            problem.frame, sources, plan.draws, step: plan.covarianceStep(hasValues: hasValues),
            probes: CovarianceWorker.probes(positions: sources.largestPositions, hasValues: hasValues),
            hasValues: hasValues)
          for index in indices {
            let number = blocks.lowerBound + index
            let own = worker.block(
              hasValues ? plan.pieces(number) : plan.meanPieces(number), drawsOfPiece: plan.draws.pieceSize,
              sharing: hasValues ? 1 : DrawPlan.piecesOfMeans
            ) { probes($0, hasValues) }
            results[index] = estimate(own, hasValues)
          }
          return
        }
        let worker = CumulantWorker(problem, sources, plan, projections: projections)
        for index in indices { results[index] = worker.block(blocks.lowerBound + index, kind) }
      }
    }
    return results
  }

  private func probes(_ piece: Int, _ hasValues: Bool) -> (vectors: Matrix, forms: ProbeForms) {
    let kernels = problem.kernels
    let count = CovarianceWorker.probes(positions: sources.largestPositions, hasValues: hasValues)
    let white = plan.whiteProbes(piece, kernels.count, count)
    let all = Matrix(rows: kernels.count, columns: count + 1, elements: white.elements + kernels.eta)
    return (kernels.factor.solveLowerTransposed(all), ProbeForms(kernels, white))
  }

  private func estimate(_ averages: BlockAverages, _ hasValues: Bool) -> BlockEstimate {
    let whitened =
      projections.asTranspose * problem.kernels.factor.solveLower(Matrix(columns: [averages.training])).elements
    let c = problem.cumulantScale
    return BlockEstimate(
      value: hasValues ? c * averages.value : nil,
      mean: zip(averages.points, whitened).map { -4 * c * ($0 - $1) })
  }
}
