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
    result.withUnsafeMutableElements { elements in
      for j in 0..<order { for i in j..<order { elements[j + i * order] = elements[i + j * order] } }
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
