internal import Foundation
public import LinearAlgebra
internal import RenormKernels

/// A fully connected network at strong finite width: one hidden unit, or two, whose readouts may be of any
/// size, beside a bulk of the others that stay Gaussian (docs/condensed.md).
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
  let options: CondensedOptions

  /// log Z_1/Z_0 from which a unit counts as condensed, for looking at a second one.
  static let condensedRatio = 3.0
  /// Of log Z_1/Z_0, which is about 0 or more for the unit's exact law; Jensen's bound makes it as low as -0.8
  /// where nothing condenses.
  static let leastRatio = -2.0

  /// - Parameter points: inputs at which means and variances are predicted, as for `Posterior.predict`.
  /// - Throws: `RenormError.unsupported` for other networks than FC with smooth odd units, one output, a
  ///   finite width and no node prior, `.outOfMemory`, `.invalidParameter`, and `.numericalFailure` where the
  ///   law of the unit's weights does not converge.
  public init(
    _ posterior: Posterior, points: Matrix, options: CondensedOptions = CondensedOptions()
  ) throws(RenormError) {
    try options.validate()
    let network = posterior.network
    try network.checkCondensed(outputs: posterior.training.outputs, options)
    guard points.columns > 0 else {
      throw .invalidParameter(
        name: "points", value: "none", accepted: "at least one, for example training inputs")
    }
    leading = TheoryResult(
      orderParameter: posterior.orderParameter, prediction: try posterior.predict(points),
      logEvidence: posterior.logEvidence ?? .nan)
    let nodes = try Self.largestCount(posterior, points, options)
    let found = try Parallel.withThreads(options.cores) { () throws(RenormError) in
      let problem = try CondensedProblem(posterior, threads: options.cores)
      let held = problem.points(points)
      return network.activation.isLinear
        ? CondensedResult(bulkAlone: problem, held)
        : try CondensedResult(problem, held, options, largestCount: nodes)
    }
    self.options = options
    (corrected, summary, bulkLogEvidence) = (found.result, found.summary, found.bulkLogEvidence)
    (evaluations, warnings) = (found.evaluations, found.warnings(options.accuracy))
  }

  /// The number of nodes whose laws fit into memory beside some P x P matrices at two of them.
  private static func largestCount(
    _ posterior: Posterior, _ points: Matrix, _ options: CondensedOptions
  ) throws(RenormError) -> Int {
    let count = posterior.training.count
    let rank = min(count, posterior.training.shape.count + 1)
    let limit = options.memoryLimit ?? MemoryPlan.defaultLimit
    let fixed =
      (options.neurons == 1 ? 24 : 30) * count * count + 6 * count * points.columns
      + (options.draws ?? 0) * (3 * rank + 5 * count + 4 * points.columns)
      + (options.bulkDraws == nil
        ? 0 : BulkCumulant.memory(examples: count, points: points.columns, rank: rank))
    let node = rank * rank + 2 * points.columns
    let least = fixed + (options.neurons == 1 ? leastNodes : leastNodesOfTwo) * node
    guard 8 * least <= limit else {
      throw .outOfMemory(
        what: "the laws of an explicit neuron on \(count) examples", bytes: 8 * least, available: limit,
        advice: "take fewer examples")
    }
    return min((limit / 8 - fixed) / node, 2000)
  }

  /// The scan and a quadrature of few nodes.
  private static let leastNodes = 70
  /// The same with a lattice, two laws for a node, and its first refinement.
  private static let leastNodesOfTwo = 400
}
