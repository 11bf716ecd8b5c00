package import LinearAlgebra

/// The local kernels of a training set, tile by tile: for every pair i >= j of positions that share a filter
/// the symmetric P x P matrix K_ii, or K_ij + K_ij^T (docs/theory.md, section 2); there are n(n+1)/2 pairs in a
/// CNN, n in an LCN. A *tile* is a block of rows mu and columns nu of all pairs at once, with (mu, nu) of one
/// pair in one piece:
///
///     sum_ij W_ij K_ij      matrix (mu nu) x pairs times the weights of the pairs
///     tr(K_ij H)            its transpose times H and u u^T
///
/// Renormalized kernel, gradient and curvature of the action are each one pass over the tiles, at the speed of
/// memory. They are held in double or single precision or computed anew on every pass, as the `MemoryPlan`
/// says.
package struct TiledBank: Sendable {
  /// Tiles of the lower triangle. A column block starts at its first row, so that only the first tile of a
  /// block reaches above the diagonal; what stands there is zero. Elements on the diagonal are halved: every
  /// stored element then stands for itself and its mirror image.
  package struct Layout: Equatable, Sendable {
    package let tiles: [TileSlot]
    /// Number of elements.
    package let count: Int

    package init(order: Int, pairs: Int, edges: TileEdges) {
      precondition(edges.rows >= edges.columns, "tiles of \(edges.rows) x \(edges.columns) examples")
      var tiles: [TileSlot] = []
      var offset = 0
      // Next to each other stand tiles of nearly the same rows: sums over columns stay in a core's cache.
      for distance in stride(from: 0, to: order, by: edges.rows) {
        for columns in order.blocks(of: edges.columns) where columns.lowerBound + distance < order {
          let start = columns.lowerBound + distance
          let rows = start..<Swift.min(start + edges.rows, order)
          tiles.append(TileSlot(rows: rows, columns: columns, offset: offset))
          offset += rows.count * columns.count * pairs
        }
      }
      self.tiles = tiles
      count = offset
    }
  }

  /// How elements are held.
  package enum Storage: Sendable {
    case float64([Double])
    /// Rounded to single precision, converted back tile by tile; sums are in double precision.
    case float32([Float])
    /// Not at all: from the patches, on every pass.
    case recomputed(Patches)
  }

  package let local: LocalKernels
  /// Which kernels tiles hold.
  package let form: TileForm
  /// Number of examples P.
  package let order: Int
  package let layout: Layout
  package let storage: Storage
  private let edges: TileEdges
  /// `LocalKernels.roundingAmplification` of the examples.
  package let amplification: Double

  package var pairs: IndexPairs { local.pairs }
  /// Number of kernels that tiles hold.
  package var slots: Int { form.count(pairs) }
  /// The size of an element's rounding error over the kernel's root mean square, for `KernelRounding`: 2^-52.
  /// Errors of single precision are independent from element to element: with the factor 3 that
  /// `KernelRounding` has for errors that are not, 2^-23/10 comes to 0.3 2^-23, about the standard deviation of
  /// rounding, 2^-23/sqrt 12.
  package var elementRounding: Double {
    // Kernels are computed in double precision in any case.
    let computed = Double.ulpOfOne * amplification
    if case .float32 = storage { return max(Double(Float.ulpOfOne) / 10, computed) } else { return computed }
  }

  /// Computes the kernels of all pairs of positions: n^2 P^2/2 activations for a CNN, n P^2/2 for an LCN.
  ///
  /// - Parameters:
  ///   - examples: inputs, one column per example.
  ///   - plan: how the kernels are held.
  ///   - form: which of them; `weightedSum`, `contract` and `products` need `summed`.
  ///   - amplification: that of the examples, where it is known already.
  package init(
    _ local: LocalKernels, _ examples: Matrix, plan: MemoryPlan.Storage = .float64, form: TileForm = .summed,
    amplification: Double? = nil
  ) {
    self.local = local
    self.form = form
    order = examples.columns
    self.amplification = amplification ?? local.roundingAmplification(examples)
    edges = TileEdges(local.pairs, storedFor: order)
    layout = Layout(order: order, pairs: form.count(local.pairs), edges: edges)
    let patches = Patches(examples, of: local)
    switch plan {
    case .float64:
      storage = .float64(
        Self.filled(local, layout, edges, form) { maker, tile, storage in
          maker.make(tile, of: patches, into: storage)
        })
    case .float32:
      storage = .float32(
        Self.filled(local, layout, edges, form) { maker, tile, storage in
          maker.make(tile, of: patches) { values in
            for k in 0..<tile.rows.count * tile.columns.count * form.count(local.pairs) {
              storage[k] = Float(values[k])
            }
          }
        })
    case .tiles:
      storage = .recomputed(patches)
    }
  }

  private static func filled<Element>(
    _ local: LocalKernels, _ layout: Layout, _ edges: TileEdges, _ form: TileForm,
    _ make: (TileMaker, TileSlot, UnsafeMutablePointer<Element>) -> Void
  ) -> [Element] {
    [Element](unsafeUninitializedCapacity: layout.count) { storage, count in
      count = layout.count
      adviseLargePages(storage)
      guard let base = storage.baseAddress else { return }
      Parallel.forEachWorker(layout.tiles.count, threads: local.threads) { indices in
        let maker = TileMaker(local, edges, form)
        for index in indices { make(maker, layout.tiles[index], base + layout.tiles[index].offset) }
      }
    }
  }

  /// Calls `body(tile, worker)` for all tiles, in parallel; a worker's tiles come in a fixed order.
  ///
  /// - Parameter range: the pairs that the tiles show; all where nil. What is computed anew is computed for all
  ///   pairs.
  package func forEachTile(
    pairs range: Range<Int>? = nil, _ body: (_ tile: KernelTile, _ worker: Int) -> Void
  ) {
    let range = range ?? 0..<slots
    Parallel.forEachWorker(layout.tiles.count, threads: local.threads) { indices in
      let maker = TileMaker(local, edges, form)
      for tile in indices.lazy.map({ layout.tiles[$0] }) {
        let area = tile.rows.count * tile.columns.count
        func visit(_ values: UnsafePointer<Double>) {
          body(
            KernelTile(values: values, pairs: range.count, rows: tile.rows, columns: tile.columns),
            indices.worker)
        }
        let start = tile.offset + area * range.lowerBound
        switch storage {
        case .float64(let elements):
          elements.withUnsafeBufferPointer { if let base = $0.baseAddress { visit(base + start) } }
        case .float32(let elements): maker.convert(elements, start..<start + area * range.count, visit)
        case .recomputed(let patches): maker.make(tile, of: patches) { visit($0 + area * range.lowerBound) }
        }
      }
    }
  }

  /// The lower triangle of sum_ij W_ij K_ij, P x P, for symmetric n x n weights: one pass over the tiles.
  package func weightedSum(_ weights: Matrix) -> Matrix {
    let pairWeights = pairs.weights(weights)
    var result = Matrix(rows: order, columns: order)
    result.withUnsafeMutableElements { result in
      guard let target = result.baseAddress else { return }
      forEachTile { tile, _ in tile.writeWeightedSum(pairWeights, to: target, stride: order) }
      for i in 0..<order { target[i + i * order] *= 2 }
    }
    return result
  }

  /// The n x n matrices tr(K_ij H) = sum_(mu nu) (K_ij)_(mu nu) H_(mu nu), symmetrised in i and j, for a
  /// symmetric P x P matrix H of which the lower triangle is read, and for H = u u^T: one pass over the tiles.
  /// With H = A^-1 and u = A^-1 y they are the two parts of N lambda1 n Gamma (docs/theory.md, section 3).
  package func contract(lower h: Matrix, outer u: [Double]) -> (lower: Matrix, outer: Matrix) {
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
  /// Adds sum_(mu nu) (K_a)_(mu nu) H_(mu nu) over the tile to `sums[a]`, and sum_(mu nu) (K_a)_(mu nu) u_mu
  /// u_nu to the next `pairs` numbers: half of tr(K_a H) in all, as tiles hold one triangle, and the diagonal
  /// by halves.
  fileprivate func addProjections(
    _ h: UnsafePointer<Double>, _ u: UnsafePointer<Double>, order: Int, to sums: UnsafeMutablePointer<Double>
  ) {
    withUnsafeTemporaryAllocation(of: Double.self, capacity: 2 * area) { weights in
      guard let weights = weights.baseAddress else { return }
      for nu in 0..<columns.count {
        let example = columns.lowerBound + nu
        let own = weights + nu * rows.count
        own.update(from: h + rows.lowerBound + example * order, count: rows.count)
        for mu in 0..<rows.count { own[area + mu] = u[example] * u[rows.lowerBound + mu] }
      }
      addTransposedProduct(
        rows: pairs, columns: 2, inner: area, values, area, weights, area, to: sums, pairs)
    }
  }
}

/// Makes tiles of a bank; what it needs for that is allocated when it is first used.
private final class TileMaker {
  private let local: LocalKernels
  private let edges: TileEdges
  private let form: TileForm
  private lazy var scratch = TileScratch(local, local.pairs, edges)
  private lazy var values = [Double](repeating: 0, count: edges.rows * edges.columns * form.count(local.pairs))

  init(_ local: LocalKernels, _ edges: TileEdges, _ form: TileForm) {
    self.local = local
    self.edges = edges
    self.form = form
  }

  /// Computes a tile, zero above the diagonal and halved on it.
  func make(_ tile: TileSlot, of patches: Patches, into target: UnsafeMutablePointer<Double>) {
    scratch.compute(patches, tile.rows, patches, tile.columns, into: target, form: form)
    guard tile.rows.lowerBound == tile.columns.lowerBound else { return }
    for nu in 0..<tile.columns.count {
      for pair in 0..<form.count(local.pairs) {
        let column = target + (nu + tile.columns.count * pair) * tile.rows.count
        for mu in 0..<min(nu, tile.rows.count) { column[mu] = 0 }
        if nu < tile.rows.count { column[nu] /= 2 }
      }
    }
  }

  /// Computes a tile in storage of its own.
  func make(_ tile: TileSlot, of patches: Patches, _ body: (UnsafePointer<Double>) -> Void) {
    values.withUnsafeMutableBufferPointer { values in
      guard let base = values.baseAddress else { return }
      make(tile, of: patches, into: base)
      body(base)
    }
  }

  /// Converts a part of a stored tile to double precision.
  func convert(_ elements: [Float], _ range: Range<Int>, _ body: (UnsafePointer<Double>) -> Void) {
    values.withUnsafeMutableBufferPointer { values in
      elements.withUnsafeBufferPointer { elements in
        guard let base = values.baseAddress, let source = elements.baseAddress else { return }
        for k in 0..<range.count { base[k] = Double(source[range.lowerBound + k]) }
        body(base)
      }
    }
  }
}
