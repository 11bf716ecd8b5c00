package import LinearAlgebra

/// The kernels of a convolutional network of two hidden layers (docs/depth.md). A filter of the second layer at
/// position I reads the m positions I + d of the first, so that with K^1_ij = k(C)_ij/lambda_1
///
///     K'_IJ(x, x') = (1/m) sum_d K^1_(I+d)(J+d)(x, x'),   g_I(x) = E s'(h), h ~ N(0, K'_II(x, x)),
///
/// and for odd activations the kernels of the two layers are
///
///     (I d), (J d'):   g_I(x) g_J(x') K^1_(I+d)(J+d') / (lambda_2 n_2 m)
///     I, J:            [ k(K')_IJ - g_I(x) g_J(x') K'_IJ ] / (lambda_2 n_2).
///
/// Index (I, d) of the first layer stands at I m + d, those of the second layer behind all of these.
package struct ConvolutionalLayers: LayerKernels {
  /// The first layer.
  package let first: LocalKernels
  /// Where the second layer lies on the positions of the first.
  package let upper: PatchGrid
  /// lambda_1 and lambda_2.
  private let lambdas: (Double, Double)

  /// - Throws: `RenormError.maskLargerThanImage` where the second mask does not fit on the first layer's
  ///   positions.
  package init(first: LocalKernels, window: Window, lambdas: [Double]) throws(RenormError) {
    precondition(lambdas.count == 2 && first.activation.isOdd, "\(lambdas.count) layers")
    self.first = first
    let positions = ImageShape(channels: 1, height: first.grid.rows, width: first.grid.columns)
    upper = try PatchGrid(mask: window.mask, stride: window.stride, padding: window.padding, on: positions)
    self.lambdas = (lambdas[0], lambdas[1])
  }

  /// The orders of P_1 and P_2.
  package var orders: [Int] { [upper.positions * upper.patchSize, upper.positions] }

  package var pairs: IndexPairs {
    IndexPairs(groups: [0..<orders[0], orders[0]..<orders[0] + orders[1]])
  }

  /// I + d.
  private func position(_ i: Int, _ d: Int) -> Int { upper.origins[i] + upper.offsets[d] }

  /// K'_II(x, x), by positions and examples.
  private func variances(_ patches: Patches) -> [[Double]] {
    (0..<upper.positions).map { i in
      (0..<patches.count).map { x in
        let sum = (0..<upper.patchSize).reduce(0.0) { sum, d in
          let variance = patches.variance(position(i, d), x)
          return sum + first.activation.secondMoment(variance, variance, variance)
        }
        return sum / (lambdas.0 * Double(upper.patchSize))
      }
    }
  }

  private func slopes(_ variances: [[Double]]) -> [[Double]] {
    variances.map { $0.map { first.activation.meanSlope(variance: $0) } }
  }

  package func blocks(_ left: Matrix, _ right: Matrix?) -> [Matrix] {
    let rows = Patches(left, of: first)
    let columns = right.map { Patches($0, of: first) } ?? rows
    let (rowVariances, columnVariances) = (variances(rows), variances(columns))
    let (rowSlopes, columnSlopes) = (slopes(rowVariances), slopes(columnVariances))
    let (n, m) = (upper.positions, upper.patchSize)
    let scale = 1 / (lambdas.1 * Double(n))
    let empty = Matrix(rows: 0, columns: 0)
    var below = [Matrix](repeating: empty, count: n * m * n * m)
    var own = [Matrix](repeating: empty, count: n * n)
    for j in 0..<n {
      // Over one set of examples K_ji is the transpose of K_ij.
      for i in (right == nil ? j : 0)..<n {
        var mean = Matrix(rows: rows.count, columns: columns.count)
        for e in 0..<m {
          for d in 0..<m {
            let kernel = first.pairKernel(rows, position(i, d), columns, position(j, e))
            if d == e { mean.add(1 / (lambdas.0 * Double(m)), kernel) }
            below[i * m + d + n * m * (j * m + e)] = kernel.scaled(
              scale / (lambdas.0 * Double(m)), rows: rowSlopes[i], columns: columnSlopes[j])
          }
        }
        var noise = mean
        noise.withUnsafeMutableElements { elements in
          rowVariances[i].withUnsafeBufferPointer { rows in
            columnVariances[j].withUnsafeBufferPointer { columns in
              first.activation.replaceBySecondMoments(elements, rowVariances: rows, columnVariances: columns)
            }
          }
        }
        own[i + n * j] =
          scale * noise - mean.scaled(scale, rows: rowSlopes[i], columns: columnSlopes[j])
        if right == nil, i > j {
          own[j + n * i] = own[i + n * j].transposed
          for e in 0..<m {
            for d in 0..<m {
              below[j * m + e + n * m * (i * m + d)] = below[i * m + d + n * m * (j * m + e)].transposed
            }
          }
        }
      }
    }
    return below + own
  }

  package func blockDiagonals(_ examples: Matrix) -> [[Double]] {
    var result = [[Double]](repeating: [], count: pairs.orderedCount)
    for x in 0..<examples.columns {
      let point = examples.selectingColumns([x])
      for (slot, block) in blocks(point, point).enumerated() { result[slot].append(block[0, 0]) }
    }
    return result
  }
}
