internal import Foundation
internal import LinearAlgebra
internal import RenormAction
internal import RenormKernels

/// The parts of the next order that need no draws, at a set of points.
struct Expansion: Sendable {
  let problem: NextOrderProblem
  let mixture: MixtureExpansion
  let points: PointTerms
  private let inputs: Matrix
  private let logEvidence: Double

  init(_ posterior: Posterior, _ inputs: Matrix, _ options: NextOrderOptions) throws(RenormError) {
    let limit = options.memoryLimit ?? MemoryPlan.defaultLimit
    problem = try NextOrderProblem(posterior, threads: options.cores, memoryLimit: limit)
    mixture = try MixtureExpansion(problem)
    points = PointTerms(problem, points: inputs, spread: mixture.spread)
    self.inputs = inputs
    logEvidence = try problem.logEvidence(count: posterior.training.count)
  }

  /// Mixture and cumulants together, or the mixture alone.
  func result(_ cumulants: CumulantEstimate?, omitting omitted: [NextOrderPart]) -> TheoryResult {
    var shift = mixture.shift
    var mean = points.mean
    var variance = points.variance
    mean.add(1, points.meanSlopes * shift)
    mean.add(0.5, points.meanBend)
    variance.add(1, points.varianceSlopes * shift)
    variance.add(0.5, points.varianceBend)
    let spread = points.meanSlopes * mixture.spread
    for k in 0..<spread.columns { for p in variance.indices { variance[p] += spread[p, k] * spread[p, k] } }
    var evidence = logEvidence + mixture.evidenceShift
    if let cumulants {
      func add(_ part: NextOrderPart, to values: inout [Double]) {
        if !omitted.contains(part) { values.add(1, cumulants.part(part).values) }
      }
      add(.orderParameter, to: &shift)
      add(.means, to: &mean)
      add(.variances, to: &variance)
      if !omitted.contains(.evidence) { evidence += cumulants.value.values[0] }
    }
    return TheoryResult(
      orderParameter: problem.frame.orderParameter(at: shift),
      prediction: Prediction(mean: Matrix(columns: [mean]), variance: Matrix(columns: [variance])),
      logEvidence: evidence)
  }

  /// The root mean square of (corrected - leading mean)/v^(1/2), of which the part of noise is subtracted.
  func sigma(_ cumulants: CumulantEstimate?, _ leading: Prediction) -> Double {
    leading.sigma(of: change(cumulants, leading), noise: cumulants?.wholeMean.variances)
  }

  /// Corrected less leading means, whatever the noise.
  private func change(_ cumulants: CumulantEstimate?, _ leading: Prediction) -> [Double] {
    let corrected = result(cumulants, omitting: []).prediction.mean.elements
    return zip(corrected, leading.mean.elements).map(-)
  }

  /// Draws as many hidden units as the options say, or as many as the target error needs.
  func cumulants(
    _ leading: Prediction, _ targets: [Double]?, _ options: NextOrderOptions
  ) throws(RenormError) -> CumulantEstimate {
    let usesProbes = problem.kernels.count >= Self.probedExamples
    let size =
      options.blockSize ?? options.draws.map { min(Self.blockSize, max($0 / Self.fewestBlocks, 1)) }
      ?? (CovarianceWorker.covers(problem.network.activation)
        ? Self.smallestBlockSize : usesProbes ? Self.smallBlockSize : Self.blockSize)
    let plan = try DrawPlan(
      problem, points: inputs.columns, blockSize: size, seed: options.seed, threads: options.cores)
    let runner = CumulantRunner(
      problem: problem, plan: plan,
      sources: FeatureSources(
        problem.frame, training: Patches(problem.range.inputs, of: problem.frame.local), points: inputs),
      projections: points.projections)
    let wick = WickParts(problem.frame, problem.kernels, scale: problem.scale)
    let residuals = targets.map { zip($0, leading.mean.elements).map(-) }
    // delta and dm of erf come from derivatives, beside blocks with everything for the rest.
    let hasCovariances = plan.covarianceStep(hasValues: true) > 0 && plan.covarianceStep(hasValues: false) > 0
    func estimate(
      _ all: [BlockEstimate], _ valued: [BlockEstimate], _ means: [BlockEstimate]
    ) -> CumulantEstimate {
      let probed = hasCovariances ? nil : means.isEmpty ? [] : wickMean(plan, blocks: means.count)
      return CumulantEstimate(
        problem, mixture, points, wick: wick, all: all, valued: valued, means: means, probedWickMean: probed,
        residuals: residuals, blockSize: plan.blockSize)
    }
    func blocks(_ draws: Int) -> Int { (draws + plan.blockSize / 2) / plan.blockSize }
    func run(_ kind: BlockKind, _ range: Range<Int>, first: Int) -> [BlockEstimate] {
      runner.run(kind, first + range.lowerBound..<first + range.upperBound)
    }
    func runValued(_ range: Range<Int>) -> [BlockEstimate] {
      hasCovariances ? run(.covariances(hasValues: true), range, first: Self.firstValuedBlock) : []
    }
    /// Blocks of `all` that one for means alone has the draws of.
    let ratio = hasCovariances ? DrawPlan.piecesOfMeans : 1
    func runMeans(_ range: Range<Int>) -> [BlockEstimate] {
      run(hasCovariances ? .covariances(hasValues: false) : .means, range, first: Self.firstMeanBlock)
    }
    if let draws = options.draws {
      let count = max(blocks(draws), 4)
      return estimate(
        runner.run(.all, 0..<count), runValued(0..<count),
        runMeans(0..<(blocks(options.meanDraws) + ratio - 1) / ratio))
    }
    // A first estimate says how many more are needed: errors fall as draws^(-1/2).
    let most = max(blocks(options.maximumDraws), 4)
    let first = min(usesProbes || hasCovariances ? Self.fewestDearBlocks : Self.fewestBlocks, most)
    var all = runner.run(.all, 0..<first)
    var valued = runValued(0..<first)
    var means: [BlockEstimate] = []
    var result = estimate(all, valued, means)
    while all.count + ratio * means.count < most {
      let factor = relativeError(result, leading) / options.targetError
      guard factor > 1 else { break }
      // Where dm has draws that are cheaper: worth it where most of the noise is that of dm.
      let isNoiseOfMeans =
        2 * result.meanResponse.variances.reduce(0, +) < result.wholeMean.variances.reduce(0, +)
      let addsMeans = isNoiseOfMeans && (usesProbes || hasCovariances)
      let together = all.count + ratio * means.count
      let count = addsMeans ? together : all.count
      // A signal that is all noise tells nothing of what is needed: at most three times as many at once.
      let wanted = Int((Double(count) * min(1.1 * factor * factor, 3)).rounded(.up)) - count
      let more = min(max(wanted, 1), most - together)
      if addsMeans {
        means += runMeans(means.count..<means.count + (more + ratio - 1) / ratio)
      } else {
        valued += runValued(all.count..<all.count + more)
        all += runner.run(.all, all.count..<all.count + more)
      }
      result = estimate(all, valued, means)
    }
    return result
  }

