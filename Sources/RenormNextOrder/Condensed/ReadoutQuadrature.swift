internal import Foundation
internal import GSLNumerics
internal import LinearAlgebra

/// The integral over the readout v > 0 of the explicit unit.
///
/// A coarse scan (`ReadoutScan`) finds where the weight is, and laws to start from; trapezia there, whose sums
/// converge exponentially for smooth weights, are halved until log evidence, q and means change by less than
/// the accuracy.
struct ReadoutQuadrature {
  /// The nodes that were kept, by v ascending, with normalised weights.
  private(set) var nodes: [(node: ReadoutNode, weight: Double)] = []
  /// Averages over them.
  let averages: ReadoutAverage
  /// The last change by halving (`ReadoutAverage.change`); nil where the first steps were all.
  private(set) var error: Double?
  /// Evaluations of F, those of the scan included.
  private(set) var evaluations = 0
  /// Of the scan.
  private(set) var rivals = 0

  /// Weights below e^-13 of the largest are left out.
  private static let depth = 13.0
  private static let largestHalvings = 4
  private static let coarseTolerance = 1e-2
  private static let tolerance = 1e-6

  /// - Parameter largestCount: of nodes; halving ends there.
  /// - Throws: `RenormError.numericalFailure` where no node can be evaluated, or the coarsest steps are too
  ///   many.
  init(
    _ problem: CondensedProblem, _ points: CondensedProblem.Points, _ options: CondensedOptions,
    largestCount: Int
  ) throws(RenormError) {
    let draws = options.draws.map {
      ImportanceDraws(rank: problem.rank, count: $0, seed: options.seed)
    }
    let scan = try ReadoutScan(
      problem, tolerance: Self.coarseTolerance, starts: options.starts, seed: options.seed)
    (evaluations, rivals) = (scan.evaluations, scan.rivals)
    var known = scan.nodes
    var solved: [Int: (node: ReadoutNode, prediction: ReadoutPrediction)] = [:]
    var step = 1.4 * scan.deviation
    var last: ReadoutAverage?
    for halving in 0...Self.largestHalvings {
      let intervals = scan.intervals(depth: Self.depth)
      let length = intervals.reduce(0) { $0 + $1.upperBound - $1.lowerBound }
      let fits = length / (halving > 0 ? step / 2 : step) <= Double(largestCount)
      if !fits, last != nil { break }
      guard fits else {
        throw .numericalFailure(
          what: "the readout of the condensed neuron needs more than \(largestCount) nodes",
          advice: "standardize the targets, raise the temperature, or let it take more memory")
      }
      // Integers k of v = k step; nodes of the last pass have even ones.
      if halving > 0 {
        step /= 2
        solved = Dictionary(uniqueKeysWithValues: solved.map { (2 * $0.key, $0.value) })
      }
      let places = intervals.flatMap { interval in
        stride(from: (interval.lowerBound / step).rounded(.up), through: interval.upperBound / step, by: 1)
          .map { Int($0) }.filter { $0 > 0 }
      }
      for k in Set(places).sorted(by: >) where solved[k] == nil {
        let v = Double(k) * step
        let starts = ReadoutNode.starts(
          at: v, known.last { $0.readout >= v } ?? known.first, known.first { $0.readout < v })
        let found = starts.compactMap { start in
          SolvedNode(
            UnitAction(problem, readout: v, units: problem.width - 1, cut: v), from: start,
            tolerance: Self.tolerance)
        }
        evaluations += found.reduce(0) { $0 + $1.node.evaluations }
        guard let next = found.max(by: { $0.node.logWeight < $1.node.logWeight }) else { continue }
        if let result = draws?.weighted(next, points) {
          solved[k] = (next.node.weighted(result), result.prediction)
        } else {
          solved[k] = (next.node, ReadoutPrediction(next, points))
        }
        known.insert(next.node, at: known.firstIndex { $0.readout < v } ?? known.count)
      }
      let kept = solved.sorted { $0.key < $1.key }.map(\.value)
      guard !kept.isEmpty else { break }
      let now = ReadoutAverage(
        logWeights: kept.map(\.node.logWeight), qs: kept.map(\.node.q), kept.map(\.prediction), cell: step)
      nodes = zip(kept, now.weights).map { ($0.node, $1) }
      error = last.map(now.change(from:))
      last = now
      if let error, error <= options.accuracy { break }
    }
    guard let last else {
      throw .numericalFailure(
        what: "the theory of a condensed neuron could not be evaluated", advice: "raise the temperature")
    }
    averages = last
  }

  /// The average of a quantity over the nodes.
  func average(_ value: (ReadoutNode) -> Double) -> Double {
    nodes.reduce(0) { $0 + $1.weight * value($1.node) }
  }
}
