internal import LinearAlgebra

/// The pairs of positions i >= j that share a filter, in the order in which tiles hold them.
///
/// A sum over positions with symmetric weights is a sum over pairs: K_ii for i = j, K_ij + K_ij^T otherwise.
struct PositionPairs: Equatable, Sendable {
  /// A pair of positions, i >= j.
  struct Pair: Equatable, Sendable {
    let i: Int
    let j: Int
  }

  /// Consecutive positions that share a filter.
  let groups: [Range<Int>]
  let pairs: [Pair]
  /// Number of positions n.
  let positions: Int

  init(groups: [Range<Int>]) {
    self.groups = groups
    positions = groups.last?.upperBound ?? 0
    pairs = groups.flatMap { group in
      group.flatMap { j in (j..<group.upperBound).map { Pair(i: $0, j: j) } }
    }
  }

  /// Number of pairs.
  var count: Int { pairs.count }

  /// The groups that a sum with these weights must visit: single positions where no pair has a weight.
  func restricted(to weights: Matrix) -> PositionPairs {
    PositionPairs(
      groups: groups.flatMap { group -> [Range<Int>] in
        let isDiagonal = group.allSatisfy { i in group.allSatisfy { j in i == j || weights[i, j] == 0 } }
        return isDiagonal ? group.map { $0..<$0 + 1 } : [group]
      })
  }

  /// The weight of every pair.
  func weights(_ matrix: Matrix) -> [Double] { pairs.map { matrix[$0.i, $0.j] } }

  /// The symmetric n x n matrix of which the pairs hold the sums with K_ii and K_ij + K_ji; zero elsewhere.
  func matrix(sums: [Double]) -> Matrix {
    var result = Matrix(rows: positions, columns: positions)
    for (pair, sum) in zip(pairs, sums) {
      // Each of the two elements of a pair i > j is half of its sum.
      result[pair.i, pair.j] = pair.i == pair.j ? sum : sum / 2
      result[pair.j, pair.i] = result[pair.i, pair.j]
    }
    return result
  }
}
