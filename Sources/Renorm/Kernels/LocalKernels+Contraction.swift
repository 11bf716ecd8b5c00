internal import LinearAlgebra

extension LocalKernels {
  /// sum_ij W_ij K_ij(x, x') for two sets of examples and symmetric n x n weights: P x P'.
  ///
  /// Streams over tiles; only the result is stored. W_ij must vanish between positions of different groups.
  func contract(_ weights: Matrix, _ left: Matrix, _ right: Matrix) -> Matrix {
    contract(weights, Patches(left, of: self), Patches(right, of: self), lowerTriangle: false)
  }

  /// The lower triangle of sum_ij W_ij K_ij over one set of examples: P x P.
  func contract(_ weights: Matrix, _ examples: Matrix) -> Matrix {
    let patches = Patches(examples, of: self)
    return contract(weights, patches, patches, lowerTriangle: true)
  }

  private func contract(_ weights: Matrix, _ left: Patches, _ right: Patches, lowerTriangle: Bool) -> Matrix {
    precondition(weights.rows == positions && weights.columns == positions, "weights of order \(weights.rows)")
    let pairs = pairs.restricted(to: weights)
    let pairWeights = pairs.weights(weights)
    let edges = TileEdges(pairs)
    var tiles: [(rows: Range<Int>, columns: Range<Int>)] = []
    for columns in right.count.blocks(of: edges.columns) {
      for rows in left.count.blocks(of: edges.rows) where !lowerTriangle || rows.upperBound > columns.lowerBound {
        tiles.append((rows, columns))
      }
    }
    var result = Matrix(rows: left.count, columns: right.count)
    result.withUnsafeMutableElements { result in
      guard let target = result.baseAddress else { return }
      Parallel.forEachWorker(tiles.count, threads: threads) { indices in
        let scratch = TileScratch(self, pairs, edges)
        var values = [Double](repeating: 0, count: edges.rows * edges.columns * pairs.count)
        values.withUnsafeMutableBufferPointer { values in
          guard let base = values.baseAddress else { return }
          for (rows, columns) in indices.map({ tiles[$0] }) {
            scratch.compute(left, rows, right, columns, into: base)
            let tile = KernelTile(values: base, pairs: pairs.count, rows: rows, columns: columns)
            tile.writeWeightedSum(pairWeights, to: target, stride: left.count)
          }
        }
      }
    }
    return result
  }

  /// sum_ij W_ij K_ij(x, x) for every example.
  func contractDiagonal(_ weights: Matrix, _ examples: Matrix) -> [Double] {
    let pairs = pairs.restricted(to: weights)
    let pairWeights = pairs.weights(weights)
    let single = TileEdges(rows: 1, columns: 1)
    let patches = Patches(examples, of: self)
    var result = [Double](repeating: 0, count: examples.columns)
    result.withUnsafeMutableBufferPointer { result in
      Parallel.forEachWorker(examples.columns, threads: threads) { indices in
        let scratch = TileScratch(self, pairs, single)
        var values = [Double](repeating: 0, count: pairs.count)
        for example in indices {
          values.withUnsafeMutableBufferPointer { values in
            guard let base = values.baseAddress else { return }
            scratch.compute(patches, example..<example + 1, patches, example..<example + 1, into: base)
          }
          result[example] = dot(pairWeights, values)
        }
      }
    }
    return result
  }
}

extension KernelTile {
  /// Writes sum_a w_a K_a over the pairs a to its place in a column-major matrix.
  func writeWeightedSum(_ weights: [Double], to target: UnsafeMutablePointer<Double>, stride: Int) {
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