  /// What Gaussian features make of dm with the probes of the first blocks for means.
  private func wickMean(_ plan: DrawPlan, blocks: Int) -> [Double] {
    let range = Self.firstMeanBlock..<Self.firstMeanBlock + blocks
    return PointTerms.wickMean(
      problem, points: inputs, inverse: plan.probeAverage(range, order: problem.kernels.count))
  }

  /// The error of corrected means over their change, of which the part of noise is subtracted.
  private func relativeError(_ cumulants: CumulantEstimate, _ leading: Prediction) -> Double {
    cumulants.wholeMean.relativeError(of: change(cumulants, leading))
  }

  /// Draws of a block, and the fewest blocks over which errors are estimated.
  private static let blockSize = 2000
  /// Where a draw is dear, so that few decide how to go on.
  private static let smallBlockSize = 500
  private static let smallestBlockSize = 250
  private static let fewestBlocks = 20
  /// Where probes give the means, which need the most draws: enough for delta and its error.
  private static let fewestDearBlocks = 8
  /// Examples from which on probes are used.
  private static let probedExamples = 200
  /// Blocks for means alone, and those from derivatives with delta, have random streams of their own.
  private static let firstMeanBlock = 1 << 32
  private static let firstValuedBlock = 1 << 33
}

extension NextOrderProblem {
  /// log p(y | X) at leading order on raw kernels.
  fileprivate func logEvidence(count: Int) throws(RenormError) -> Double {
    let excess = try factoring("the order parameter") { () throws(LinearAlgebraError) in
      try GaussianLayer().excess(KernelWeights(covariance: frame.orderParameter, mean: nil))
    }
    let outside = range.outside(network.temperature, isWhitened: false)
    return -0.5
      * (width * excess + kernels.factor.logDeterminant + outside.logDeterminant + dot(kernels.eta, kernels.eta)
        + outside.quadraticForm + Double(count) * log(2 * Double.pi))
  }
}

extension NextOrderErrors {
  init(_ cumulants: CumulantEstimate, _ expansion: Expansion, hasTargets: Bool) {
    delta = cumulants.value.rootMeanSquareError
    sigma = nil
    // Of the matrix with the coordinates' errors as independent ones.
    let frame = expansion.problem.frame
    var sum = 0.0
    for (k, variance) in cumulants.shift.variances.enumerated() {
      var unit = [Double](repeating: 0, count: frame.dimension)
      unit[k] = variance.squareRoot()
      let moved = frame.space.matrix(frame.matrix(unit).congruence(by: frame.ownFactor.map(\.transposed)).dense)
      sum += moved.innerProduct(moved)
    }
    let order = Double(frame.local.positions)
    orderParameter = sum.squareRoot() / order
    means = cumulants.wholeMean.rootMeanSquareError
    variances = cumulants.wholeVariance.rootMeanSquareError
    bias = hasTargets ? cumulants.bias?.rootMeanSquareError : nil
  }
}
