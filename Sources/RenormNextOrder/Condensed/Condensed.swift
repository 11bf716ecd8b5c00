internal import Foundation
public import LinearAlgebra
internal import RenormKernels

/// A fully connected network at strong finite width: one hidden unit whose readout may be of any size, beside a
/// bulk of N - 1 units that stay Gaussian (docs/condensed.md).
///
/// At P/N of about 2 and small temperature one unit condenses: its readout becomes macroscopic and its weights
/// align with the targets, where expansions around the prior of a unit do not reach. The unit of the largest
/// readout v is therefore explicit: v by quadrature, its weights by a Gaussian variational law at fixed v, and
/// the bulk by its order parameter q, whose readouts stay below v. Where nothing condenses this is the mixture
/// over q beside one more unit; for linear activations it is that mixture exactly, which is then taken.
///
/// Related: Goering et al., arXiv 2510.15174; van Meegen and Sompolinsky, arXiv 2406.16689; Rubin, Ringel and
/// Helias, arXiv 2502.03210.
public struct Condensed: Sendable {
  /// What the fit says.
  public let leading: TheoryResult
  /// With a condensed neuron: Q = <q> N_b/N + <v^2>/N, means and variances averaged over v, log evidence of the
  /// explicit unit.
  public let corrected: TheoryResult
  /// The numbers for a report.
  public let summary: CondensedSummary
  /// log E_q N(y; 0, A(q)), the evidence of a Gaussian bulk of N units alone.
  public let bulkLogEvidence: Double
  /// Evaluations of the explicit unit's action.
  public let evaluations: Int
  /// What a user should know about the result; each is one line.
  public let warnings: [String]
  let seed: UInt32

  /// log Z_1/Z_0 from which a unit counts as condensed, for looking at a second one.
  static let condensedRatio = 3.0

  /// - Parameter points: inputs at which means and variances are predicted, as for `Posterior.predict`.
  /// - Throws: `RenormError.unsupported` for other networks than FC with erf or linear units, one output, a
  ///   finite width and no node prior, `.outOfMemory`, `.invalidParameter`, and `.numericalFailure` where the
  ///   law of the unit's weights does not converge.
  public init(
    _ posterior: Posterior, points: Matrix, options: CondensedOptions = CondensedOptions()
  ) throws(RenormError) {
    try options.validate()
    let network = posterior.network
    try network.checkCondensed(outputs: posterior.training.outputs)
    guard points.columns > 0 else {
      throw .invalidParameter(
        name: "points", value: "none", accepted: "at least one, for example training inputs")
    }
    leading = TheoryResult(
      orderParameter: posterior.orderParameter, prediction: try posterior.predict(points),
      logEvidence: posterior.logEvidence ?? .nan)
    try Self.checkMemory(posterior, points, options.draws ?? 0, options.memoryLimit ?? MemoryPlan.defaultLimit)
    let found = try Parallel.withThreads(options.cores) { () throws(RenormError) in
      let problem = try CondensedProblem(posterior, threads: options.cores)
      let held = problem.points(points)
      return network.activation.isLinear
        ? Found(bulkAlone: problem, held) : try Found(problem, held, options)
    }
    seed = options.seed
    (corrected, summary, bulkLogEvidence) = (found.result, found.summary, found.bulkLogEvidence)
    (evaluations, warnings) = (found.evaluations, found.warnings(options.accuracy))
  }

  /// Laws of all nodes, and some P x P matrices at one of them.
  private static func checkMemory(
    _ posterior: Posterior, _ points: Matrix, _ draws: Int, _ limit: Int
  ) throws(RenormError) {
    let count = posterior.training.count
    let rank = min(count, posterior.training.shape.count + 1)
    let numbers =
      14 * count * count + 70 * rank * rank + 6 * count * points.columns
      + draws * (3 * rank + 5 * count + 4 * points.columns)
    guard 8 * numbers <= limit else {
      throw .outOfMemory(
        what: "the laws of an explicit neuron on \(count) examples", bytes: 8 * numbers, available: limit,
        advice: "take fewer examples")
    }
  }
}

