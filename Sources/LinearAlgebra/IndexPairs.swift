/// The pairs of positions i >= j that share a filter, in the order in which tiles hold them.
///
/// A sum over positions with symmetric weights is a sum over pairs: K_ii for i = j, K_ij + K_ij^T otherwise.
package struct IndexPairs: Equatable, Sendable {
  /// A pair of positions, i >= j.
  package struct Pair: Equatable, Sendable {
    package let i: Int
    package let j: Int
  }

  /// Consecutive positions that share a filter.
  package let groups: [Range<Int>]
  package let pairs: [Pair]
  /// Number of positions n.
  package let positions: Int

  package init(groups: [Range<Int>]) {
    self.groups = groups
    positions = groups.last?.upperBound ?? 0
    pairs = groups.flatMap { group in
      group.flatMap { j in (j..<group.upperBound).map { Pair(i: $0, j: j) } }
    }
  }

  /// Number of pairs.
  package var count: Int { pairs.count }

  /// All (i, j) that share a filter, i first within j within a group: the order in which K_ij and K_ji are held
  /// apart.
  package var ordered: [Pair] {
    groups.flatMap { group in group.flatMap { j in group.map { Pair(i: $0, j: j) } } }
  }

  /// Number of these.
  package var orderedCount: Int { groups.reduce(0) { $0 + $1.count * $1.count } }

  /// The pairs of indices (i, c), at i D + c, of positions and D outputs: outputs share all filters.
  package func coupled(outputs d: Int) -> IndexPairs {
    IndexPairs(groups: groups.map { d * $0.lowerBound..<d * $0.upperBound })
  }

  /// The groups that a sum with these weights must visit: single positions where no pair has a weight.
  package func restricted(to weights: Matrix) -> IndexPairs {
    IndexPairs(
      groups: groups.flatMap { group -> [Range<Int>] in
        let isDiagonal = group.allSatisfy { i in group.allSatisfy { j in i == j || weights[i, j] == 0 } }
        return isDiagonal ? group.map { $0..<$0 + 1 } : [group]
      })
  }

  /// The weight of every pair.
  package func weights(_ matrix: Matrix) -> [Double] { pairs.map { matrix[$0.i, $0.j] } }

  /// The symmetric n x n matrix of which the pairs hold the sums with K_ii and K_ij + K_ji; zero elsewhere.
  package func matrix(sums: [Double]) -> Matrix {
    var result = Matrix(rows: positions, columns: positions)
    for (pair, sum) in zip(pairs, sums) {
      // Each of the two elements of a pair i > j is half of its sum.
      result[pair.i, pair.j] = pair.i == pair.j ? sum : sum / 2
      result[pair.j, pair.i] = result[pair.i, pair.j]
    }
    return result
  }
}
