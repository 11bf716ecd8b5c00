internal import Foundation
internal import GSLNumerics
internal import LinearAlgebra

/// Where two explicit units have their largest weight.
///
/// Searches begin with one unit at its best and another at its best beside it, and with random laws of both;
/// laws and readouts are then optimised in turn.
struct PairSearch {
  /// The best node that was found.
  private(set) var best: PairNode
  /// Distances of readouts for a lattice around it, 1.4 times the smaller of their deviations.
  private(set) var step: Double
  private(set) var evaluations = 0
  /// Other minima that searches ended in, with a weight within e^-3 of the best.
  private(set) var rivals = 0

  private static let tolerance = 1e-3
  private static let rounds = 12
  /// Below, the bulk's entropy decides, not the parabola.
  private static let leastReadout = 1.5

  init(
    _ problem: CondensedProblem, beside first: ReadoutNode, starts: Int, seed: UInt32
  ) throws(RenormError) {
    var candidates: [PairNode] = []
    var evaluations = 0
    func solve(_ readouts: [Double], _ laws: [UnitLaw], _ logQ: Double) -> SolvedPair? {
      let pair = SolvedPair(problem, readouts: readouts, laws: laws, logQ: logQ, tolerance: Self.tolerance)
      evaluations += pair?.evaluations ?? 0
      return pair
    }
    func add(_ readouts: [Double], _ laws: [UnitLaw], _ logQ: Double) {
      guard var pair = solve(readouts, laws, logQ) else { return }
      for _ in 0..<Self.rounds {
        let next = pair.bestReadouts.map { max($0, Self.leastReadout) }
        let change = zip(next, pair.units).map { abs($0 - $1.action.readout) }.max() ?? 0
        guard change > 0.05, let better = solve(next, pair.units.map(\.point.law), pair.logQ) else { break }
        pair = better
      }
      if let node = pair.node { candidates.append(node) }
    }
    let one = [(readout: first.readout, law: first.law)]
    if let second = try? ReadoutScan.next(beside: one, problem, starts: 0, seed: seed) {
      evaluations += second.scan.evaluations
      let node = second.scan.nodes[second.scan.peak]
      // As they are too: a second unit that is hardly apart from the bulk has no parabola.
      if let own = solve([first.readout, node.readout], [first.law, node.law], first.logQ)?.node {
        candidates.append(own)
      }
      add([first.readout, node.readout], [first.law, node.law], first.logQ)
    }
    let random = RandomGenerator(seed: seed)
    for _ in 0..<starts {
      let laws = (0..<2).map { _ in UnitLaw.random(problem.rank, random) }
      add([first.readout, first.readout], laws, first.logQ)
    }
    guard let best = candidates.max(by: { $0.logWeight < $1.logWeight }) else {
      throw .numericalFailure(
        what: "two condensed neurons could not be evaluated anywhere",
        advice: "take one neuron, or raise the temperature")
    }
    self.best = best
    rivals = candidates.count {
      $0.logWeight > best.logWeight - 3 && !$0.isNear(best) && !$0.exchanged.isNear(best)
    }
    // The curvature of the weight along each readout.
    let distance = 0.3
    step = 1
    for k in 0..<2 {
      let values = [-distance, distance].compactMap { change -> Double? in
        var readouts = best.readouts
        readouts[k] = max(readouts[k] + change, 0.2)
        return solve(readouts, best.laws, best.logQ)?.node?.logWeight
      }
      guard values.count == 2 else { continue }
      let curvature = (2 * best.logWeight - values[0] - values[1]) / (distance * distance)
      step = min(step, curvature > 0 ? 1.4 / curvature.squareRoot() : 0.5)
    }
    step = max(step, 0.1)
    self.evaluations = evaluations
  }
}
