internal import LinearAlgebra

extension KernelBank {
  /// The products K_a v_r of the symmetric kernel of every pair a with the columns of a P x R matrix:
  /// R matrices of size P x pairs.
  func products(_ vectors: Matrix) -> [Matrix] {
    let workers = Parallel.workers(layout.tiles.count, threads: local.threads)
    let size = order * pairs.count
    let count = vectors.columns
    var sums = [Double](repeating: 0, count: size * count * workers)
    let transposed = vectors.transposed
    sums.withUnsafeMutableBufferPointer { sums in
      guard let base = sums.baseAddress else { return }
      forEachTile { tile, worker in
        tile.addProducts(vectors, transposed, order: order, to: base + size * count * worker)
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
  fileprivate func addProducts(
    _ vectors: Matrix, _ transposed: Matrix, order: Int, to sums: UnsafeMutablePointer<Double>
  ) {
    let count = vectors.columns
    let height = rows.count
    // (mu, pair) x nu times nu x r.
    let direct = product(values, rows: height * pairs, vectors, range: columns)
    // r x mu times mu x (pair, nu).
    let mirrored = product(transposed, range: rows, values, columns: pairs * columns.count)
    direct.withUnsafeBufferPointer { direct in
      mirrored.withUnsafeBufferPointer { mirrored in
        for r in 0..<count {
          for pair in 0..<pairs {
            let target = order * (pair + pairs * r)
            let source = height * (pair + pairs * r)
            for mu in 0..<height { sums[target + rows.lowerBound + mu] += direct[source + mu] }
            for nu in 0..<columns.count {
              sums[target + columns.lowerBound + nu] += mirrored[r + count * (pair + pairs * nu)]
            }
          }
        }
      }
    }
  }
}
