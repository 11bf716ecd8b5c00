package import LinearAlgebra
package import RenormAction
package import RenormKernels

/// The hidden unit of a network in the frame of its order parameter: Q0 = L L^T, phi_b = sum_i s(h_i) L_ib.
///
/// In the frame the order parameter is 1 + X with a symmetric X, and K_R(1 + X) = scale sum_bc (1 + X)_bc T_bc
/// with T_bc = E phi_b phi_c^T. Coordinates of X belong to an orthonormal basis e_k of the symmetric matrices
/// with the blocks of the order parameter (`BlockDiagonal.coordinates`).
package struct FeatureFrame: Sendable {
  /// Positions that share a filter: one unit of its own for the fourth cumulants.
  package struct Unit: Sendable {
    package let positions: Range<Int>
    /// Its columns b of the frame.
    package let columns: Range<Int>
    /// Its coordinates k.
    package let coordinates: Range<Int>
    /// L for these positions and columns.
    package let factor: Matrix
  }

  package let local: LocalKernels
  package let space: OrderParameterSpace
  /// Q0 in coordinates of the space, before the readout's B.
  package let orderParameter: BlockDiagonal
  /// The Cholesky factor L' of `orderParameter`; L = B L'.
  package let ownFactor: BlockDiagonal
  package let units: [Unit]
  /// Coordinates of the identity.
  package let identity: [Double]

  package init(
    _ local: LocalKernels, _ space: OrderParameterSpace, _ orderParameter: BlockDiagonal
  ) throws(LinearAlgebraError) {
    self.local = local
    self.space = space
    self.orderParameter = orderParameter
    ownFactor = try orderParameter.map { (block) throws(LinearAlgebraError) in try Cholesky(block).lowerTriangle
    }
    let whole = ownFactor.dense
    let factor = space.basis.map { $0 * whole } ?? whole
    let groups = space.basis == nil ? local.pairs.groups : [0..<local.positions]
    var units: [Unit] = []
    var (column, coordinate) = (0, 0)
    for (positions, size) in zip(groups, space.blockSizes) {
      let columns = column..<column + size
      let count = PackedSymmetric.count(order: size)
      units.append(
        Unit(
          positions: positions, columns: columns, coordinates: coordinate..<coordinate + count,
          factor: Matrix(rows: positions.count, columns: size) {
            factor[positions.lowerBound + $0, columns.lowerBound + $1]
          }))
      column += size
      coordinate += count
    }
    self.units = units
    identity = space.identity.coordinates
  }

  /// The number of coordinates.
  package var dimension: Int { identity.count }

  /// The matrix with given coordinates, in the frame.
  package func matrix(_ coordinates: [Double]) -> BlockDiagonal {
    BlockDiagonal(coordinates: coordinates, sizes: space.blockSizes)
  }

  /// The reported matrix B L' (1 + X) L'^T B^T.
  package func orderParameter(at x: [Double]) -> Matrix {
    let moved = matrix(zip(identity, x).map(+)).congruence(by: ownFactor.map(\.transposed))
    return space.matrix(moved.dense)
  }

  /// Weights of the stored pairs of positions for every e_k: pairs x dimension.
  package var pairWeights: Matrix {
    var weights = Matrix(rows: local.pairs.count, columns: dimension)
    for k in 0..<dimension {
      var unit = [Double](repeating: 0, count: dimension)
      unit[k] = 1
      let spread = matrix(unit).congruence(by: ownFactor.map(\.transposed))
      for (pair, value) in local.pairs.weights(space.matrix(spread.dense)).enumerated() {
        weights[pair, k] = value
      }
    }
    return weights
  }

  /// D_k = sum_bc (e_k)_bc T_bc between two sets of examples, one column of P P' numbers for every k.
  package func kernels(_ left: Patches, _ right: Patches) -> Matrix {
    let (pairs, weights, dimension) = (local.pairs, pairWeights, dimension)
    let edges = TileEdges(pairs)
    let tiles = local.tiles(pairs, rows: left.count, columns: right.count).tiles
    var result = Matrix(rows: left.count * right.count, columns: dimension)
    result.withUnsafeMutableElements { result in
      guard let target = result.baseAddress else { return }
      Parallel.forEachWorker(tiles.count, threads: local.threads) { indices in
        let scratch = TileScratch(local, pairs, edges)
        // Kept alive below: views do not.
        let values = WorkArray(edges.rows * edges.columns * pairs.count)
        let sums = WorkArray(edges.rows * edges.columns * dimension)
        withExtendedLifetime((values, sums)) {
          for tile in indices.lazy.map({ tiles[$0] }) {
            let (rows, columns) = (tile.rows.count, tile.columns.count)
            scratch.compute(left, tile.rows, right, tile.columns, into: values.pointer)
            let product = sums.matrix(rows * columns, dimension)
            weights.withUnsafeElements { weights in
              guard let weights = weights.baseAddress else { return }
              product.setProduct(
                values.matrix(rows * columns, pairs.count), MatrixView(weights, pairs.count, dimension))
            }
            for k in 0..<dimension {
              for nu in 0..<columns {
                let place = tile.rows.lowerBound + left.count * (tile.columns.lowerBound + nu + right.count * k)
                (target + place).update(from: product.pointer + rows * (nu + columns * k), count: rows)
              }
            }
          }
        }
      }
    }
    return result
  }

  /// The diagonals D_k(x, x), points x dimension.
  package func diagonals(_ points: Matrix) -> Matrix { local.pairDiagonals(points) * pairWeights }
}
