package import LinearAlgebra

/// The local kernels between two blocks of examples, summed over each pair of positions: K_ii or K_ij + K_ji at
/// (mu, nu) stands at `values[mu + rows.count * (nu + columns.count * pair)]`, mu and nu counted from the start
/// of their ranges. A weighted sum over pairs, or an inner product of every pair's kernel with a matrix, is
/// then one product of a matrix and a vector.
package struct KernelTile {
  package let values: UnsafePointer<Double>
  /// Number of pairs.
  package let pairs: Int
  /// Examples mu.
  package let rows: Range<Int>
  /// Examples nu.
  package let columns: Range<Int>

  /// Number of elements of one kernel.
  package var area: Int { rows.count * columns.count }
}

/// How examples are grouped into tiles, of a size that keeps patches and kernels of a tile in a core's cache.
///
/// Results depend on these sizes in the last bits at most.
package struct TileEdges: Equatable {
  package let rows: Int
  package let columns: Int
  /// Columns that are computed at once, so that their patches and kernels stay in a core's cache.
  package let step: Int

  /// Tiles of the given size, each computed at once.
  package init(rows: Int, columns: Int) {
    self.rows = rows
    self.columns = columns
    step = columns
  }

  /// Tiles that are computed and used at once.
  package init(_ pairs: IndexPairs) {
    let positions = pairs.groups.map(\.count).max() ?? 1
    // Columns: about 128 patches of a CNN (n for each example), 16 examples of an LCN, 128 of a single
    // position. Rows: up to 256, so that a tile has at most 2^16 numbers (512 KiB) of all pairs.
    let width = positions > 1 ? max(2, 128 / positions) : pairs.count > 1 ? 16 : 128
    let height = max(8, min(256, 65_536 / (max(pairs.count, 1) * width)))
    // The first tile of a column block must reach over the whole diagonal of the block.
    self.init(rows: height, columns: min(width, height))
  }

  /// Tiles that are stored for `order` examples: wider, as sums over a tile's rows are read and written once
  /// for a tile; yet enough of them to share among cores.
  package init(_ pairs: IndexPairs, storedFor order: Int) {
    let base = TileEdges(pairs)
    rows = base.rows
    step = base.columns
    columns = step * max(1, min(4, rows / step, order / (16 * step)))
  }
}

/// Which kernels of a group of positions a tile holds.
package enum TileForm: Sendable {
  /// K_ii and K_ij + K_ij^T for i > j: all that symmetric weights need.
  case summed
  /// K_ij for all i and j in the order of `IndexPairs.ordered`: what weights between outputs need.
  case ordered

  /// Kernels of all groups.
  package func count(_ pairs: IndexPairs) -> Int { self == .summed ? pairs.count : pairs.orderedCount }
}

