package import LinearAlgebra

extension LocalKernels {
  /// sum_ij W_(ic)(jd) K_ij(x, x') between D outputs (docs/theory.md, section 5), for two sets of examples and
  /// symmetric weights of order n D: P D x P' D with example mu of output c at mu D + c.
  ///
  /// Streams over tiles; only the result is stored. W must vanish between positions of different groups.
  package func contract(_ weights: Matrix, outputs: Int, _ left: Matrix, _ right: Matrix) -> Matrix {
    let order = positions * outputs
    precondition(weights.rows == order && weights.columns == order, "weights of order \(weights.rows)")
    let (left, right) = (Patches(left, of: self), Patches(right, of: self))
    let slotWeights = pairs.slotWeights(weights, outputs: outputs)
    var result = Matrix(rows: left.count * outputs, columns: right.count * outputs)
    result.withUnsafeMutableElements { result in
      guard let target = result.baseAddress else { return }
      forEachTile(pairs, left, right, form: .ordered) {
        $0.writeOutputs(slotWeights, outputs, to: target, stride: left.count * outputs)
      }
    }
    return result
  }

  /// sum_ij W_(ic)(jc) K_ij(x, x) for every example and output, at mu D + c: P D numbers.
  package func contractDiagonal(_ weights: Matrix, outputs: Int, _ examples: Matrix) -> [Double] {
    // K_ij + K_ji of a pair meets the mean of W_ij and W_ji; both elements of the pair are in its value.
    let byOutput = Matrix(rows: pairs.count, columns: outputs) { a, c in
      let pair = pairs.pairs[a]
      return
        (weights[pair.i * outputs + c, pair.j * outputs + c]
        + weights[pair.j * outputs + c, pair.i * outputs + c]) / 2
    }
    return (pairDiagonals(examples) * byOutput).interleaved
  }
}

extension IndexPairs {
  /// The weights W_(ic)(jd) in the order of tiles: (i, j) x (c + D d).
  package func slotWeights(_ weights: Matrix, outputs: Int) -> Matrix {
    let ordered = ordered
    return Matrix(rows: ordered.count, columns: outputs * outputs) { slot, column in
      weights[ordered[slot].i * outputs + column % outputs, ordered[slot].j * outputs + column / outputs]
    }
  }
}

extension KernelTile {
  /// Writes sum_ij W_(ic)(jd) (K_ij)_(mu nu) to row mu D + c and column nu D + d of a column-major matrix.
  ///
  /// - Parameter weights: (i, j) x (c + D d).
  package func writeOutputs(
    _ weights: Matrix, _ outputs: Int, to target: UnsafeMutablePointer<Double>, stride: Int
  ) {
    let count = outputs * outputs
    withUnsafeTemporaryAllocation(of: Double.self, capacity: count * area) { sums in
      weights.withUnsafeElements { weights in
        guard let sums = sums.baseAddress, let weights = weights.baseAddress else { return }
        MatrixView(sums, count, area).setProduct(
          MatrixView(weights, pairs, count).transposed, MatrixView(values, area, pairs).transposed)
        for (column, nu) in columns.enumerated() {
          for d in 0..<outputs {
            var place = target + (nu * outputs + d) * stride + rows.lowerBound * outputs
            var source = sums + count * column * rows.count + outputs * d
            for _ in rows {
              for c in 0..<outputs { place[c] = source[c] }
              place += outputs
              source += count
            }
          }
        }
      }
    }
  }
}
