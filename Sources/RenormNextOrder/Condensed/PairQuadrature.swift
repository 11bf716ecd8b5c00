internal import Foundation
internal import GSLNumerics
internal import LinearAlgebra

/// The integral over the readouts v_1, v_2 > 0 of two explicit units.
///
/// Around the best of several minima (`PairSearch`) the weights are summed over a square lattice, grown from
/// node to neighbour while weights count. The lattice is refined by its own centres, which halves the cells,
/// until log evidence, q and means change by less than the accuracy.
///
/// The cut of the bulk, min(v_1, v_2), makes a kink of the weight along the diagonal, of which refining would
/// learn slowly. With rows of nodes d apart along the diagonal, a sum exceeds the integral of a function f by
/// -d^2/12 times the jump of its slope across the diagonal (Euler and Maclaurin), -2^(1/2) f dlog f/dcut. Nodes
/// on the diagonal therefore have (1 - 2^(1/2) d/12 dlog f/dcut) of their weight.
///
/// Laws that differ can be exchanged: the posterior has both assignments, and the mixture of both, a bound
/// again, has 2/(1 + BC) times the weight of one, BC the overlap of the laws at (v_1, v_2) with the exchanged
/// ones at (v_2, v_1) (A. Kolchinsky and B. D. Tracey, Entropy 19 (2017), from Bhattacharyya's coefficients): 1
/// where both are one, 2 where they are far apart.
struct PairQuadrature {
  /// With normalised weights.
  private(set) var nodes: [(node: PairNode, weight: Double)] = []
  /// Averages over them.
  let averages: ReadoutAverage
  /// What the mean of max(v_1, v_2) takes off the diagonal.
  private var spread = 0.0
  /// The last change by refining (`ReadoutAverage.change`); nil where the first lattice was all.
  private(set) var error: Double?
  /// Evaluations of F, those of the search included.
  let evaluations: Int
  /// Of the search.
  let rivals: Int

  /// Weights below e^-8 of the largest are left out.
  private static let depth = 8.0
  private static let largestRefinements = 4
  private static let tolerance = 1e-4

  private struct Place: Hashable {
    var i, j: Int
    func moved(_ by: (Int, Int)) -> Place { Place(i: i + by.0, j: j + by.1) }
    var doubled: Place { Place(i: 2 * i, j: 2 * j) }
    var mirrored: Place { Place(i: j, j: i) }
  }
  private struct Solution {
    let node: PairNode
    let prediction: ReadoutPrediction
    /// On the diagonal, else 0.
    let cutSlope: Double
  }

