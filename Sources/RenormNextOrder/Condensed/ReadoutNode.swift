internal import Foundation
internal import LinearAlgebra

/// The explicit unit at one value of its readout, with its weight in the posterior.
struct ReadoutNode: Sendable {
  /// v.
  let readout: Double
  /// log of the density of v times the evidence, without the constants of the problem.
  let logWeight: Double
  /// The law of the unit's weights, a start for neighbours.
  let law: UnitLaw
  let logQ: Double
  /// <q>.
  let q: Double
  let isConverged: Bool
  /// Evaluations of F.
  let evaluations: Int
}

/// A node with all that predictions need, P x P numbers several times.
struct SolvedNode {
  let node: ReadoutNode
  let action: UnitAction
  let point: UnitAction.Evaluation
  let average: BulkLaw.Average

  /// - Parameter start: a node to start from; nil for the prior.
  init?(_ action: UnitAction, from start: ReadoutNode?, tolerance: Double) {
    guard
      let optimum = action.minimum(
        from: start?.law ?? .prior(action.problem.rank), logQ: start?.logQ ?? 0, tolerance: tolerance)
    else { return nil }
    let point = optimum.point
    average = action.bulk.average(point.squares, around: point.minimum)
    node = ReadoutNode(
      readout: action.readout,
      logWeight: average.logIntegral - point.divergence - action.readout * action.readout / 2, law: point.law,
      logQ: point.minimum.logQ, q: average.q, isConverged: optimum.isConverged,
      evaluations: optimum.evaluations)
    self.action = action
    self.point = point
  }
}
