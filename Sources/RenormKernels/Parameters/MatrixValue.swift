public import LinearAlgebra

/// A square matrix that is the value of a parameter, with the file that it comes from.
public struct MatrixValue: Sendable {
  /// The file, or another description of where the matrix comes from.
  public let source: String
  /// The matrix; nil where the file is still to be read.
  public let matrix: Matrix?

  /// A matrix, or a file to be read.
  public init(source: String, matrix: Matrix? = nil) { (self.source, self.matrix) = (source, matrix) }

  /// The matrix, its halves averaged where they differ by rounding: by at most 1e-12 of its largest element.
  package var symmetrized: Matrix? {
    guard let matrix, matrix.rows == matrix.columns else { return matrix }
    let size = matrix.elements.reduce(0) { max($0, abs($1)) }
    let difference = (matrix - matrix.transposed).elements.reduce(0) { max($0, abs($1)) }
    guard difference > 0 else { return matrix }
    return difference <= 1e-12 * size ? matrix.symmetricPart : matrix
  }

  /// The file alone.
  package var withoutMatrix: MatrixValue { MatrixValue(source: source) }
}

extension MatrixValue: Hashable {
  public func hash(into hasher: inout Hasher) {
    hasher.combine(source)
    hasher.combine(matrix?.elements)
  }
}

/// Written as the name of the file where the matrix is not known, else as an object with its rows.
extension MatrixValue: Codable {
  private enum CodingKeys: String, CodingKey { case source, rows }

  /// - Throws: `DecodingError`, also for rows of unequal lengths.
  public init(from decoder: any Decoder) throws {
    if let source = try? decoder.singleValueContainer().decode(String.self) {
      self.init(source: source)
      return
    }
    let container = try decoder.container(keyedBy: CodingKeys.self)
    let rows = try container.decode([[Double]].self, forKey: .rows)
    guard rows.allSatisfy({ $0.count == rows.count }) else {
      throw DecodingError.dataCorruptedError(forKey: .rows, in: container, debugDescription: "it is not square")
    }
    self.init(
      source: try container.decode(String.self, forKey: .source),
      matrix: Matrix(rows: rows.count, columns: rows.count) { rows[$0][$1] })
  }

  public func encode(to encoder: any Encoder) throws {
    guard let matrix else {
      var container = encoder.singleValueContainer()
      return try container.encode(source)
    }
    var container = encoder.container(keyedBy: CodingKeys.self)
    try container.encode(source, forKey: .source)
    try container.encode((0..<matrix.rows).map(matrix.row), forKey: .rows)
  }
}

/// A value with its matrix.
///
/// - Throws: `RenormError.invalidParameter` where either is missing.
func present(
  _ value: MatrixValue?, _ parameter: NetworkParameter, for component: String
) throws(RenormError) -> MatrixValue {
  guard let value, value.matrix != nil else {
    throw .invalidParameter(
      name: parameter.words, value: value?.source ?? "missing",
      accepted: "\(parameter.domain.accepted) for \(component)")
  }
  return value
}