  /// - Parameters:
  ///   - first: one unit at its best, to begin the search with.
  ///   - largestCount: of nodes; refining ends there.
  /// - Throws: `RenormError.numericalFailure` where nothing can be evaluated, or the first lattice has too many
  ///   nodes.
  init(
    _ problem: CondensedProblem, _ points: CondensedProblem.Points, beside first: ReadoutNode,
    _ options: CondensedOptions, largestCount: Int
  ) throws(RenormError) {
    let tooMany = RenormError.numericalFailure(
      what: "two condensed neurons need more than \(largestCount) pairs of readouts",
      advice: "take one neuron, raise the temperature, or let it take more memory")
    let search = try PairSearch(problem, beside: first, starts: options.starts, seed: options.seed)
    var evaluations = search.evaluations
    var unit = search.step
    var solved: [Place: Solution] = [:]
    var failed: Set<Place> = []
    func solve(_ place: Place, from start: PairNode) {
      let readouts = [Double(place.i) * unit, Double(place.j) * unit]
      guard
        let pair = SolvedPair(
          problem, readouts: readouts, laws: start.laws, logQ: start.logQ, tolerance: Self.tolerance),
        let average = pair.average
      else {
        failed.insert(place)
        return
      }
      let node = pair.node(average)
      evaluations += node.evaluations
      solved[place] = Solution(
        node: node, prediction: ReadoutPrediction(pair.units, average, points),
        cutSlope: place.i == place.j ? pair.cutSlope : 0)
    }
    /// Solves what lies beside nodes that count, until nothing new does; false where that is too much.
    func grow(_ moves: [(Int, Int)]) -> Bool {
      var isGrowing = true
      while isGrowing {
        isGrowing = false
        let top = solved.values.map(\.node.logWeight).max() ?? -.infinity
        // Best first, so that a place has the best neighbour as start, in an order that repeats.
        let kept = solved.filter { $0.value.node.logWeight > top - Self.depth }
          .sorted {
            ($0.value.node.logWeight, $1.key.i, $1.key.j) > ($1.value.node.logWeight, $0.key.i, $0.key.j)
          }
        for (place, solution) in kept {
          for next in moves.map(place.moved)
          where next.i > 0 && next.j > 0 && solved[next] == nil && !failed.contains(next) {
            guard solved.count < largestCount else { return false }
            solve(next, from: solution.node)
            isGrowing = isGrowing || solved[next] != nil
          }
        }
      }
      return true
    }
    let origin = search.best.readouts.map { max(Int(($0 / unit).rounded()), 1) }
    solve(Place(i: origin[0], j: origin[1]), from: search.best)
    let axes = [(1, 0), (0, 1), (-1, 0), (0, -1)], diagonals = [(1, 1), (-1, 1), (1, -1), (-1, -1)]
    var last: ReadoutAverage?
    var cell = unit * unit
    for refinement in 0...Self.largestRefinements {
      // Centres of the cells have odd coordinates in half of the unit; then the axes' neighbours fill the rest.
      let isCentred = refinement % 2 == 1
      if isCentred {
        unit /= 2
        solved = Dictionary(uniqueKeysWithValues: solved.map { ($0.key.doubled, $0.value) })
        failed = Set(failed.map(\.doubled))
      }
      let moves = isCentred ? diagonals : axes
      guard grow(moves) else {
        if last == nil { throw tooMany }
        break
      }
      guard !solved.isEmpty else { break }
      if refinement > 0 { cell /= 2 }
      let kept = solved.sorted { ($0.key.i, $0.key.j) < ($1.key.i, $1.key.j) }
      let distance = unit * (isCentred ? 2.0.squareRoot() : 0.5.squareRoot())
      let share = 2.0.squareRoot() / 12 * distance
      let kinks = kept.map { share * $0.value.cutSlope }
      let logWeights = zip(kept, kinks).map { place, kink in
        let node = place.value.node
        let overlap = solved[place.key.mirrored].map { node.overlap($0.node.exchanged) } ?? 0
        return node.logWeight + log(max(1 - kink, 0.1)) + log(2 / (1 + overlap))
      }
      let now = ReadoutAverage(
        logWeights: logWeights, qs: kept.map(\.value.node.q), kept.map(\.value.prediction), cell: cell)
      nodes = zip(kept, now.weights).map { ($0.value.node, $1) }
      for (place, node) in zip(kept, nodes) where node.weight > 1e-3 {
        guard moves.map(place.key.moved).allSatisfy({ !failed.contains($0) }) else {
          throw .numericalFailure(
            what: "two condensed neurons could not be evaluated beside readouts of weight",
            advice: "raise the temperature, or rescale the targets")
        }
      }
      // max(v_1, v_2) has a kink there too.
      spread = share
      error = last.map(now.change(from:))
      last = now
      // Centres leave the distance of rows along the diagonal as it was: they say nothing of the kink there.
      let kink = zip(nodes, kinks).reduce(0) { $0 + $1.0.weight * abs($1.1) }
      let isSmooth = zip(nodes, kinks).allSatisfy { $0.weight < 1e-3 || $1 < 0.9 }
      if !isSmooth { error = max(error ?? 0, kink) }
      if let error, error <= options.accuracy, !isCentred || kink <= options.accuracy { break }
    }
    guard let last else {
      throw .numericalFailure(
        what: "two condensed neurons could not be evaluated",
        advice: "take one neuron, or raise the temperature")
    }
    averages = last
    (self.evaluations, rivals) = (evaluations, search.rivals)
  }

  /// The larger and the smaller readout of every node.
  var ordered: [(weight: Double, largest: Double, second: Double)] {
    nodes.map { node, weight in
      let (a, b) = (node.readouts[0], node.readouts[1])
      return (weight, max(a, b) + (a == b ? spread : 0), min(a, b) - (a == b ? spread : 0))
    }
  }

  func average(_ value: (PairNode) -> Double) -> Double {
    nodes.reduce(0) { $0 + $1.weight * value($1.node) }
  }
}
