/// A dense real matrix, stored by columns: element (i, j) is `elements[i + j * rows]`.
///
/// A value type; assignment copies on write. Sizes and indices out of range are programming mistakes
/// and trap.
public struct Matrix: Equatable, Sendable {
  /// Number of rows.
  public let rows: Int
  /// Number of columns.
  public let columns: Int
  /// All elements, column by column.
  public internal(set) var elements: [Double]

  /// A `rows` x `columns` matrix with every element equal to `value`.
  public init(rows: Int, columns: Int, repeating value: Double = 0) {
    precondition(rows >= 0 && columns >= 0, "negative matrix size \(rows) x \(columns)")
    self.rows = rows
    self.columns = columns
    elements = [Double](repeating: value, count: rows * columns)
  }

  /// A matrix over elements given column by column.
  public init(rows: Int, columns: Int, elements: [Double]) {
    precondition(
      elements.count == rows * columns, "\(elements.count) elements for a \(rows) x \(columns) matrix")
    self.rows = rows
    self.columns = columns
    self.elements = elements
  }

  /// The matrix whose element (i, j) is `element(i, j)`.
  public init(rows: Int, columns: Int, _ element: (_ i: Int, _ j: Int) throws -> Double) rethrows {
    self.init(rows: rows, columns: columns)
    for j in 0..<columns {
      for i in 0..<rows { elements[i + j * rows] = try element(i, j) }
    }
  }

  /// The identity matrix of the given order.
  public static func identity(_ order: Int) -> Matrix {
    diagonal([Double](repeating: 1, count: order))
  }

  /// The square matrix with `values` on its diagonal and zeros elsewhere.
  public static func diagonal(_ values: [Double]) -> Matrix {
    var result = Matrix(rows: values.count, columns: values.count)
    for (i, value) in values.enumerated() { result[i, i] = value }
    return result
  }

  /// Element (i, j).
  public subscript(i: Int, j: Int) -> Double {
    get {
      precondition(i >= 0 && i < rows && j >= 0 && j < columns, "(\(i), \(j)) in \(rows) x \(columns)")
      return elements[i + j * rows]
    }
    set {
      precondition(i >= 0 && i < rows && j >= 0 && j < columns, "(\(i), \(j)) in \(rows) x \(columns)")
      elements[i + j * rows] = newValue
    }
  }

  /// Column j as an array.
  public func column(_ j: Int) -> [Double] { Array(elements[j * rows..<(j + 1) * rows]) }

  /// Row i as an array.
  public func row(_ i: Int) -> [Double] { (0..<columns).map { self[i, $0] } }

  /// The columns with the given indices, in that order.
  public func selectingColumns(_ indices: some Collection<Int>) -> Matrix {
    var selected: [Double] = []
    selected.reserveCapacity(indices.count * rows)
    for j in indices { selected += elements[j * rows..<(j + 1) * rows] }
    return Matrix(rows: rows, columns: indices.count, elements: selected)
  }

  /// The rows with the given indices, in that order.
  public func selectingRows(_ indices: some Collection<Int>) -> Matrix {
    let indices = Array(indices)
    return Matrix(rows: indices.count, columns: columns) { i, j in self[indices[i], j] }
  }

  /// The rows of a range.
  public func selectingRows(_ range: Range<Int>) -> Matrix {
    precondition(range.lowerBound >= 0 && range.upperBound <= rows, "rows \(range) of \(rows)")
    if range == 0..<rows { return self }
    var selected: [Double] = []
    selected.reserveCapacity(range.count * columns)
    for j in 0..<columns { selected += elements[j * rows + range.lowerBound..<j * rows + range.upperBound] }
    return Matrix(rows: range.count, columns: columns, elements: selected)
  }

  /// The diagonal, from (0, 0) down.
  public var diagonal: [Double] { (0..<min(rows, columns)).map { self[$0, $0] } }

  /// The transpose.
  public var transposed: Matrix { Matrix(rows: columns, columns: rows) { i, j in self[j, i] } }

  /// Calls `body` with the elements, column by column, for reading.
  public func withUnsafeElements<Result, Failure: Error>(
    _ body: (UnsafeBufferPointer<Double>) throws(Failure) -> Result
  ) throws(Failure) -> Result {
    try elements.withUnsafeBufferPointer(body)
  }

  /// Calls `body` with the elements, column by column, for writing in place.
  public mutating func withUnsafeMutableElements<Result, Failure: Error>(
    _ body: (UnsafeMutableBufferPointer<Double>) throws(Failure) -> Result
  ) throws(Failure) -> Result {
    try elements.withUnsafeMutableBufferPointer { (buffer) throws(Failure) in try body(buffer) }
  }
}

extension Matrix {
  /// The matrix with the given columns, all of equal length.
  public init(columns: [[Double]]) {
    self.init(rows: columns.first?.count ?? 0, columns: columns.count, elements: columns.flatMap { $0 })
  }

  /// The squared Euclidean norm of every column.
  public var columnNormsSquared: [Double] {
    (0..<columns).map { j in elements[j * rows..<(j + 1) * rows].reduce(0) { $0 + $1 * $1 } }
  }
}
