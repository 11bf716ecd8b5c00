internal import LinearAlgebra

/// The local kernels between two blocks of examples, summed over each pair of positions:
/// K_ii or K_ij + K_ji at (mu, nu) stands at `values[mu + rows.count * (nu + columns.count * pair)]`,
/// mu and nu counted from the start of their ranges. A weighted sum over pairs, or an inner product of every pair's
/// kernel with a matrix, is then one product of a matrix and a vector.
struct KernelTile {
  let values: UnsafePointer<Double>
  let pairs: Int
  let rows: Range<Int>
  let columns: Range<Int>

  /// Number of elements of one kernel.
  var area: Int { rows.count * columns.count }
}

/// How examples are grouped into tiles, so that two blocks of patches and the tile stay in a core's cache.
struct TileEdges: Equatable {
  let rows: Int
  let columns: Int

  init(rows: Int, columns: Int) {
    self.rows = rows
    self.columns = columns
  }

  /// Edges in examples for the given pairs.
  init(_ pairs: PositionPairs) {
    let positions = pairs.groups.map(\.count).max() ?? 1
    // One pair fills a tile by itself; many single positions share it.
    let width = positions > 1 ? max(2, 128 / positions) : pairs.count > 1 ? 16 : 128
    let height = max(8, min(256, 65_536 / (max(pairs.count, 1) * width)))
    rows = height
    // The first tile of a column block must reach over the whole diagonal of the block.
    columns = min(width, height)
  }
}

/// Storage that one worker reuses from tile to tile.
final class TileScratch {
  private let kernels: LocalKernels
  private let pairs: PositionPairs
  private var left: PatchBlock
  private var right: PatchBlock
  private var ordered: [Double]

  init(_ kernels: LocalKernels, _ pairs: PositionPairs, _ edges: TileEdges) {
    self.kernels = kernels
    self.pairs = pairs
    let positions = pairs.groups.map(\.count).max() ?? 1
    left = PatchBlock(capacity: positions * edges.rows, patchSize: kernels.grid.patchSize)
    right = PatchBlock(capacity: positions * edges.columns, patchSize: kernels.grid.patchSize)
    ordered = [Double](repeating: 0, count: positions * edges.rows * positions * edges.columns)
  }

  /// Computes the tile of two blocks of examples into `values`.
  func compute(
    _ leftPatches: Patches, _ rows: Range<Int>, _ rightPatches: Patches, _ columns: Range<Int>,
    into values: UnsafeMutablePointer<Double>
  ) {
    var firstPair = 0
    for group in pairs.groups {
      computeOrdered(leftPatches, rows, rightPatches, columns, positions: group)
      ordered.withUnsafeBufferPointer { ordered in
        guard let source = ordered.baseAddress else { return }
        Self.fold(
          source, positions: group.count, rows: rows.count, columns: columns.count,
          into: values + firstPair * rows.count * columns.count)
      }
      firstPair += PackedSymmetric.count(order: group.count)
    }
  }

  /// All K_ij of a group, position major: (i, mu) by (j, nu).
  private func computeOrdered(
    _ leftPatches: Patches, _ rows: Range<Int>, _ rightPatches: Patches, _ columns: Range<Int>, positions: Range<Int>
  ) {
    left.copy(leftPatches, rows, positions: positions)
    right.copy(rightPatches, columns, positions: positions)
    let height = rows.count * positions.count
    let width = columns.count * positions.count
    multiplyTransposed(
      left.patches, right.patches, inner: kernels.grid.patchSize, rows: height, columns: width, into: &ordered)
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
  private static func fold(
    _ source: UnsafePointer<Double>, positions: Int, rows: Int, columns: Int, into target: UnsafeMutablePointer<Double>
  ) {
    let height = positions * rows
    var output = target
    for j in 0..<positions {
      for nu in 0..<columns {
        output.update(from: source + (j * columns + nu) * height + j * rows, count: rows)
        output += rows
      }
      for i in j + 1..<max(positions, j + 1) {
        for nu in 0..<columns {
          let kernel = source + (j * columns + nu) * height + i * rows
          let mirrored = source + (i * columns + nu) * height + j * rows
          for mu in 0..<rows { output[mu] = kernel[mu] + mirrored[mu] }
          output += rows
        }
      }
    }
  }
}

extension Int {
  /// 0..<self split into consecutive blocks of at most `size`.
  func blocks(of size: Int) -> [Range<Int>] {
    stride(from: 0, to: self, by: size).map { $0..<Swift.min($0 + size, self) }
  }
}
