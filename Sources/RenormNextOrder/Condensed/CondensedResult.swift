internal import Foundation
internal import LinearAlgebra

/// What the theory finds, before it is public.
struct CondensedResult {
  let result: TheoryResult
  let summary: CondensedSummary
  let bulkLogEvidence: Double
  private(set) var evaluations = 0
  private var rivals = 0

  /// A Gaussian bulk of N units, with q ~ Gamma(N/2, rate N/2): exact for linear activations.
  init(bulkAlone problem: CondensedProblem, _ points: CondensedProblem.Points) {
    let bulk = problem.bulk(units: problem.width, cut: nil)
    let residual = problem.turned(problem.targets)
    let average = bulk.average(problem)
    let (mean, variance) = BulkPrediction(bulk, average, residual, points, share: 1).values
    bulkLogEvidence = average.logIntegral + problem.logConstant
    result = TheoryResult(
      orderParameter: .diagonal([average.q]),
      prediction: Prediction(mean: Matrix(columns: [mean]), variance: Matrix(columns: [variance])),
      logEvidence: bulkLogEvidence)
    summary = CondensedSummary(neurons: 0)
  }

  /// Explicit units.
  ///
  /// - Parameter largestCount: of nodes of a quadrature.
  init(
    _ problem: CondensedProblem, _ points: CondensedProblem.Points, _ options: CondensedOptions,
    largestCount: Int
  ) throws(RenormError) {
    let alone = problem.bulk(units: problem.width, cut: nil).average(problem).logIntegral
    let one = try ReadoutQuadrature(problem, points, options, largestCount: largestCount)
    try Self.checkConvergence(one.nodes.map { ($0.weight, $0.node.isConverged) })
    // Which unit is the largest, the sign of its readout, and the density of its readout.
    let ratio = one.averages.logIntegral + log(2 * problem.width) - 0.5 * log(2 * .pi) - alone
    bulkLogEvidence = alone + problem.logConstant
    guard let first = one.nodes.max(by: { $0.weight < $1.weight })?.node, options.neurons == 2 else {
      (result, summary) = try Self.one(one, problem, points, options, bulkLogEvidence, ratio, &evaluations)
      (evaluations, rivals) = (evaluations + one.evaluations, one.rivals)
      return
    }
    let two = try PairQuadrature(problem, points, beside: first, options, largestCount: largestCount / 2)
    try Self.checkConvergence(two.nodes.map { ($0.weight, $0.node.isConverged) })
    // Which two are the largest, without an order, their signs, and the densities of their readouts.
    let both = two.averages.logIntegral + log(2 * problem.width * (problem.width - 1)) - log(2 * .pi) - alone
    (result, summary) = Self.two(two, problem, options, bulkLogEvidence, (ratio, both), &evaluations)
    (evaluations, rivals) = (evaluations + one.evaluations + two.evaluations, two.rivals)
  }

  private static func one(
    _ one: ReadoutQuadrature, _ problem: CondensedProblem, _ points: CondensedProblem.Points,
    _ options: CondensedOptions, _ bulkLogEvidence: Double, _ ratio: Double, _ evaluations: inout Int
  ) throws(RenormError) -> (TheoryResult, CondensedSummary) {
    let direction = problem.targetDirection
    let readout = WeightedMoments(one.nodes.map { ($0.weight, $0.node.readout) })
    var summary = CondensedSummary(neurons: 1)
    summary.logRatio = ratio
    summary.readout = readout.mean
    summary.readoutDeviation = readout.deviation
    summary.alignment = one.average { dot($0.law.mean, direction) }
    (summary.nodes, summary.effectiveNodes) = (one.nodes.count, one.averages.effectiveNodes)
    summary.error = one.error
    summary.law = ReadoutLaw(one.nodes.map { ([$0.node.readout], $0.node.q, $0.weight) })
    summary.draws = options.draws
    summary.effectiveShare = options.draws.map { _ in one.average { $0.effectiveShare ?? 0 } }
    if ratio > Condensed.condensedRatio, let first = one.nodes.max(by: { $0.weight < $1.weight })?.node {
      summary.secondLogRatio = next([(first.readout, first.law)], problem, options, &evaluations)
    }
    let result = TheoryResult(
      one.averages, units: 1, square: readout.square, of: problem, logEvidence: bulkLogEvidence + ratio)
    guard let draws = options.bulkDraws else { return (result, summary) }
    let cumulant = BulkCumulant(problem, points, draws: draws, seed: options.seed)
    guard let correction = cumulant.correction(one.nodes) else {
      throw .numericalFailure(
        what: "the bulk's cumulant could not be evaluated at a readout", advice: "leave --bulk-draws out")
    }
    summary.bulkCumulant = BulkCumulantSummary(correction, variances: one.averages.variance)
    guard correction.evidence.isAboveNoise else { return (result, summary) }
    summary.logRatio = ratio + correction.logEvidence
    return (result.adding(correction, bulkShare: (problem.width - 1) / problem.width), summary)
  }

