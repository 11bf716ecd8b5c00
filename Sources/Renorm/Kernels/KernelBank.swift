internal import LinearAlgebra

/// The distinct local kernels of a training set: for every pair of positions i >= j that share a filter the
/// symmetric matrix K_ii, or K_ij + K_ij^T, as the P(P+1)/2 elements of its lower triangle.
///
/// The renormalized kernel is then one product with the weights of the pairs, and the gradient of the
/// action another one, both at the speed of memory.
struct KernelBank: Sendable {
  /// A pair of positions, i >= j.
  struct Pair: Equatable, Sendable {
    let i: Int
    let j: Int
  }

  let pairs: [Pair]
  /// Number of examples P.
  let order: Int
  /// One column per pair, P(P+1)/2 rows.
  private let kernels: Matrix

  /// Bytes that a bank needs.
  static func bytes(groups: [Range<Int>], examples: Int) -> Int {
    groups.reduce(0) { $0 + PackedSymmetric.count(order: $1.count) } * PackedSymmetric.count(order: examples) * 8
  }

  init(_ local: LocalKernels, _ examples: Matrix) {
    let order = examples.columns
    var pairs: [Pair] = []
    for group in local.groups {
      for j in group { for i in j..<group.upperBound { pairs.append(Pair(i: i, j: j)) } }
    }
    let length = PackedSymmetric.count(order: order)
    let elements = [Double](unsafeUninitializedCapacity: length * pairs.count) { storage, count in
      var firstPair = 0
      for group in local.groups {
        let groupPairs = PackedSymmetric.count(order: group.count)
        let part = UnsafeMutableBufferPointer(
          rebasing: storage[firstPair * length..<(firstPair + groupPairs) * length])
        local.forEachTile(examples, examples, positions: group, lowerTriangle: true) { tile in
          tile.fold(into: part, order: order)
        }
        firstPair += groupPairs
      }
      count = length * pairs.count
    }
    self.pairs = pairs
    self.order = order
    kernels = Matrix(rows: length, columns: pairs.count, elements: elements)
  }

  /// sum_ij W_ij K_ij for symmetric n x n weights.
  func weightedSum(_ weights: Matrix) -> PackedSymmetric {
    PackedSymmetric(order: order, elements: kernels * pairs.map { weights[$0.i, $0.j] })
  }

  /// The n x n matrix sum_(mu nu) (K_ij)_(mu nu) G_(mu nu), symmetrised in i and j, for a symmetric G;
  /// zero between positions that do not share a filter.
  ///
  /// `doubled` is G packed, its off-diagonal elements counted twice.
  func contract(_ doubled: PackedSymmetric, positions: Int) -> Matrix {
    let sums = kernels.asTranspose * doubled.elements
    var result = Matrix(rows: positions, columns: positions)
    for (pair, sum) in zip(pairs, sums) {
      // A pair i > j holds K_ij + K_ji, so each of its two elements is half the sum.
      result[pair.i, pair.j] = pair.i == pair.j ? sum : sum / 2
      result[pair.j, pair.i] = result[pair.i, pair.j]
    }
    return result
  }
}

extension KernelTile {
  /// Writes K_ii and K_ij + K_ji of the tile, on and below the diagonal, to their places in a packed bank.
  ///
  /// K_ij^T needs no transposition: its element (mu, nu) is K_ji(mu, nu), which the tile holds too.
  fileprivate func fold(into bank: UnsafeMutableBufferPointer<Double>, order: Int) {
    let length = PackedSymmetric.count(order: order)
    var pair = 0
    for j in 0..<positions.count {
      for i in j..<positions.count {
        for nu in 0..<columns.count {
          let column = columns.lowerBound + nu
          let first = max(rows.lowerBound, column)
          guard first < rows.upperBound, let kernel = self.column(i, j, nu), let mirrored = self.column(j, i, nu)
          else { continue }
          let start = pair * length + PackedSymmetric.index(first, column, order: order)
          let skipped = first - rows.lowerBound
          for k in 0..<rows.upperBound - first {
            let value = kernel[skipped + k]
            bank[start + k] = i == j ? value : value + mirrored[skipped + k]
          }
        }
        pair += 1
      }
    }
  }
}
