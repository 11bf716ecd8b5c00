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
    bulkLogEvidence = alone + problem.logConstant
    let one = try ReadoutQuadrature(problem, points, options, largestCount: largestCount)
    // Which unit is the largest, the sign of its readout, and the density of its readout.
    let ratio = one.averages.logIntegral + log(2 * problem.width) - 0.5 * log(2 * .pi) - alone
    (evaluations, rivals) = (one.evaluations, one.rivals)
    try Self.checkConvergence(one.nodes.map { ($0.weight, $0.node.isConverged) })
    let direction = problem.targetDirection
    let readout = Moments(one.nodes.map { ($0.weight, $0.node.readout) })
    var summary = CondensedSummary(neurons: 1)
    summary.logRatio = ratio
    guard options.neurons == 2, let first = one.nodes.max(by: { $0.weight < $1.weight })?.node else {
      summary.readout = readout.mean
      summary.readoutDeviation = readout.deviation
      summary.alignment = one.average { dot($0.law.mean, direction) }
      (summary.nodes, summary.effectiveNodes) = (one.nodes.count, one.averages.effectiveNodes)
      summary.error = one.error
      summary.law = ReadoutLaw(one.nodes.map { ([$0.node.readout], $0.node.q, $0.weight) })
      summary.draws = options.draws
      summary.effectiveShare = options.draws.map { _ in one.average { $0.effectiveShare ?? 0 } }
      if ratio > Condensed.condensedRatio, let first = one.nodes.max(by: { $0.weight < $1.weight })?.node,
        let second = try? ReadoutScan.second(
          beside: first, problem, starts: options.starts, seed: options.seed)
      {
        summary.secondLogRatio = second.logRatio
        evaluations += second.scan.evaluations
      }
      result = TheoryResult(
        one.averages, units: 1, square: readout.square, of: problem, logEvidence: bulkLogEvidence + ratio)
      self.summary = summary
      return
    }
    let two = try PairQuadrature(problem, points, beside: first, options, largestCount: largestCount / 2)
    evaluations += two.evaluations
    rivals = two.rivals
    try Self.checkConvergence(two.nodes.map { ($0.weight, $0.node.isConverged) })
    let both = two.averages.logIntegral + two.logMultiplicity - log(2 * .pi) - alone
    let largest = Moments(two.ordered.map { ($0.weight, $0.largest) })
    let second = Moments(two.ordered.map { ($0.weight, $0.second) })
    let square = two.average { dot($0.readouts, $0.readouts) }
    summary.neurons = 2
    summary.readout = largest.mean
    summary.readoutDeviation = largest.deviation
    summary.secondReadout = second.mean
    summary.secondReadoutDeviation = second.deviation
    summary.secondLogRatio = both - ratio
    summary.alignment = two.average { node in
      let law = node.readouts[0] >= node.readouts[1] ? node.laws[0] : node.laws[1]
      return dot(law.mean, direction)
    }
    (summary.nodes, summary.effectiveNodes) = (two.nodes.count, two.averages.effectiveNodes)
    summary.error = two.error
    summary.law = ReadoutLaw(two.nodes.map { ($0.node.readouts, $0.node.q, $0.weight) })
    result = TheoryResult(
      two.averages, units: 2, square: square, of: problem,
      logEvidence: bulkLogEvidence + both)
    self.summary = summary
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
    }
    if summary.neurons == 1, let second = summary.secondLogRatio, second > Condensed.condensedRatio {
      warnings.append(
        "two or more neurons seem to condense (log ratio of a second one "
          + String(format: "%.3g", second) + "); the theory has one: take --neurons 2, or check by sampling")
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
private struct Moments {
  let mean: Double
  let square: Double
  var deviation: Double { max(square - mean * mean, 0).squareRoot() }

  init(_ nodes: [(weight: Double, value: Double)]) {
    mean = nodes.reduce(0) { $0 + $1.weight * $1.value }
    square = nodes.reduce(0) { $0 + $1.weight * $1.value * $1.value }
  }
}

extension TheoryResult {
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