  private static func two(
    _ two: PairQuadrature, _ problem: CondensedProblem, _ options: CondensedOptions, _ bulkLogEvidence: Double,
    _ ratios: (one: Double, both: Double), _ evaluations: inout Int
  ) -> (TheoryResult, CondensedSummary) {
    let direction = problem.targetDirection
    let largest = WeightedMoments(two.ordered.map { ($0.weight, $0.largest) })
    let second = WeightedMoments(two.ordered.map { ($0.weight, $0.second) })
    var summary = CondensedSummary(neurons: 2)
    summary.logRatio = ratios.one
    summary.secondLogRatio = ratios.both - ratios.one
    summary.readout = largest.mean
    summary.readoutDeviation = largest.deviation
    summary.secondReadout = second.mean
    summary.secondReadoutDeviation = second.deviation
    summary.alignment = two.average { $0.alignment(direction) }
    (summary.nodes, summary.effectiveNodes) = (two.nodes.count, two.averages.effectiveNodes)
    summary.error = two.error
    summary.law = ReadoutLaw(two.nodes.map { ($0.node.readouts, $0.node.q, $0.weight) })
    if ratios.both > Condensed.condensedRatio,
      let best = two.nodes.max(by: { $0.weight < $1.weight })?.node
    {
      summary.thirdLogRatio = next(
        zip(best.readouts, best.laws).map { ($0, $1) }, problem, options, &evaluations)
    }
    let result = TheoryResult(
      two.averages, units: 2, square: two.average { dot($0.readouts, $0.readouts) }, of: problem,
      logEvidence: bulkLogEvidence + ratios.both)
    return (result, summary)
  }

  /// The log ratio of one more unit; nil where it cannot be evaluated.
  private static func next(
    _ units: [(readout: Double, law: UnitLaw)], _ problem: CondensedProblem, _ options: CondensedOptions,
    _ evaluations: inout Int
  ) -> Double? {
    let found = try? ReadoutScan.next(
      beside: units, problem, starts: options.starts, seed: options.seed)
    evaluations += found?.scan.evaluations ?? 0
    return found?.logRatio
  }

  private static func checkConvergence(_ nodes: [(weight: Double, isConverged: Bool)]) throws(RenormError) {
    let unconverged = nodes.count { !$0.isConverged && $0.weight > 1e-3 }
    guard unconverged == 0 else {
      throw .numericalFailure(
        what: "the law of an explicit neuron's weights has not converged at \(unconverged) of "
          + "\(nodes.count) readouts", advice: "raise the temperature, or rescale the targets")
    }
  }

