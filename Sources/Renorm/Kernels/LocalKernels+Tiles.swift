internal import LinearAlgebra

/// The local kernels between two blocks of examples at the positions of one group:
/// K_ij(mu, nu) stands at `values[i * rows.count + mu + (j * columns.count + nu) * stride]`, with i, j, mu and
/// nu counted from the start of their ranges.
struct KernelTile {
  let values: UnsafeMutableBufferPointer<Double>
  let positions: Range<Int>
  let rows: Range<Int>
  let columns: Range<Int>

  var stride: Int { positions.count * rows.count }

  /// The column of K_ij over the block's rows, for one example nu of the block's columns.
  func column(_ i: Int, _ j: Int, _ nu: Int) -> UnsafeMutablePointer<Double>? {
    values.baseAddress.map { $0 + i * rows.count + (j * columns.count + nu) * stride }
  }
}

extension LocalKernels {
  /// Edge of a tile, counted in patches: two blocks of patches and the tile stay in a core's cache.
  private static let tileEdge = 320

  /// Calls `body(tile, worker)` for tiles that cover all pairs of examples, in parallel.
  ///
  /// With `lowerTriangle` both sets must be the same, and only tiles on and below the diagonal are made.
  func forEachTile(
    _ left: Matrix, _ right: Matrix, positions: Range<Int>, lowerTriangle: Bool = false,
    _ body: (_ tile: KernelTile) -> Void
  ) {
    let edge = max(1, Self.tileEdge / positions.count)
    let rowBlocks = left.columnBlocks(of: edge)
    let columnBlocks = right.columnBlocks(of: edge)
    var pairs: [(Range<Int>, Range<Int>)] = []
    for columns in columnBlocks {
      for rows in rowBlocks where !lowerTriangle || rows.lowerBound >= columns.lowerBound {
        pairs.append((rows, columns))
      }
    }
    let capacity = positions.count * edge
    let workers = min(max(threads, 1), max(pairs.count, 1))
    let scratch = (0..<workers).map { _ in TileScratch(capacity: capacity, grid: grid) }
    Parallel.forEach(pairs.count, threads: workers) { index, worker in
      let (rows, columns) = pairs[index]
      scratch[worker].fill(self, left, rows, right, columns, positions: positions, body)
    }
  }
}

/// Storage that one worker reuses from tile to tile.
private final class TileScratch {
  private var left: PatchBlock
  private var right: PatchBlock
  private var values: [Double]

  init(capacity: Int, grid: PatchGrid) {
    left = PatchBlock(capacity: capacity, grid: grid)
    right = PatchBlock(capacity: capacity, grid: grid)
    values = [Double](repeating: 0, count: capacity * capacity)
  }

  func fill(
    _ kernels: LocalKernels, _ leftInputs: Matrix, _ rows: Range<Int>, _ rightInputs: Matrix,
    _ columns: Range<Int>, positions: Range<Int>, _ body: (KernelTile) -> Void
  ) {
    let grid = kernels.grid
    left.gather(leftInputs, rows, positions: positions, grid: grid, lambda0: kernels.lambda0)
    right.gather(rightInputs, columns, positions: positions, grid: grid, lambda0: kernels.lambda0)
    let height = left.columns
    let width = right.columns
    multiplyTransposed(
      left.patches, right.patches, inner: grid.patchSize, rows: height, columns: width, into: &values)
    values.withUnsafeMutableBufferPointer { values in
      left.variances.withUnsafeBufferPointer { variances in
        let rowVariances = UnsafeBufferPointer(rebasing: variances[0..<height])
        for column in 0..<width {
          kernels.activation.replaceBySecondMoments(
            UnsafeMutableBufferPointer(rebasing: values[column * height..<(column + 1) * height]),
            rowVariances: rowVariances, columnVariance: right.variances[column])
        }
      }
      body(KernelTile(values: values, positions: positions, rows: rows, columns: columns))
    }
  }
}

extension Matrix {
  /// The columns split into consecutive blocks of at most `size`.
  func columnBlocks(of size: Int) -> [Range<Int>] {
    Swift.stride(from: 0, to: columns, by: size).map { $0..<min($0 + size, columns) }
  }
}
