package import LinearAlgebra

extension OutputBank {
  /// The most numbers that products may take, 1 GiB: with ten outputs and 500 examples up to 50 positions.
  /// Steps of larger networks start from the natural metric alone.
  package static let largestProducts = 1 << 27

  /// The products K_ij v_(r d) of all kernels with the D parts, one for each output, of R vectors of length P
  /// D:
  /// P R D numbers for each (i, j). Second derivatives of the data part along any direction are sums of them.
  package func vectorProducts(_ vectors: Matrix) -> OutputProducts { OutputProducts(self, vectors) }

  /// The products of the kernel of every pair of indices, K_(ic)(jd) (x) E_cd and its mirror image, with a few
  /// vectors: R matrices of size P D x pairs.
  package func products(_ vectors: Matrix) -> [Matrix] { vectorProducts(vectors).products(of: pairs) }
}

/// Products of all kernels with fixed vectors (`OutputBank.vectorProducts`).
package struct OutputProducts: Sendable {
  private let pairs: IndexPairs
  private let outputs: Int
  private let count: Int
  /// For each vector a matrix P x (d + D (i, j)).
  private let parts: [Matrix]

  fileprivate init(_ bank: OutputBank, _ vectors: Matrix) {
    let (tiles, d, r) = (bank.tiles, bank.outputs, vectors.columns)
    let (p, slots) = (tiles.order, tiles.slots)
    (pairs, outputs, count) = (tiles.pairs, d, r)
    // P x (d + D r).
    let columns = Matrix(
      columns: (0..<r).flatMap { k in
        (0..<d).map { c in (0..<p).map { vectors[$0 * d + c, k] } }
      })
    let ordered = tiles.pairs.ordered
    let places = Dictionary(uniqueKeysWithValues: ordered.enumerated().map { ([$1.i, $1.j], $0) })
    let mirrors = ordered.map { places[[$0.j, $0.i]] ?? 0 }
    let workers = Parallel.workers(tiles.layout.tiles.count, threads: tiles.local.threads)
    let size = p * d * r
    var sums = [Double](repeating: 0, count: size * slots * workers)
    sums.withUnsafeMutableBufferPointer { sums in
      columns.withUnsafeElements { columns in
        guard let base = sums.baseAddress, let columns = columns.baseAddress else { return }
        tiles.forEachTile { tile, worker in
          let (rows, width) = (tile.rows.count, tile.columns.count)
          let (above, left) = (tile.columns.lowerBound, tile.rows.lowerBound)
          for slot in 0..<slots {
            let target = base + size * (slot + slots * worker)
            MatrixView(target + left, rows, d * r, stride: p).setProduct(
              MatrixView(tile.values + slot * tile.area, rows, width),
              MatrixView(columns + above, width, d * r, stride: p), adding: 1)
            // (K_ij)_(nu mu) = (K_ji)_(mu nu).
            MatrixView(target + above, width, d * r, stride: p).setProduct(
              MatrixView(tile.values + mirrors[slot] * tile.area, rows, width).transposed,
              MatrixView(columns + left, rows, d * r, stride: p), adding: 1)
          }
        }
      }
    }
    parts = (0..<r).map { k in
      var part = Matrix(rows: p, columns: d * slots)
      part.withUnsafeMutableElements { part in
        for slot in 0..<slots {
          for worker in 0..<workers {
            let source = size * (slot + slots * worker) + p * d * k
            let target = p * d * slot
            for element in 0..<p * d { part[target + element] += sums[source + element] }
          }
        }
      }
      return part
    }
  }

  /// - Parameter parts: for each vector the products K_ij v_d, P x (d + D (i, j)).
  init(_ pairs: IndexPairs, outputs: Int, parts: [Matrix]) {
    (self.pairs, self.outputs, self.parts) = (pairs, outputs, parts)
    count = parts.count
  }

  /// The products of every vector with the kernel of each pair of indices (i, c) and its mirror image, P D x
  /// pairs.
  func products(of pairs: IndexPairs) -> [Matrix] {
    let columns = pairs.pairs.map { pair in
      var weights = Matrix(rows: pairs.positions, columns: pairs.positions)
      weights[pair.i, pair.j] = 1
      weights[pair.j, pair.i] = 1
      return forward(weights)
    }
    return (0..<count).map { r in Matrix(columns: columns.map { $0.column(r) }) }
  }

  /// Numbers that are held for R vectors, those of workers included.
  package static func count(_ pairs: IndexPairs, order: Int, outputs: Int, vectors: Int, threads: Int) -> Int {
    pairs.orderedCount.multipliedReportingOverflow(by: order * outputs * vectors * (threads + 1)).partialValue
  }

  /// (sum W_(ic)(jd) K_ij (x) E_cd) v_r for every vector, P D x R, with symmetric weights of order n D.
  package func forward(_ weights: Matrix) -> Matrix {
    let ordered = pairs.ordered
    let arranged = Matrix(rows: outputs * ordered.count, columns: outputs) { row, c in
      let (d, pair) = (row % outputs, ordered[row / outputs])
      return weights[pair.i * outputs + c, pair.j * outputs + d]
    }
    return Matrix(columns: parts.map { ($0 * arranged).interleaved })
  }

  /// sum_r (w_r)_c^T K_ij (v_r)_d, of order n D, symmetrised: the adjoint of `forward`.
  package func adjoint(_ vectors: Matrix) -> Matrix {
    var total = Matrix(rows: outputs * pairs.orderedCount, columns: outputs)
    for r in 0..<count {
      total = total + parts[r].asTranspose * Matrix(interleaved: vectors.column(r), columns: outputs)
    }
    return pairs.gradient(outputs: outputs) { slot, c, d in total[slot * outputs + d, c] / 2 }
  }
}
