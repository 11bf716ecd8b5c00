internal import CVectorKernels
package import LinearAlgebra

extension TiledBank {
  /// Vectors that are multiplied at once.
  package static let productWidth = Int(renorm_product_width)

  /// The products K_a v_r of the symmetric kernel of every pair a with the columns of a P x R matrix, R <= 8: R
  /// matrices of size P x pairs, in one pass over the kernels where they are held in memory. They are the
  /// vectors whose Gram matrices are the second derivatives of the data part (`BankDataTerm.curvature`).
  package func products(_ vectors: Matrix) -> [Matrix] {
    let width = Self.productWidth
    precondition(
      vectors.columns <= width && vectors.rows == order, "\(vectors.columns) vectors of \(vectors.rows)")
    var rows = [Double](repeating: 0, count: width * order)
    for r in 0..<vectors.columns {
      for mu in 0..<order { rows[width * mu + r] = vectors[mu, r] }
    }
    var results = [Matrix](repeating: Matrix(rows: order, columns: pairs.count), count: vectors.columns)
    for block in pairs.count.blocks(of: productBlock) { addProducts(rows, block, to: &results) }
    return results
  }

  /// Pairs whose sums are made in one pass over the tiles: so many that the sums, 8 P numbers for each pair and
  /// 1 MiB in all, stay in a core's cache, but all where tiles are computed anew.
  private var productBlock: Int {
    if case .recomputed = storage { return max(pairs.count, 1) }
    return max(1, (1 << 17) / (Self.productWidth * order))
  }

  private func addProducts(_ rows: [Double], _ block: Range<Int>, to results: inout [Matrix]) {
    let width = Self.productWidth
    let workers = Parallel.workers(layout.tiles.count, threads: local.threads)
    let count = order * block.count
    var sums = [Double](repeating: 0, count: width * count * workers)
    sums.withUnsafeMutableBufferPointer { sums in
      rows.withUnsafeBufferPointer { rows in
        guard let base = sums.baseAddress, let rows = rows.baseAddress else { return }
        forEachTile(pairs: block) { tile, worker in
          tile.addProducts(rows, width: width, order: order, to: base + width * count * worker)
        }
        for r in results.indices {
          results[r].withUnsafeMutableElements { elements in
            for k in 0..<count {
              var sum = base[width * k + r]
              for worker in 1..<max(workers, 1) { sum += base[width * (count * worker + k) + r] }
              elements[order * block.lowerBound + k] = sum
            }
          }
        }
      }
    }
  }
}

extension KernelTile {
  /// Adds K v and K^T v of the tile, which by the storage convention make up the symmetric product, to the rows
  /// `sums[width * (mu + order * pair)]`.
  fileprivate func addProducts(
    _ vectors: UnsafePointer<Double>, width: Int, order: Int, to sums: UnsafeMutablePointer<Double>
  ) {
    for pair in 0..<pairs {
      let target = sums + width * order * pair
      renorm_symmetric_products(
        values + pair * area, rows.count, columns.count, vectors + width * rows.lowerBound,
        vectors + width * columns.lowerBound, target + width * rows.lowerBound,
        target + width * columns.lowerBound)
    }
  }
}
