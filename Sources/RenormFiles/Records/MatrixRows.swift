/// A matrix as a list of rows.
public struct MatrixRows: Equatable, Sendable {
  public let matrix: Matrix

  package init(_ matrix: Matrix) { self.matrix = matrix }
}

extension MatrixRows: Codable {
  /// - Throws: `DecodingError`, also for rows of unequal lengths.
  public init(from decoder: any Decoder) throws {
    let rows = try decoder.singleValueContainer().decode([[Double]].self)
    let columns = rows.first?.count ?? 0
    guard rows.allSatisfy({ $0.count == columns }) else {
      throw DecodingError.dataCorrupted(
        .init(codingPath: decoder.codingPath, debugDescription: "its rows have unequal lengths"))
    }
    matrix = Matrix(rows: rows.count, columns: columns) { rows[$0][$1] }
  }

  public func encode(to encoder: any Encoder) throws {
    var container = encoder.singleValueContainer()
    try container.encode((0..<matrix.rows).map(matrix.row))
  }
}