  func warnings(_ accuracy: Double) -> [String] {
    var warnings: [String] = []
    if let error = summary.error, !(error <= accuracy) {
      warnings.append(
        "the quadrature over the readout of the condensed neuron has an error of about "
          + String(format: "%.2g", error) + " instead of \(accuracy)")
    } else if summary.neurons > 0, summary.error == nil {
      warnings.append(
        "the quadrature over the readout of the condensed neuron has an unknown error: no memory was left for "
          + "a finer one")
    }
    let next = summary.neurons == 1 ? summary.secondLogRatio : summary.thirdLogRatio
    if let next, next > Condensed.condensedRatio {
      let (more, own, instead) =
        summary.neurons == 1
        ? ("two or more neurons seem to condense", "a second one", "one: take --neurons 2, or check")
        : ("three or more neurons seem to condense", "a third one", "two: check")
      warnings.append(
        "\(more) (log ratio of \(own) \(String(format: "%.3g", next))); the theory has \(instead) by sampling")
    }
    if let ratio = summary.logRatio, ratio < Condensed.leastRatio {
      warnings.append(
        "an explicit neuron lowers the log evidence by \(String(format: "%.3g", -ratio)), which is what its "
          + "Gaussian law loses here: check by sampling")
    }
    if let cumulant = summary.bulkCumulant, !cumulant.isAdded {
      warnings.append(
        "the bulk's cumulant is below its own noise and left out; more --bulk-draws than \(cumulant.draws) would "
          + "decide it")
    } else if let cumulant = summary.bulkCumulant, !cumulant.isAboveNoise {
      warnings.append(
        "what the bulk's cumulant changes of the means is below its noise, "
          + "\(String(format: "%.2g", cumulant.meanError)) of a deviation; take more --bulk-draws than "
          + "\(cumulant.draws)")
    }
    if rivals > 0 {
      warnings.append(
        "other laws of the condensed neuron have nearly the weight of the one that was taken (\(rivals) of the "
          + "searches found them): check by sampling")
    }
    if let share = summary.effectiveShare, let draws = summary.draws, share * Double(draws) < 100 {
      warnings.append(
        "the importance draws of the condensed neuron are worth only \(Int(share * Double(draws))) independent "
          + "ones; take more than \(draws), or none")
    }
    return warnings
  }
}

/// Mean and deviation of a number over weighted nodes.
private struct WeightedMoments {
  let mean: Double
  let square: Double
  var deviation: Double { max(square - mean * mean, 0).squareRoot() }

  init(_ nodes: [(weight: Double, value: Double)]) {
    mean = nodes.reduce(0) { $0 + $1.weight * $1.value }
    square = nodes.reduce(0) { $0 + $1.weight * $1.value * $1.value }
  }
}

extension BulkCumulantSummary {
  fileprivate init(_ correction: BulkCumulant.Correction, variances: [Double]) {
    let squares = zip(correction.means.variances, variances).reduce(0) { $0 + $1.0 / $1.1 }
    self.init(
      draws: correction.draws, delta: correction.logEvidence,
      standardError: correction.evidence.rootMeanSquareError,
      meanError: (squares / Double(max(variances.count, 1))).squareRoot(),
      isAdded: correction.evidence.isAboveNoise, isAboveNoise: correction.means.isAboveNoise)
  }
}

extension TheoryResult {
  fileprivate func adding(_ correction: BulkCumulant.Correction, bulkShare: Double) -> TheoryResult {
    TheoryResult(
      orderParameter: .diagonal([orderParameter[0, 0] + bulkShare * correction.q]),
      prediction: Prediction(
        mean: prediction.mean + Matrix(columns: [correction.means.values]),
        variance: prediction.variance + Matrix(columns: [correction.variance])),
      logEvidence: logEvidence + correction.logEvidence)
  }

  /// Q = <q> N_b/N + sum <v^2>/N.
  fileprivate init(
    _ averages: ReadoutAverage, units: Double, square: Double, of problem: CondensedProblem, logEvidence: Double
  ) {
    let width = problem.width
    self.init(
      orderParameter: .diagonal([averages.q * (width - units) / width + square / width]),
      prediction: Prediction(
        mean: Matrix(columns: [averages.mean]), variance: Matrix(columns: [averages.variance])),
      logEvidence: logEvidence)
  }
}
