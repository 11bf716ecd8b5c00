package import LinearAlgebra

/// The kernels of D outputs that share the hidden layer (docs/theory.md, section 5): indices (i, c) of position
/// and output at i D + c, examples (mu, c) at mu D + c, and the kernel of a pair
///
///     K_(ic)(jd) = K_ij (x) E_cd,   so that   A_(mu c)(nu d) = T + 1/(lambda1 n) sum_ij Q_(ic)(jd) (K_ij)_(mu
/// nu).
///
/// None of these matrices of order P D is stored. Weights between outputs have no symmetry in i and j alone, so
/// tiles hold K_ij and K_ji apart, over mu >= nu: n^2 P^2/2 numbers for a CNN. A pass multiplies each tile,
/// read as a matrix of (i, j) by (mu, nu), once with D^2 columns: the work of D(D+1)/2 sums of P x P kernels.
package struct OutputBank: Sendable {
  package let tiles: TiledBank
  /// D.
  package let outputs: Int
  /// Pairs of indices (i, c).
  package let pairs: IndexPairs

  /// P D.
  package var order: Int { tiles.order * outputs }
  package var elementRounding: Double { tiles.elementRounding }

  /// - Parameter tiles: of the form `ordered`.
  package init(_ tiles: TiledBank, outputs: Int) {
    precondition(tiles.form == .ordered, "tiles without K_ij and K_ji apart")
    self.tiles = tiles
    self.outputs = outputs
    pairs = tiles.pairs.coupled(outputs: outputs)
  }

  /// The lower triangle of sum W_(ic)(jd) K_ij (x) E_cd, P D x P D, for symmetric weights of order n D.
  package func weightedSum(_ weights: Matrix) -> Matrix {
    let slotWeights = tiles.pairs.slotWeights(weights, outputs: outputs)
    var result = Matrix(rows: order, columns: order)
    result.withUnsafeMutableElements { result in
      guard let target = result.baseAddress else { return }
      tiles.forEachTile { tile, _ in
        tile.writeOutputs(slotWeights, outputs, to: target, stride: order)
      }
      // Tiles hold half of the diagonal in mu.
      for mu in 0..<tiles.order {
        for d in 0..<outputs {
          let column = target + (mu * outputs + d) * order + mu * outputs
          for c in 0..<outputs { column[c] *= 2 }
        }
      }
    }
    return result
  }

  /// The matrices sum_(mu nu) (K_ij)_(mu nu) H_(mu c)(nu d), of order n D, for a symmetric H of order P D of
  /// which the lower triangle is read, and for H = u u^T, in one pass.
  package func contract(lower h: Matrix, outer u: [Double]) -> (lower: Matrix, outer: Matrix) {
    let count = outputs * outputs
    let workers = Parallel.workers(tiles.layout.tiles.count, threads: tiles.local.threads)
    var sums = Matrix(rows: tiles.slots, columns: 2 * count * workers)
    sums.withUnsafeMutableElements { sums in
      h.withUnsafeElements { h in
        u.withUnsafeBufferPointer { u in
          guard let sums = sums.baseAddress, let h = h.baseAddress, let u = u.baseAddress else { return }
          tiles.forEachTile { tile, worker in
            tile.addOutputProjections(h, u, outputs, order: order, to: sums + 2 * count * worker * tiles.slots)
          }
        }
      }
    }
    let total = { (part: Int) in
      tiles.pairs.gradient(outputs: outputs) { slot, c, d in
        (0..<workers).reduce(0) { $0 + sums[slot, (2 * $1 + part) * count + c + outputs * d] }
      }
    }
    return (total(0), total(1))
  }
}

extension IndexPairs {
  /// The symmetric matrix G_(ic)(jd) = r_ij(c, d) + r_ji(d, c) of sums over one triangle of examples.
  func gradient(outputs: Int, _ sum: (_ slot: Int, _ c: Int, _ d: Int) -> Double) -> Matrix {
    var result = Matrix(rows: positions * outputs, columns: positions * outputs)
    for (slot, pair) in ordered.enumerated() {
      for d in 0..<outputs {
        for c in 0..<outputs {
          let value = sum(slot, c, d)
          result[pair.i * outputs + c, pair.j * outputs + d] += value
          result[pair.j * outputs + d, pair.i * outputs + c] += value
        }
      }
    }
    return result
  }
}

extension KernelTile {
  /// Adds sum_(mu nu) (K_ij)_(mu nu) H_(mu c)(nu d) over the tile to column c + D d of `sums`, (i, j) in rows,
  /// and the same with u u^T to the D^2 columns that follow.
  fileprivate func addOutputProjections(
    _ h: UnsafePointer<Double>, _ u: UnsafePointer<Double>, _ outputs: Int, order: Int,
    to sums: UnsafeMutablePointer<Double>
  ) {
    let count = outputs * outputs
    withUnsafeTemporaryAllocation(of: Double.self, capacity: 2 * count * area) { weights in
      guard let weights = weights.baseAddress else { return }
      for (column, nu) in columns.enumerated() {
        for d in 0..<outputs {
          let source = h + (nu * outputs + d) * order
          let other = u[nu * outputs + d]
          var place = weights + 2 * count * column * rows.count + outputs * d
          for mu in rows {
            for c in 0..<outputs {
              let row = mu * outputs + c
              // Above the diagonal of examples, where tiles hold zeros, H need not be anything.
              place[c] =
                mu > nu ? source[row] : mu < nu ? 0 : c >= d ? source[row] : h[row * order + nu * outputs + d]
              place[count + c] = u[row] * other
            }
            place += 2 * count
          }
        }
      }
      MatrixView(sums, pairs, 2 * count).setProduct(
        MatrixView(values, area, pairs).transposed, MatrixView(weights, 2 * count, area).transposed, adding: 1)
    }
  }
}
