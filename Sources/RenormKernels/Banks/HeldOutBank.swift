package import LinearAlgebra

/// The local kernels K_ij(X, x) between P training examples and b held-out points, held in memory. The
/// renormalized kernels of every network on the same training set,
///
///     k(X, x) = sum_ij [ W_ij K_ij(X, x) + D_ij m_i(X) m_j(x) ]   (`RenormalizedKernel`)
///
/// are then one pass over them: what a sweep over temperatures and widths predicts with.
package struct HeldOutBank: Sendable {
  /// K_ii or K_ij + K_ji for every pair of positions, tile by tile.
  private let elements: [Double]
  private let tiles: [TileSlot]
  private let pairs: IndexPairs
  private let threads: Int
  /// P.
  private let trainingCount: Int
  /// K_ii or 2 K_ij at (x, x), points x pairs.
  private let diagonals: Matrix
  /// m_i(X) and m_i(x); nil where they vanish.
  private let means: (training: Matrix, points: Matrix)?

  /// Number of points b.
  package var points: Int { diagonals.rows }

  /// Numbers that are held for P training examples and b points: (P + 1) b for every pair of positions.
  package static func count(_ local: LocalKernels, examples: Int, points: Int) -> Int {
    local.pairs.count.multipliedReportingOverflow(by: (examples + 1) * points).partialValue
  }

  /// - Parameter trainingMeans: m_i(X), P x n; nil for odd activations.
  package init(_ local: LocalKernels, _ examples: Matrix, points: Matrix, trainingMeans: Matrix?) {
    pairs = local.pairs
    threads = local.threads
    trainingCount = examples.columns
    let layout = local.tiles(pairs, rows: examples.columns, columns: points.columns)
    tiles = layout.tiles
    elements = [Double](unsafeUninitializedCapacity: layout.count) { storage, count in
      count = layout.count
      adviseLargePages(storage)
      guard let base = storage.baseAddress else { return }
      let left = Patches(examples, of: local)
      let right = Patches(points, of: local)
      Parallel.forEachWorker(layout.tiles.count, threads: local.threads) { indices in
        let scratch = TileScratch(local, local.pairs, TileEdges(local.pairs))
        for tile in indices.lazy.map({ layout.tiles[$0] }) {
          scratch.compute(left, tile.rows, right, tile.columns, into: base + tile.offset)
        }
      }
    }
    diagonals = local.pairDiagonals(points)
    means = trainingMeans.map { ($0, local.means(points)) }
  }

  /// k(X, x) = sum_ij [ W_ij K_ij(X, x) + D_ij m_i(X) m_j(x) ], P x b.
  package func cross(_ kernel: RenormalizedKernel) -> Matrix {
    let pairWeights = pairs.weights(kernel.weights)
    var result = Matrix(rows: trainingCount, columns: diagonals.rows)
    result.withUnsafeMutableElements { result in
      elements.withUnsafeBufferPointer { elements in
        guard let target = result.baseAddress, let base = elements.baseAddress else { return }
        Parallel.forEachWorker(tiles.count, threads: threads) { indices in
          for index in indices {
            let tile = tiles[index]
            KernelTile(values: base + tile.offset, pairs: pairs.count, rows: tile.rows, columns: tile.columns)
              .writeWeightedSum(pairWeights, to: target, stride: trainingCount)
          }
        }
      }
    }
    if let means, let weights = kernel.meanWeights {
      result.add(1, congruence: means.training, weights, means.points)
    }
    return result
  }

  /// k(x, x), b numbers.
  package func diagonal(_ kernel: RenormalizedKernel) -> [Double] {
    var result = diagonals * pairs.weights(kernel.weights)
    if let means, let weights = kernel.meanWeights {
      let weighted = means.points * weights
      for p in result.indices { result[p] += dot(means.points.row(p), weighted.row(p)) }
    }
    return result
  }
}
