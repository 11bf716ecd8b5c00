internal import CNumerics

extension Matrix {
  /// Adds scale * B, elementwise.
  package mutating func add(_ scale: Double, _ b: Matrix) {
    precondition(rows == b.rows && columns == b.columns, "matrices of different shape")
    withBLAS(elements.count, 1) { cblas_daxpy(Int32(elements.count), scale, b.elements, 1, &elements, 1) }
  }

  /// The symmetric matrix with this lower triangle.
  package var mirrored: Matrix {
    precondition(rows == columns, "mirroring a \(rows) x \(columns) matrix")
    var result = self
    let order = rows
    // In squares, of which both triangles stay in the cache.
    let side = 32
    result.withUnsafeMutableElements { elements in
      for left in stride(from: 0, to: order, by: side) {
        for top in stride(from: left, to: order, by: side) {
          for j in left..<min(left + side, order) {
            for i in max(top, j)..<max(min(top + side, order), top, j) {
              elements[j + i * order] = elements[i + j * order]
            }
          }
        }
      }
    }
    return result
  }

  /// tr(A B) for symmetric matrices of which the lower triangles are read.
  package func innerProductOfLowerTriangles(_ other: Matrix) -> Double {
    precondition(rows == columns && other.rows == rows && other.columns == columns, "unequal orders")
    let order = rows
    return withUnsafeElements { a in
      other.withUnsafeElements { b in
        var sum = 0.0
        for j in 0..<order {
          var column = 0.0
          for i in j..<order { column += a[i + j * order] * b[i + j * order] }
          sum += 2 * column - a[j + j * order] * b[j + j * order]
        }
        return sum
      }
    }
  }
}

extension Matrix {
  /// tr(A B) = sum_ij A_ij B_ji of square matrices.
  package func traceOfProduct(_ other: Matrix) -> Double {
    precondition(rows == columns && other.rows == rows && other.columns == columns, "unequal orders")
    let (order, side) = (rows, 32)
    return withUnsafeElements { a in
      other.withUnsafeElements { b in
        var sum = 0.0
        // In squares, as `mirrored`.
        for left in stride(from: 0, to: order, by: side) {
          for top in stride(from: 0, to: order, by: side) {
            for j in left..<min(left + side, order) {
              for i in top..<min(top + side, order) { sum += a[i + j * order] * b[j + i * order] }
            }
          }
        }
        return sum
      }
    }
  }
}

extension [Matrix] {
  /// sum_k w_k A_k.
  package func weightedSum(_ weights: [Double]) -> Matrix {
    Matrix(rows: self[0].rows, columns: self[0].columns, elements: map(\.elements).weightedSum(weights))
  }
}

extension [[Double]] {
  /// sum_k w_k x_k.
  package func weightedSum(_ weights: [Double]) -> [Double] {
    var sum = [Double](repeating: 0, count: self[0].count)
    for (weight, vector) in zip(weights, self) { sum.add(weight, vector) }
    return sum
  }
}