/// What the theory finds, before it is public.
private struct Found {
  let result: TheoryResult
  let summary: CondensedSummary
  let bulkLogEvidence: Double
  var evaluations = 0
  private var unconverged = 0
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
    summary = CondensedSummary(
      neurons: 0, readout: nil, readoutDeviation: nil, logRatio: nil, alignment: nil, nodes: nil,
      effectiveNodes: nil, error: nil, secondLogRatio: nil, draws: nil, effectiveShare: nil)
  }

  /// One explicit unit.
  init(
    _ problem: CondensedProblem, _ points: CondensedProblem.Points, _ options: CondensedOptions
  ) throws(RenormError) {
    let alone = problem.bulk(units: problem.width, cut: nil).average(problem).logIntegral
    bulkLogEvidence = alone + problem.logConstant
    let quadrature = try ReadoutQuadrature(problem, points, options)
    let width = problem.width
    let square = quadrature.average { $0.readout * $0.readout }
    let readout = quadrature.average(\.readout)
    // Which unit is the largest, the sign of its readout, and the density of its readout.
    let ratio =
      quadrature.logIntegral + log(2 * width) - 0.5 * log(2 * .pi) - alone
    let direction = problem.targetDirection
    let alignment = quadrature.average { dot($0.law.mean, direction) }
    let second = ratio > Condensed.condensedRatio ? Self.secondUnit(problem, quadrature) : nil
    evaluations = quadrature.evaluations
    rivals = quadrature.rivals
    unconverged = quadrature.nodes.count { !$0.node.isConverged && $0.weight > 1e-3 }
    result = TheoryResult(
      orderParameter: .diagonal([quadrature.average(\.q) * (width - 1) / width + square / width]),
      prediction: Prediction(
        mean: Matrix(columns: [quadrature.mean]), variance: Matrix(columns: [quadrature.variance])),
      logEvidence: bulkLogEvidence + ratio)
    summary = CondensedSummary(
      neurons: 1, readout: readout, readoutDeviation: max(square - readout * readout, 0).squareRoot(),
      logRatio: ratio, alignment: alignment, nodes: quadrature.nodes.count,
      effectiveNodes: quadrature.effectiveNodes, error: quadrature.error, secondLogRatio: second,
      draws: options.draws,
      effectiveShare: options.draws.map { _ in quadrature.average { $0.effectiveShare ?? 0 } },
      law: ReadoutLaw(quadrature.nodes))
    guard unconverged == 0 else {
      throw .numericalFailure(
        what: "the law of the explicit neuron's weights has not converged at \(unconverged) of "
          + "\(quadrature.nodes.count) readouts", advice: "raise the temperature, or rescale the targets")
    }
  }

  /// log Z_1/Z_0 of a second unit beside the first at the node of the largest weight, whose law is fixed.
  private static func secondUnit(_ problem: CondensedProblem, _ quadrature: ReadoutQuadrature) -> Double? {
    guard problem.width > 2, let first = quadrature.nodes.max(by: { $0.weight < $1.weight })?.node else {
      return nil
    }
    let action = UnitAction(problem, readout: first.readout, units: problem.width - 1, cut: first.readout)
    guard let point = action.evaluate(first.law, logQ: first.logQ) else { return nil }
    let rest = problem.beside(point, strength: action.strength)
    let alone = rest.bulk(units: problem.width - 1, cut: first.readout).average(rest)
    guard
      let scan = try? ReadoutScan(
        rest, units: problem.width - 2, largest: first.readout, tolerance: 1e-2)
    else { return nil }
    return scan.logIntegral + log(2 * (problem.width - 1)) - 0.5 * log(2 * .pi) - alone.logIntegral
  }

  func warnings(_ accuracy: Double) -> [String] {
    var warnings: [String] = []
    if let error = summary.error, !(error <= accuracy) {
      warnings.append(
        "the quadrature over the readout of the condensed neuron has an error of about "
          + String(format: "%.2g", error) + " instead of \(accuracy)")
    }
    if let second = summary.secondLogRatio, second > Condensed.condensedRatio {
      warnings.append(
        "two or more neurons seem to condense (log ratio of a second one "
          + String(format: "%.3g", second) + "); the "
          + "theory has one: check by sampling")
    }
    if rivals > 0 {
      warnings.append(
        "other laws of the condensed neuron have nearly the weight of the one that was taken (\(rivals) random "
          + "starts found them): check by sampling")
    }
    if let share = summary.effectiveShare, let draws = summary.draws, share * Double(draws) < 100 {
      warnings.append(
        "the importance draws of the condensed neuron are worth only \(Int(share * Double(draws))) independent "
          + "ones; take more than \(draws), or none")
    }
    return warnings
  }
}

extension BulkLaw {
  /// The average without explicit units.
  fileprivate func average(_ problem: CondensedProblem) -> Average {
    let squares = problem.bareSquares
    return average(squares, around: minimum(squares, from: 0))
  }
}
