internal import LinearAlgebra

/// The local kernels of a training set, tile by tile: for every pair of positions that share a filter the
/// symmetric matrix K_ii, or K_ij + K_ij^T.
///
/// Renormalized kernel, gradient and curvature of the action are each one pass over the tiles, which are held
/// in memory or computed anew on every pass.
struct KernelBank: Sendable {
  /// Tiles of the lower triangle. A column block starts at its first row, so that only the first tile of a
  /// block reaches above the diagonal; what stands there is zero. Elements on the diagonal are halved: every
  /// stored element then stands for itself and its mirror image.
  struct Layout: Equatable, Sendable {
    struct Tile: Equatable, Sendable {
      let rows: Range<Int>
      let columns: Range<Int>
      /// First element in the storage.
      let offset: Int
    }

    let tiles: [Tile]
    /// Number of elements.
    let count: Int

    init(order: Int, pairs: Int, edges: TileEdges) {
      var tiles: [Tile] = []
      var offset = 0
      // Next to each other stand tiles of nearly the same rows: sums over columns stay in a core's cache.
      for distance in stride(from: 0, to: order, by: edges.rows) {
        for columns in order.blocks(of: edges.columns) where columns.lowerBound + distance < order {
          let start = columns.lowerBound + distance
          let rows = start..<Swift.min(start + edges.rows, order)
          tiles.append(Tile(rows: rows, columns: columns, offset: offset))
          offset += rows.count * columns.count * pairs
        }
      }
      self.tiles = tiles
      count = offset
    }
  }

  enum Storage: Sendable {
    case float64([Double])
    case float32([Float])
    case recomputed
  }

  let local: LocalKernels
  let examples: Matrix
  let layout: Layout
  let storage: Storage
  private let edges: TileEdges

  var pairs: PositionPairs { local.pairs }
  /// Number of examples P.
  var order: Int { examples.columns }

  init(_ local: LocalKernels, _ examples: Matrix, plan: MemoryPlan.Storage = .float64) {
    self.local = local
    self.examples = examples
    edges = TileEdges(local.pairs)
    layout = Layout(order: examples.columns, pairs: local.pairs.count, edges: edges)
    switch plan {
    case .float64:
      storage = .float64(Self.filled(local, examples, layout, edges) { $0 })
    case .float32:
      storage = .float32(Self.filled(local, examples, layout, edges) { Float($0) })
    case .tiles:
      storage = .recomputed
    }
  }

  private static func filled<Element: BinaryFloatingPoint>(
    _ local: LocalKernels, _ examples: Matrix, _ layout: Layout, _ edges: TileEdges,
    _ convert: (Double) -> Element
  ) -> [Element] {
    [Element](unsafeUninitializedCapacity: layout.count) { storage, count in
      Parallel.forEachWorker(layout.tiles.count, threads: local.threads) { indices in
        let maker = TileMaker(local, examples, edges)
        for tile in indices.map({ layout.tiles[$0] }) {
          maker.make(tile) { values in
            for k in 0..<tile.rows.count * tile.columns.count * local.pairs.count {
              storage[tile.offset + k] = convert(values[k])
            }
          }
        }
      }
      count = layout.count
    }
  }

  /// Calls `body(tile, worker)` for all tiles, in parallel; a worker's tiles come in a fixed order.
  func forEachTile(_ body: (_ tile: KernelTile, _ worker: Int) -> Void) {
    Parallel.forEachWorker(layout.tiles.count, threads: local.threads) { indices in
      let maker = TileMaker(local, examples, edges)
      for tile in indices.map({ layout.tiles[$0] }) {
        func visit(_ values: UnsafePointer<Double>) {
          body(
            KernelTile(values: values, pairs: pairs.count, rows: tile.rows, columns: tile.columns),
            indices.worker)
        }
        switch storage {
        case .float64(let elements):
          elements.withUnsafeBufferPointer { if let base = $0.baseAddress { visit(base + tile.offset) } }
        case .float32(let elements): maker.convert(elements, tile, visit)
        case .recomputed: maker.make(tile, visit)
        }
      }
    }
  }

  /// The lower triangle of sum_ij W_ij K_ij for symmetric n x n weights.
  func weightedSum(_ weights: Matrix) -> Matrix {
    let pairWeights = pairs.weights(weights)
    var result = Matrix(rows: order, columns: order)
    result.withUnsafeMutableElements { result in
      guard let target = result.baseAddress else { return }
      forEachTile { tile, _ in tile.writeWeightedSum(pairWeights, to: target, stride: order) }
      for i in 0..<order { target[i + i * order] *= 2 }
    }
    return result
  }

