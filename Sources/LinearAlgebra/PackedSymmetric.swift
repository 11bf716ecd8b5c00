/// A symmetric matrix of order P as the P(P+1)/2 elements of its lower triangle, column by column.
///
/// Element (i, j), i >= j, stands at `index(i, j)`.
public struct PackedSymmetric: Equatable, Sendable {
  /// The order P.
  public let order: Int
  /// The lower triangle by columns.
  public internal(set) var elements: [Double]

  /// The number of elements of a packed matrix of the given order.
  public static func count(order: Int) -> Int { order * (order + 1) / 2 }

  /// A packed matrix over its elements.
  public init(order: Int, elements: [Double]) {
    precondition(elements.count == Self.count(order: order), "\(elements.count) elements for order \(order)")
    self.order = order
    self.elements = elements
  }

  /// The lower triangle of a square matrix.
  public init(lowerTriangleOf matrix: Matrix) {
    precondition(matrix.rows == matrix.columns, "packing a \(matrix.rows) x \(matrix.columns) matrix")
    order = matrix.rows
    elements = []
    elements.reserveCapacity(Self.count(order: order))
    for j in 0..<order { elements += matrix.elements[j * order + j..<(j + 1) * order] }
  }

  /// The position of (i, j), i >= j, among the elements of a packed matrix of the given order.
  @inlinable
  public static func index(_ i: Int, _ j: Int, order: Int) -> Int { i + j * (2 * order - j - 1) / 2 }

  /// Element (i, j), either triangle.
  public subscript(i: Int, j: Int) -> Double {
    elements[Self.index(max(i, j), min(i, j), order: order)]
  }

  /// The root mean square of all elements.
  package var rootMeanSquare: Double {
    let largest = elements.reduce(0) { max($0, abs($1)) }
    guard largest > 0, largest.isFinite else { return largest }
    // Relative to the largest, as squares may be too large for a number; one below the diagonal stands for two.
    let square = { (value: Double) in (value / largest) * (value / largest) }
    let all = elements.reduce(0) { $0 + 2 * square($1) }
    let diagonal = (0..<order).reduce(0) { $0 + square(self[$1, $1]) }
    return largest * (max(all - diagonal, 0).squareRoot() / Double(order))
  }

  /// A square matrix with this lower triangle and zeros above the diagonal.
  public var lowerTriangle: Matrix { lowerTriangle(scaledBy: 1) }

  /// The same of the matrix times a number.
  package func lowerTriangle(scaledBy scale: Double) -> Matrix {
    var result = Matrix(rows: order, columns: order)
    elements.withUnsafeBufferPointer { packed in
      result.withUnsafeMutableElements { dense in
        for j in 0..<order {
          let start = Self.index(j, j, order: order)
          for i in j..<order { dense[i + j * order] = scale * packed[start + i - j] }
        }
      }
    }
    return result
  }
}

extension PackedSymmetric {
  /// Adds scale * x x^T.
  package mutating func add(_ scale: Double, square x: [Double]) {
    precondition(x.count == order, "\(x.count) numbers for order \(order)")
    elements.withUnsafeMutableBufferPointer { packed in
      for j in 0..<x.count {
        let (start, factor) = (Self.index(j, j, order: x.count), scale * x[j])
        for i in j..<x.count { packed[start + i - j] += factor * x[i] }
      }
    }
  }

  /// The matrix scaled by a number.
  public static func * (scale: Double, a: PackedSymmetric) -> PackedSymmetric {
    PackedSymmetric(order: a.order, elements: a.elements.map { scale * $0 })
  }
}
