internal import Foundation
internal import LinearAlgebra

/// The explicit unit at one value of its readout, with its weight in the posterior.
struct ReadoutNode: Sendable {
  /// v.
  let readout: Double
  /// log of the density of v times the evidence, without the constants of the problem.
  private(set) var logWeight: Double
  /// The law of the unit's weights, a start for neighbours.
  let law: UnitLaw
  let logQ: Double
  /// <q>.
  let q: Double
  let isConverged: Bool
  /// Evaluations of F.
  private(set) var evaluations: Int
  /// Of importance draws; nil without them.
  private(set) var effectiveShare: Double?

  init(_ optimum: UnitAction.Optimum, of action: UnitAction, _ average: BulkLaw.Average) {
    let point = optimum.point
    readout = action.readout
    logWeight = average.logIntegral - point.divergence - action.readout * action.readout / 2
    (law, logQ, q) = (point.law, point.minimum.logQ, average.q)
    (isConverged, evaluations) = (optimum.isConverged, optimum.evaluations)
  }

  /// With the weight that importance draws give it.
  func weighted(_ result: ImportanceDraws.Result) -> ReadoutNode {
    var node = self
    node.logWeight += result.gain
    node.effectiveShare = result.effectiveShare
    return node
  }

  /// Starts between two nodes: the average of their laws where these are near each other, else both.
  static func starts(at v: Double, _ above: ReadoutNode?, _ below: ReadoutNode?) -> [ReadoutNode] {
    guard let above, let below, above.readout > below.readout else {
      return [above ?? below].compactMap { $0 }
    }
    guard below.isNear(above) else { return [above, below] }
    let t = (v - below.readout) / (above.readout - below.readout)
    var law = UnitLaw(
      mean: below.law.mean.scaled(by: 1 - t), precision: (1 - t) * below.law.precision)
    law.mean.add(t, above.law.mean)
    law.precision.add(t, above.law.precision)
    return [ReadoutNode(at: v, law, logQ: t * above.logQ + (1 - t) * below.logQ)]
  }

  /// A law to start from.
  init(at readout: Double, _ law: UnitLaw, logQ: Double = 0) {
    (self.readout, self.law, self.logQ, q) = (readout, law, logQ, exp(logQ))
    (logWeight, isConverged, evaluations) = (-.infinity, false, 0)
  }

  /// Whether the laws seem to belong to one minimum.
  func isNear(_ other: ReadoutNode) -> Bool { law.isNear(other.law) }

  /// A start by deterministic annealing (K. Rose, Proc. IEEE 86 (1998)): the minimum at a quarter of
  /// the kernel's largest eigenvalue as temperature, where the law is near the prior, followed to the
  /// temperature of the action in steps of a factor 2. nil where that is higher, or no step could be evaluated.
  static func annealed(_ action: UnitAction) -> ReadoutNode? {
    var (node, evaluations) = (ReadoutNode?.none, 0)
    var temperature = (action.problem.eigenvalues.max() ?? 0) / 4
    while temperature > action.problem.temperature {
      let next = SolvedNode(action.at(temperature: temperature), from: node, tolerance: 0.1)
      node = next?.node ?? node
      evaluations += next?.node.evaluations ?? 0
      temperature /= 2
    }
    node?.evaluations = evaluations
    return node
  }
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
    node = ReadoutNode(optimum, of: action, average)
    self.action = action
    self.point = point
  }
}