  /// The lower triangle of scale * sum_ij [ W_ij Kc_ij + R_ij m_i m_j^T ], Kc_ij = K_ij - m_i m_j^T, for means m of
  /// size P x n; without means that of scale * sum_ij W_ij K_ij.
  func renormalizedKernel(_ scale: Double, covariance w: Matrix, mean r: Matrix, _ means: Matrix?) -> Matrix {
    var kernel = weightedSum(scale * w)
    if let means { kernel.add(scale, congruence: means, r - w, means) }
    return kernel
  }

  /// The n x n matrices sum (K_ij)_(mu nu) H_(mu nu), symmetrised in i and j, for a symmetric H of which the
  /// lower triangle is read, and for H = u u^T.
  func contract(lower h: Matrix, outer u: [Double]) -> (lower: Matrix, outer: Matrix) {
    let workers = Parallel.workers(layout.tiles.count, threads: local.threads)
    var sums = Matrix(rows: pairs.count, columns: 2 * workers)
    sums.withUnsafeMutableElements { sums in
      h.withUnsafeElements { h in
        u.withUnsafeBufferPointer { u in
          guard let sums = sums.baseAddress, let h = h.baseAddress, let u = u.baseAddress else { return }
          forEachTile { tile, worker in
            let own = sums + 2 * worker * pairs.count
            tile.addProjections(h, u, order: order, to: own)
          }
        }
      }
    }
    let total = { (part: Int) in
      pairs.matrix(
        sums: (0..<pairs.count).map { a in
          2 * (0..<workers).reduce(0) { $0 + sums[a, 2 * $1 + part] }
        })
    }
    return (total(0), total(1))
  }
}

extension KernelTile {
  /// Adds sum_(mu nu) K_a H over the tile to `sums[a]`, and sum K_a u u^T to the next `pairs` numbers.
  fileprivate func addProjections(
    _ h: UnsafePointer<Double>, _ u: UnsafePointer<Double>, order: Int, to sums: UnsafeMutablePointer<Double>
  ) {
    for nu in 0..<columns.count {
      let example = columns.lowerBound + nu
      let kernels = column(nu)
      addTransposedProduct(
        rows: rows.count, columns: pairs, 1, kernels, h + rows.lowerBound + example * order, to: sums)
      addTransposedProduct(
        rows: rows.count, columns: pairs, u[example], kernels, u + rows.lowerBound, to: sums + pairs)
    }
  }
}

/// Makes tiles of a bank in storage of its own.
private final class TileMaker {
  private let scratch: TileScratch
  private let examples: Matrix
  private let pairs: Int
  private var values: [Double]

  init(_ local: LocalKernels, _ examples: Matrix, _ edges: TileEdges) {
    scratch = TileScratch(local, local.pairs, edges)
    self.examples = examples
    pairs = local.pairs.count
    values = [Double](repeating: 0, count: edges.rows * edges.columns * local.pairs.count)
  }

  /// Computes a tile, zero above the diagonal and halved on it.
  func make(_ tile: KernelBank.Layout.Tile, _ body: (UnsafePointer<Double>) -> Void) {
    values.withUnsafeMutableBufferPointer { values in
      guard let base = values.baseAddress else { return }
      scratch.compute(examples, tile.rows, examples, tile.columns, into: base)
      if tile.rows.lowerBound == tile.columns.lowerBound {
        for nu in 0..<tile.columns.count {
          for pair in 0..<pairs {
            let column = base + (nu * pairs + pair) * tile.rows.count
            for mu in 0..<nu { column[mu] = 0 }
            column[nu] /= 2
          }
        }
      }
      body(base)
    }
  }

  /// Converts a stored tile to double precision.
  func convert(_ elements: [Float], _ tile: KernelBank.Layout.Tile, _ body: (UnsafePointer<Double>) -> Void) {
    let count = tile.rows.count * tile.columns.count * pairs
    values.withUnsafeMutableBufferPointer { values in
      elements.withUnsafeBufferPointer { elements in
        guard let base = values.baseAddress, let source = elements.baseAddress else { return }
        for k in 0..<count { base[k] = Double(source[tile.offset + k]) }
        body(base)
      }
    }
  }
}
