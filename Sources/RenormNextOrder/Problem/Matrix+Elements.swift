internal import GSLNumerics
internal import LinearAlgebra

extension Matrix {
  /// Adds scale * elements, column by column.
  mutating func add(_ scale: Double, elements other: [Double]) {
    withUnsafeMutableElements { own in for i in own.indices { own[i] += scale * other[i] } }
  }

  /// Independent numbers from N(0, 1), drawn column by column.
  static func gaussian(rows: Int, columns: Int, _ generator: RandomGenerator) -> Matrix {
    var values = [Double](repeating: 0, count: rows * columns)
    generator.fillGaussian(&values)
    return Matrix(rows: rows, columns: columns, elements: values)
  }
}

/// sum_i A_ij B_ij for every column j.
func columnProducts(_ a: Matrix, _ b: Matrix) -> [Double] {
  let rows = a.rows
  return a.withUnsafeElements { a in
    b.withUnsafeElements { b in
      (0..<(rows == 0 ? 0 : a.count / rows)).map { j in
        var sum = 0.0
        for i in j * rows..<(j + 1) * rows { sum += a[i] * b[i] }
        return sum
      }
    }
  }
}