/// Storage that one worker reuses from tile to tile.
package final class TileScratch {
  private let kernels: LocalKernels
  private let pairs: IndexPairs
  private var left: PatchBlock
  private var right: PatchBlock
  private var ordered: [Double]
  private let step: Int

  package init(_ kernels: LocalKernels, _ pairs: IndexPairs, _ edges: TileEdges) {
    self.kernels = kernels
    self.pairs = pairs
    step = edges.step
    let positions = pairs.groups.map(\.count).max() ?? 1
    left = PatchBlock(capacity: positions * edges.rows, patchSize: kernels.patchLength)
    right = PatchBlock(capacity: positions * edges.step, patchSize: kernels.patchLength)
    ordered = [Double](repeating: 0, count: positions * edges.rows * positions * edges.step)
  }

  /// Computes the tile of two blocks of examples into `values`: one matrix product of patches gives the
  /// covariances C of all positions of a group, the activation makes moments K of them, and K_ij and K_ji are
  /// added.
  ///
  /// - Parameter values: `rows.count * columns.count` numbers for every pair, as in `KernelTile`.
  package func compute(
    _ leftPatches: Patches, _ rows: Range<Int>, _ rightPatches: Patches, _ columns: Range<Int>,
    into values: UnsafeMutablePointer<Double>, form: TileForm = .summed
  ) {
    let area = rows.count * columns.count
    for block in columns.count.blocks(of: step) {
      let part = columns.lowerBound + block.lowerBound..<columns.lowerBound + block.upperBound
      var target = values + rows.count * block.lowerBound
      for group in pairs.groups {
        computeOrdered(leftPatches, rows, rightPatches, part, positions: group)
        ordered.withUnsafeBufferPointer { ordered in
          guard let source = ordered.baseAddress else { return }
          let place = form == .summed ? Self.fold : Self.copy
          place(source, group.count, rows.count, part.count, target, area)
        }
        let count = group.count
        target += area * (form == .summed ? PackedSymmetric.count(order: count) : count * count)
      }
    }
  }

  /// All K_ij of a group as one matrix, position major: row (i, mu) and column (j, nu).
  private func computeOrdered(
    _ leftPatches: Patches, _ rows: Range<Int>, _ rightPatches: Patches, _ columns: Range<Int>,
    positions: Range<Int>
  ) {
    left.copy(leftPatches, rows, positions: positions)
    right.copy(rightPatches, columns, positions: positions)
    let height = rows.count * positions.count
    let width = columns.count * positions.count
    if let supplied = kernels.supplied {
      supplied.fill(
        &ordered, left.patches, rows: rows.count, right.patches, columns: columns.count, positions: positions)
      return
    }
    multiplyTransposed(
      left.patches, right.patches, inner: kernels.patchLength, rows: height, columns: width, into: &ordered)
    ordered.withUnsafeMutableBufferPointer { ordered in
      left.variances.withUnsafeBufferPointer { rowVariances in
        right.variances.withUnsafeBufferPointer { columnVariances in
          kernels.activation.replaceBySecondMoments(
            UnsafeMutableBufferPointer(rebasing: ordered[0..<height * width]),
            rowVariances: UnsafeBufferPointer(rebasing: rowVariances[0..<height]),
            columnVariances: UnsafeBufferPointer(rebasing: columnVariances[0..<width]))
        }
      }
    }
  }

  /// Sums K_ij and K_ji; the transpose of K_ij at (mu, nu) is K_ji at (mu, nu), which the block holds too.
  ///
  /// - Parameter area: the distance from one pair to the next in `target`.
  private static func fold(
    _ source: UnsafePointer<Double>, positions: Int, rows: Int, columns: Int,
    into target: UnsafeMutablePointer<Double>, area: Int
  ) {
    let height = positions * rows
    var pair = target
    for j in 0..<positions {
      for nu in 0..<columns {
        (pair + nu * rows).update(from: source + (j * columns + nu) * height + j * rows, count: rows)
      }
      pair += area
      for i in j + 1..<max(positions, j + 1) {
        for nu in 0..<columns {
          let kernel = source + (j * columns + nu) * height + i * rows
          let mirrored = source + (i * columns + nu) * height + j * rows
          let output = pair + nu * rows
          for mu in 0..<rows { output[mu] = kernel[mu] + mirrored[mu] }
        }
        pair += area
      }
    }
  }
}

extension TileScratch {
  /// Each K_ij in one piece.
  private static func copy(
    _ source: UnsafePointer<Double>, positions: Int, rows: Int, columns: Int,
    into target: UnsafeMutablePointer<Double>, area: Int
  ) {
    let height = positions * rows
    var kernel = target
    for j in 0..<positions {
      for i in 0..<positions {
        for nu in 0..<columns {
          (kernel + nu * rows).update(from: source + (j * columns + nu) * height + i * rows, count: rows)
        }
        kernel += area
      }
    }
  }
}

extension Int {
  /// 0..<self split into consecutive blocks of at most `size`.
  package func blocks(of size: Int) -> [Range<Int>] {
    stride(from: 0, to: self, by: size).map { $0..<Swift.min($0 + size, self) }
  }
}
