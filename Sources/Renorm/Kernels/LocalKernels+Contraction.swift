internal import LinearAlgebra

extension LocalKernels {
  /// sum_ij W_ij K_ij(x, x') for two sets of examples and symmetric n x n weights: P x P'.
  ///
  /// Streams over tiles; only the result is stored. W_ij must vanish between positions of different groups.
  func contract(_ weights: Matrix, _ left: Matrix, _ right: Matrix) -> Matrix {
    contract(weights, left, right, lowerTriangle: false)
  }

  /// The lower triangle of sum_ij W_ij K_ij over one set of examples: P x P.
  func contract(_ weights: Matrix, _ examples: Matrix) -> Matrix {
    contract(weights, examples, examples, lowerTriangle: true)
  }

  private func contract(_ weights: Matrix, _ left: Matrix, _ right: Matrix, lowerTriangle: Bool) -> Matrix {
    precondition(weights.rows == positions && weights.columns == positions, "weights of order \(weights.rows)")
    var result = Matrix(rows: left.columns, columns: right.columns)
    result.withUnsafeMutableElements { result in
      guard let target = result.baseAddress else { return }
      for group in contractionGroups(weights) {
        forEachTile(left, right, positions: group, lowerTriangle: lowerTriangle) { tile in
          tile.add(weights, to: target, stride: left.columns)
        }
      }
    }
    return result
  }

  /// sum_ij W_ij K_ij(x, x) for every example.
  func contractDiagonal(_ weights: Matrix, _ examples: Matrix) -> [Double] {
    var result = [Double](repeating: 0, count: examples.columns)
    result.withUnsafeMutableBufferPointer { result in
      for group in contractionGroups(weights) {
        Parallel.forEach(examples.columns, threads: threads) { example, _ in
          var block = PatchBlock(capacity: group.count, grid: grid)
          block.gather(examples, example..<example + 1, positions: group, grid: grid, lambda0: lambda0)
          result[example] += block.contractPairs(weights, at: group, activation)
        }
      }
    }
    return result
  }

  /// The groups that a contraction must visit: single positions where no pair of positions has a weight.
  private func contractionGroups(_ weights: Matrix) -> [Range<Int>] {
    groups.flatMap { group -> [Range<Int>] in
      let isDiagonal = group.allSatisfy { i in group.allSatisfy { j in i == j || weights[i, j] == 0 } }
      return isDiagonal ? group.map { $0..<$0 + 1 } : [group]
    }
  }
}

extension KernelTile {
  /// Adds sum_ij W_ij K_ij of the tile to its place in a column-major matrix.
  fileprivate func add(_ weights: Matrix, to target: UnsafeMutablePointer<Double>, stride: Int) {
    for nu in 0..<columns.count {
      let output = target + rows.lowerBound + (columns.lowerBound + nu) * stride
      for j in 0..<positions.count {
        for i in 0..<positions.count {
          let weight = weights[positions.lowerBound + i, positions.lowerBound + j]
          guard weight != 0, let kernel = column(i, j, nu) else { continue }
          for mu in 0..<rows.count { output[mu] += weight * kernel[mu] }
        }
      }
    }
  }
}

extension PatchBlock {
  /// sum_ij W_ij K_ij(x, x) for the one example of the block.
  fileprivate func contractPairs(_ weights: Matrix, at group: Range<Int>, _ activation: any Activation) -> Double {
    var covariances = [Double](repeating: 0, count: columns * columns)
    let patchSize = patches.count / columns
    multiplyTransposed(patches, patches, inner: patchSize, rows: columns, columns: columns, into: &covariances)
    var sum = 0.0
    for j in 0..<columns {
      for i in 0..<columns {
        let weight = weights[group.lowerBound + i, group.lowerBound + j]
        guard weight != 0 else { continue }
        let covariance = i == j ? variances[i] : covariances[i + j * columns]
        sum += weight * activation.secondMoment(variances[i], covariance, variances[j])
      }
    }
    return sum
  }
}
