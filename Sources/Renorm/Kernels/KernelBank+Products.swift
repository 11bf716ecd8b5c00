internal import LinearAlgebra

extension KernelBank {
  /// The products K_a v_r of the symmetric kernel of every pair a with the columns of a P x R matrix:
  /// R matrices of size P x pairs.
  func products(_ vectors: Matrix) -> [Matrix] {
    let workers = Parallel.workers(layout.tiles.count, threads: local.threads)
    let size = order * pairs.count
    let count = vectors.columns
    var sums = [Double](repeating: 0, count: size * count * workers)
    sums.withUnsafeMutableBufferPointer { sums in
      vectors.withUnsafeElements { vectors in
        guard let base = sums.baseAddress, let vectors = vectors.baseAddress else { return }
        forEachTile { tile, worker in
          tile.addProducts(vectors, count: count, order: order, to: base + size * count * worker)
        }
      }
    }
    return (0..<count).map { r in
      var total = Array(sums[r * size..<(r + 1) * size])
      for worker in 1..<max(workers, 1) {
        let start = size * (r + count * worker)
        for k in 0..<size { total[k] += sums[start + k] }
      }
      return Matrix(rows: order, columns: pairs.count, elements: total)
    }
  }
}

extension KernelTile {
  /// Adds K v and K^T v of the tile, which by the storage convention make up the symmetric product, to
  /// `sums[mu + order * (pair + pairs * r)]`.
  ///
  /// Pair by pair, so that BLAS adds to the sums where they are: to sort its results costs more than they do.
  fileprivate func addProducts(
    _ vectors: UnsafePointer<Double>, count: Int, order: Int, to sums: UnsafeMutablePointer<Double>
  ) {
    for pair in 0..<pairs {
      let kernel = values + pair * area
      let target = sums + pair * order
      addProduct(
        rows: rows.count, columns: count, inner: columns.count, kernel, rows.count, vectors + columns.lowerBound, order,
        to: target + rows.lowerBound, order * pairs)
      addTransposedProduct(
        rows: columns.count, columns: count, inner: rows.count, kernel, rows.count, vectors + rows.lowerBound, order,
        to: target + columns.lowerBound, order * pairs)
    }
  }
}
