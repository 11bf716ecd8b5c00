package import LinearAlgebra

extension Matrix {
  /// Calls `body(j, i, elements)` for every column j, in parallel, with its elements from row i = 0, or i = j
  /// where only the lower triangle counts.
  package mutating func forEachColumn(
    isTriangle: Bool, threads: Int,
    _ body: (_ column: Int, _ start: Int, _ elements: UnsafeMutableBufferPointer<Double>) -> Void
  ) {
    let (rows, columns) = (rows, columns)
    guard rows > 0 else { return }
    withUnsafeMutableElements { elements in
      Parallel.forEachWorker(columns, threads: threads) { indices in
        for j in indices {
          let start = isTriangle ? j : 0
          body(j, start, UnsafeMutableBufferPointer(rebasing: elements[j * rows + start..<(j + 1) * rows]))
        }
      }
    }
  }

  /// scale diag(rows) A diag(columns).
  package func scaled(_ scale: Double, rows left: [Double], columns right: [Double]) -> Matrix {
    precondition(left.count == rows && right.count == columns, "\(left.count) x \(right.count) factors")
    var result = self
    result.withUnsafeMutableElements { elements in
      left.withUnsafeBufferPointer { left in
        for (j, factor) in right.enumerated() {
          let own = scale * factor
          for i in 0..<left.count { elements[i + j * left.count] *= own * left[i] }
        }
      }
    }
    return result
  }
}
