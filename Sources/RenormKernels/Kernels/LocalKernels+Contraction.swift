package import LinearAlgebra

extension LocalKernels {
  /// sum_ij W_ij K_ij(x, x') for two sets of examples and symmetric n x n weights: P x P'. With W = Q/(lambda1
  /// n) it is the renormalized kernel of docs/theory.md, section 3; with W = S/(lambda1 n) that of infinite
  /// width.
  ///
  /// Streams over tiles; only the result is stored. Costs one activation for every pair of examples and pair
  /// (i, j) of positions with a weight, n for diagonal weights. W_ij must vanish between positions of different
  /// groups.
  package func contract(_ weights: Matrix, _ left: Matrix, _ right: Matrix) -> Matrix {
    contract(weights, Patches(left, of: self), Patches(right, of: self), lowerTriangle: false)
  }

  /// The lower triangle of sum_ij W_ij K_ij over one set of examples, P x P; elements above it are not all
  /// computed.
  package func contract(_ weights: Matrix, _ examples: Matrix) -> Matrix {
    let patches = Patches(examples, of: self)
    return contract(weights, patches, patches, lowerTriangle: true)
  }

  private func contract(_ weights: Matrix, _ left: Patches, _ right: Patches, lowerTriangle: Bool) -> Matrix {
    precondition(weights.rows == positions && weights.columns == positions, "weights of order \(weights.rows)")
    let pairs = pairs.restricted(to: weights)
    let pairWeights = pairs.weights(weights)
    var result = Matrix(rows: left.count, columns: right.count)
    result.withUnsafeMutableElements { result in
      guard let target = result.baseAddress else { return }
      forEachTile(pairs, left, right, form: .summed, lowerTriangle: lowerTriangle) {
        $0.writeWeightedSum(pairWeights, to: target, stride: left.count)
      }
    }
    return result
  }

  /// Calls `body` with every tile of the kernels between two sets of examples, in parallel; a tile is gone
  /// after its call.
  func forEachTile(
    _ pairs: IndexPairs, _ left: Patches, _ right: Patches, form: TileForm, lowerTriangle: Bool = false,
    _ body: (KernelTile) -> Void
  ) {
    let edges = TileEdges(pairs)
    let count = form.count(pairs)
    let tiles = tiles(pairs, rows: left.count, columns: right.count).tiles.filter {
      !lowerTriangle || $0.rows.upperBound > $0.columns.lowerBound
    }
    Parallel.forEachWorker(tiles.count, threads: threads) { indices in
      let scratch = TileScratch(self, pairs, edges)
      var values = [Double](repeating: 0, count: edges.rows * edges.columns * count)
      values.withUnsafeMutableBufferPointer { values in
        guard let base = values.baseAddress else { return }
        for tile in indices.map({ tiles[$0] }) {
          scratch.compute(left, tile.rows, right, tile.columns, into: base, form: form)
          body(KernelTile(values: base, pairs: count, rows: tile.rows, columns: tile.columns))
        }
      }
    }
  }

  /// The tiles of the kernels between two sets of P and P' examples, with their places in a storage for all
  /// pairs, and the size of that storage, P P' pairs.
  package func tiles(_ pairs: IndexPairs, rows: Int, columns: Int) -> (tiles: [TileSlot], count: Int) {
    let edges = TileEdges(pairs)
    var tiles: [TileSlot] = []
    var offset = 0
    for columns in columns.blocks(of: edges.columns) {
      for rows in rows.blocks(of: edges.rows) {
        tiles.append(.init(rows: rows, columns: columns, offset: offset))
        offset += rows.count * columns.count * pairs.count
      }
    }
    return (tiles, offset)
  }

  /// sum_ij W_ij K_ij(x, x) for every example: P numbers, the prior variance of f(x) for the weights of K_R.
  package func contractDiagonal(_ weights: Matrix, _ examples: Matrix) -> [Double] {
    let pairs = pairs.restricted(to: weights)
    let pairWeights = pairs.weights(weights)
    var result = [Double](repeating: 0, count: examples.columns)
    result.withUnsafeMutableBufferPointer { result in
      guard let result = result.baseAddress else { return }
      forEachDiagonal(pairs, examples) { result[$0] = dot(pairWeights, $1) }
    }
    return result
  }

  /// K_ii(x, x), or K_ij(x, x) + K_ji(x, x) = 2 K_ij(x, x), of every pair: P x pairs.
  package func pairDiagonals(_ examples: Matrix) -> Matrix {
    var result = Matrix(rows: examples.columns, columns: pairs.count)
    result.withUnsafeMutableElements { elements in
      guard let elements = elements.baseAddress else { return }
      forEachDiagonal(pairs, examples) { example, values in
        for (pair, value) in values.enumerated() { elements[example + examples.columns * pair] = value }
      }
    }
    return result
  }

  private func forEachDiagonal(
    _ pairs: IndexPairs, _ examples: Matrix, _ body: (_ example: Int, _ values: [Double]) -> Void
  ) {
    let patches = Patches(examples, of: self)
    Parallel.forEachWorker(examples.columns, threads: threads) { indices in
      let scratch = TileScratch(self, pairs, TileEdges(rows: 1, columns: 1))
      var values = [Double](repeating: 0, count: pairs.count)
      for example in indices {
        values.withUnsafeMutableBufferPointer { values in
          guard let base = values.baseAddress else { return }
          scratch.compute(patches, example..<example + 1, patches, example..<example + 1, into: base)
        }
        body(example, values)
      }
    }
  }
}

extension KernelTile {
  /// Writes sum_a w_a K_a over the pairs a to its place in a column-major matrix.
  package func writeWeightedSum(_ weights: [Double], to target: UnsafeMutablePointer<Double>, stride: Int) {
    withUnsafeTemporaryAllocation(of: Double.self, capacity: area) { sum in
      guard var source = sum.baseAddress else { return }
      multiply(rows: area, columns: pairs, values, weights, into: source)
      for nu in columns {
        (target + rows.lowerBound + nu * stride).update(from: source, count: rows.count)
        source += rows.count
      }
    }
  }
}
