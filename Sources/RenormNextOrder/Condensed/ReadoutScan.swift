internal import Foundation
internal import GSLNumerics
internal import LinearAlgebra

/// Nodes from a large readout down, coarse and loosely converged.
///
/// The action of a unit has many minima: a law can give up early with a part of the examples. What is found by
/// lowering the temperature (`ReadoutNode.annealed`) is followed in v, from the largest readout down, and
/// looked for again where the weights are, there from random laws too; what is better is followed in both
/// directions.
struct ReadoutScan {
  /// By v descending.
  private(set) var nodes: [ReadoutNode] = []
  private(set) var evaluations = 0
  /// Of the searches at the largest weight, by annealing and from random laws, those that ended in another
  /// minimum with a weight within e^-3 of it.
  private(set) var rivals = 0

  private static let depth = 30.0
  /// Weights that differ by less are of one minimum.
  private static let difference = 0.05

  /// - Parameters:
  ///   - largest: the readout to start at; nil for one beyond the posterior's.
  ///   - starts: the number of random laws to start from.
  init(
    _ problem: CondensedProblem, units: Double? = nil, largest: Double? = nil, tolerance: Double,
    starts: Int = 0, seed: UInt32 = 1
  ) throws(RenormError) {
    let units = units ?? problem.width - 1
    let scale = (problem.width * problem.lambda1).squareRoot()
    let size = (dot(problem.targets, problem.targets) / Double(max(problem.count, 1))).squareRoot()
    func action(_ v: Double) -> UnitAction { UnitAction(problem, readout: v, units: units, cut: v) }
    func solve(_ v: Double, _ start: ReadoutNode?) -> ReadoutNode? {
      let node = SolvedNode(action(v), from: start, tolerance: tolerance)?.node
      evaluations += node?.evaluations ?? 0
      return node
    }
    func search(_ v: Double) -> ReadoutNode? {
      let start = ReadoutNode.annealed(action(v))
      evaluations += start?.evaluations ?? 0
      return solve(v, start)
    }
    var v = largest ?? 2 * scale * size + 4
    while true {
      if let next = nodes.isEmpty ? search(v) : solve(v, nodes.last) {
        nodes.append(next)
        // Below the largest of a Gaussian bulk weights only fall.
        if v < 1.5, next.logWeight < top - Self.depth { break }
      }
      v -= max(0.4, v / 12)
      if v < 0.2 { break }
    }
    guard top.isFinite else {
      throw .numericalFailure(
        what: "the theory of a condensed neuron could not be evaluated at any readout",
        advice: "raise the temperature, or rescale the targets")
    }
    // Upward while the weight at the first node counts.
    while largest == nil, let first = nodes.first, first.logWeight > top - Self.depth, nodes.count < 200,
      let next = solve(1.1 * first.readout, first)
    {
      nodes.insert(next, at: 0)
    }
    // Its own search wherever the largest weight comes to be, and once far below.
    var searched: Set<Int> = []
    let random = RandomGenerator(seed: seed)
    for _ in 0..<Self.searches {
      let half = nodes.firstIndex { $0.readout < nodes[peak].readout / 2 }
      guard let i = [peak, half].compactMap({ $0 }).first(where: { !searched.contains($0) }) else { break }
      searched.insert(i)
      let v = nodes[i].readout
      var found = [search(v)].compactMap { $0 }
      if i == peak {
        found += (0..<starts).compactMap { _ in
          solve(v, ReadoutNode(at: v, .random(problem.rank, random)))
        }
      }
      guard let better = found.max(by: { $0.logWeight < $1.logWeight }) else { continue }
      if better.logWeight > nodes[i].logWeight + Self.difference {
        nodes[i] = better
        for direction in [-1, 1] {
          var k = i + direction
          while nodes.indices.contains(k), let next = solve(nodes[k].readout, nodes[k - direction]),
            next.logWeight > nodes[k].logWeight + Self.difference
          {
            nodes[k] = next
            k += direction
          }
        }
      }
      if i == peak {
        rivals = found.count { !$0.isNear(nodes[i]) && $0.logWeight > nodes[i].logWeight - 3 }
      }
    }
  }

  private static let searches = 6

  /// One more unit beside k units at fixed laws, below their readouts: the scan, and log Z_(k+1)/Z_k of it.
  static func next(
    beside units: [(readout: Double, law: UnitLaw)], _ problem: CondensedProblem, starts: Int, seed: UInt32
  ) throws(RenormError) -> (scan: ReadoutScan, logRatio: Double)? {
    let others = problem.width - Double(units.count)
    guard others >= 2, let cut = units.map(\.readout).min() else { return nil }
    var rest = problem
    for (readout, law) in units {
      let action = UnitAction(problem, readout: readout, units: others, cut: cut)
      guard let point = action.evaluate(law, logQ: 0) else { return nil }
      rest = rest.beside(point, strength: action.strength)
    }
    let alone = rest.bulk(units: others, cut: cut).average(rest)
    let scan = try ReadoutScan(
      rest, units: others - 1, largest: cut, tolerance: 1e-2, starts: starts, seed: seed)
    return (scan, scan.logIntegral + log(2 * others) - 0.5 * log(2 * .pi) - alone.logIntegral)
  }

  private var top: Double { nodes.map(\.logWeight).max() ?? -.infinity }

  /// log of the integral by trapezia of unequal width.
  var logIntegral: Double {
    let top = top
    var sum = 0.0
    for (a, b) in zip(nodes, nodes.dropFirst()) {
      sum += (a.readout - b.readout) / 2 * (exp(a.logWeight - top) + exp(b.logWeight - top))
    }
    return top + log(sum)
  }

  /// The index of the largest weight.
  var peak: Int { nodes.indices.max { nodes[$0].logWeight < nodes[$1].logWeight } ?? 0 }

  /// An estimate of the deviation of v around the largest weight, by the parabola through three nodes.
  var deviation: Double {
    let i = min(max(peak, 1), nodes.count - 2)
    guard i >= 1, i + 1 < nodes.count else { return 0.3 }
    let (a, b, c) = (nodes[i - 1], nodes[i], nodes[i + 1])
    let (up, down) = (a.readout - b.readout, b.readout - c.readout)
    let curvature =
      2 * ((a.logWeight - b.logWeight) / up - (b.logWeight - c.logWeight) / down) / (up + down)
    return curvature < 0 ? min(max(1 / (-curvature).squareRoot(), 0.1), 1) : 0.3
  }

  /// Readouts between nodes of which one is within `depth` of the largest logarithm.
  func intervals(depth: Double) -> [ClosedRange<Double>] {
    let least = top - depth
    return zip(nodes, nodes.dropFirst()).compactMap { above, below in
      max(above.logWeight, below.logWeight) > least ? below.readout...above.readout : nil
    }
  }
}
