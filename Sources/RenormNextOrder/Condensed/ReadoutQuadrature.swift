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
  /// Predictions of every node.
  private(set) var predictions: [ReadoutPrediction] = []
  /// log of the integral of the weights, without the constants of the problem.
  private(set) var logIntegral = -Double.infinity
  /// The last change by halving: of the log evidence, of q relative, of means in posterior deviations.
  private(set) var error = Double.infinity
  /// Evaluations of F, those of the scan included.
  private(set) var evaluations = 0
  /// Of the scan.
  private(set) var rivals = 0

  /// Weights below e^-13 of the largest are left out.
  private static let depth = 13.0
  private static let largestHalvings = 4
  private static let largestCount = 2000.0
  private static let coarseTolerance = 1e-2
  private static let tolerance = 1e-6

  /// - Throws: `RenormError.numericalFailure` where no node can be evaluated.
  init(
    _ problem: CondensedProblem, _ points: CondensedProblem.Points, _ options: CondensedOptions
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
    var before: (logIntegral: Double, q: Double, mean: [Double])?
    for halving in 0...Self.largestHalvings {
      // Integers k of v = k step; nodes of the last pass have even ones.
      if halving > 0 {
        step /= 2
        solved = Dictionary(uniqueKeysWithValues: solved.map { (2 * $0.key, $0.value) })
      }
      let intervals = scan.intervals(depth: Self.depth)
      let length = intervals.reduce(0) { $0 + $1.upperBound - $1.lowerBound } / step
      guard length <= Self.largestCount else {
        throw .numericalFailure(
          what: "the readout of the condensed neuron needs more than \(Int(Self.largestCount)) nodes",
          advice: "standardize the targets, or raise the temperature")
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
      guard let largest = kept.map(\.node.logWeight).max() else {
        throw .numericalFailure(
          what: "the theory of a condensed neuron could not be evaluated", advice: "raise the temperature")
      }
      let raw = kept.map { exp($0.node.logWeight - largest) }
      let total = raw.reduce(0, +)
      nodes = zip(kept, raw).map { ($0.node, $1 / total) }
      predictions = kept.map(\.prediction)
      logIntegral = largest + log(total * step)
      let now = (logIntegral: logIntegral, q: average(\.q), mean: mean)
      if let before {
        let deviations = variance
        let squares = now.mean.indices.reduce(0.0) { sum, p in
          let d = now.mean[p] - before.mean[p]
          return sum + (d == 0 ? 0 : d * d / deviations[p])
        }
        error = max(
          abs(now.logIntegral - before.logIntegral), abs(now.q / before.q - 1),
          (squares / Double(max(now.mean.count, 1))).squareRoot())
        if error <= options.accuracy { break }
      }
      before = now
    }
  }

  /// The average of a quantity over the nodes.
  func average(_ value: (ReadoutNode) -> Double) -> Double {
    nodes.reduce(0) { $0 + $1.weight * value($1.node) }
  }

  /// Predictive means.
  var mean: [Double] { predictions.map(\.mean).weightedSum(nodes.map(\.weight)) }

  /// The average variance and the variance of the means.
  var variance: [Double] {
    let (mean, weights) = (mean, nodes.map(\.weight))
    return mean.indices.map { p in
      zip(weights, predictions).reduce(0) { sum, part in
        let d = part.1.mean[p] - mean[p]
        return sum + part.0 * (part.1.variance[p] + d * d)
      }
    }
  }

  /// 1/sum of squared weights.
  var effectiveNodes: Double { 1 / nodes.reduce(0) { $0 + $1.weight * $1.weight } }
}

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
  /// The searches at the largest weight, random starts and annealing, that ended in another minimum with a
  /// weight within e^-3 of it.
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
          let mean = (0..<problem.rank).map { _ in random.gaussian() }
          return solve(v, ReadoutNode(at: v, UnitLaw(mean: mean, precision: .identity(problem.rank))))
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
