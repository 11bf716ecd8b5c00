internal import LinearAlgebra

/// A matrix with its derivatives along up to two directions: the coefficients of 1, e1, e2 and e1 e2 where
/// e1^2 = e2^2 = 0. Plane k belongs to the product of the directions whose bits are set in k; nil is zero.
///
/// Running a gradient on such matrices gives its derivatives along given directions exactly (forward over
/// reverse).
struct JetMatrix: Sendable {
  let rows: Int
  let columns: Int
  var planes: [Matrix?]

  init(_ value: Matrix) {
    (rows, columns, planes) = (value.rows, value.columns, [value])
  }

  init(rows: Int, columns: Int, planes: [Matrix?]) {
    (self.rows, self.columns, self.planes) = (rows, columns, planes)
  }

  subscript(k: Int) -> Matrix? { k < planes.count ? planes[k] : nil }

  /// The value without derivatives.
  var value: Matrix { self[0] ?? Matrix(rows: rows, columns: columns) }

  /// The matrix moved along e_bit times a direction, which may have derivatives along lower bits.
  func moved(along direction: JetMatrix, bit: Int) -> JetMatrix {
    let offset = 1 << bit
    return JetMatrix(
      rows: rows, columns: columns, planes: (0..<offset).map { self[$0] } + (0..<offset).map { direction[$0] })
  }

  /// A linear map, applied to every plane.
  func map(rows: Int, columns: Int, _ f: (Matrix) -> Matrix) -> JetMatrix {
    JetMatrix(rows: rows, columns: columns, planes: planes.map { $0.map(f) })
  }

  static func scaled(_ scale: Double, _ a: JetMatrix) -> JetMatrix {
    a.map(rows: a.rows, columns: a.columns) { scale * $0 }
  }

  static func + (a: JetMatrix, b: JetMatrix) -> JetMatrix {
    JetMatrix(
      rows: a.rows, columns: a.columns,
      planes: (0..<max(a.planes.count, b.planes.count)).map { sum(a[$0], b[$0]) })
  }

  private static func sum(_ a: Matrix?, _ b: Matrix?) -> Matrix? {
    guard let a, let b else { return a ?? b }
    return a + b
  }

  /// The product rule for a bilinear map.
  static func bilinear(
    _ a: JetMatrix, _ b: JetMatrix, rows: Int, columns: Int, _ f: (Matrix, Matrix) -> Matrix
  ) -> JetMatrix {
    var planes = [Matrix?](repeating: nil, count: max(a.planes.count, b.planes.count))
    for i in a.planes.indices {
      for j in b.planes.indices where i & j == 0 {
        if let x = a[i], let y = b[j] { planes[i | j] = sum(planes[i | j], f(x, y)) }
      }
    }
    return JetMatrix(rows: rows, columns: columns, planes: planes)
  }

  static func * (a: JetMatrix, b: JetMatrix) -> JetMatrix {
    bilinear(a, b, rows: a.rows, columns: b.columns) { $0 * $1 }
  }

  /// A^T B.
  static func transposedProduct(_ a: JetMatrix, _ b: JetMatrix) -> JetMatrix {
    bilinear(a, b, rows: a.columns, columns: b.columns) { $0.asTranspose * $1 }
  }

  /// A B^T.
  static func productTransposed(_ a: JetMatrix, _ b: JetMatrix) -> JetMatrix {
    bilinear(a, b, rows: a.rows, columns: b.rows) { $0 * $1.asTranspose }
  }

  /// The product element by element.
  static func elementwise(_ a: JetMatrix, _ b: JetMatrix) -> JetMatrix {
    bilinear(a, b, rows: a.rows, columns: a.columns, Self.hadamard)
  }

  private static func hadamard(_ a: Matrix, _ b: Matrix) -> Matrix {
    var result = a
    result.withUnsafeMutableElements { x in
      b.withUnsafeElements { y in
        for k in 0..<x.count { x[k] *= y[k] }
      }
    }
    return result
  }

  /// sum_ij A_ij B_ij with its derivatives, plane by plane.
  static func innerProduct(_ a: JetMatrix, _ b: JetMatrix) -> [Double] {
    var sums = [Double](repeating: 0, count: max(a.planes.count, b.planes.count))
    for i in a.planes.indices {
      for j in b.planes.indices where i & j == 0 {
        if let x = a[i], let y = b[j] { sums[i | j] += x.innerProduct(y) }
      }
    }
    return sums
  }

  /// A function of every element, given f, f' and f'' at the values.
  func applying(_ values: Matrix, _ first: Matrix, _ second: Matrix) -> JetMatrix {
    var planes: [Matrix?] = [values]
    if self.planes.count > 1 { planes.append(self[1].map { Self.hadamard(first, $0) }) }
    if self.planes.count > 2 {
      planes.append(self[2].map { Self.hadamard(first, $0) })
      let mixed = self[3].map { Self.hadamard(first, $0) }
      if let x = self[1], let y = self[2] {
        planes.append(Self.sum(mixed, Self.hadamard(second, Self.hadamard(x, y))))
      } else {
        planes.append(mixed)
      }
    }
    return JetMatrix(rows: rows, columns: columns, planes: planes)
  }
}
