internal import LinearAlgebra

extension SuppliedKernels {
  /// Writes all K_ij of a group as one matrix, position major: row (i, mu) and column (j, nu), from the numbers
  /// of examples.
  func fill(
    _ target: inout [Double], _ left: [Double], rows: Int, _ right: [Double], columns: Int,
    positions: Range<Int>
  ) {
    let height = rows * positions.count
    for (jIndex, j) in positions.enumerated() {
      for nu in 0..<columns {
        let b = Int(right[jIndex * columns + nu])
        for (iIndex, i) in positions.enumerated() {
          let start = (jIndex * columns + nu) * height + iIndex * rows
          for mu in 0..<rows { target[start + mu] = value(i, j, Int(left[iIndex * rows + mu]), b) }
        }
      }
    }
  }

  /// K_ij between two sets of examples, P x P'.
  func pairKernel(_ left: Patches, _ i: Int, _ right: Patches, _ j: Int) -> Matrix {
    guard isCoupled || i == j else {
      return Matrix(rows: left.count, columns: right.count) {
        mean(i, left.number($0)) * mean(j, right.number($1))
      }
    }
    return Matrix(rows: left.count, columns: right.count) { value(i, j, left.number($0), right.number($1)) }
  }
}

extension Patches {
  /// The number of an example of supplied kernels.
  fileprivate func number(_ example: Int) -> Int { Int(elements[example]) }
}
