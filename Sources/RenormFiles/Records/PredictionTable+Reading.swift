extension PredictionTable {
  /// Reads a file; columns that are neither named here nor full of numbers are ignored.
  ///
  /// - Throws: `DataError` for a file that is not a table of predictions: `.unknownColumn` without means or
  /// variances,
  ///   `.malformed` with row and column for what is not a number, and for a negative variance.
  public init(path: String) throws(DataError) {
    let table = try TextTable(path: path)
    let isSingle = table.header.contains("mean")
    let outputs = isSingle ? 1 : (0...).prefix { table.header.contains("mean_\($0)") }.count
    guard outputs > 0 else { throw .unknownColumn(path: path, column: "mean", columns: table.header) }
    let columns = Columns(table: table, outputs: outputs)
    let hasLabels = !isSingle && table.header.contains("target")
    self.init(
      means: try columns.numbers("mean"), variances: try columns.variances(),
      targets: hasLabels
        ? .labels(try columns.texts("target").map { $0.isEmpty ? nil : ClassLabel(number: $0) })
        : .values(try columns.targets()),
      further: columns.further(besides: ["index", "target", "mean", "variance", "class", "predictedClass"]),
      classes: try columns.classes(), probabilities: try columns.probabilities())
  }
}

/// The columns of a table for a number of outputs.
private struct Columns {
  let table: TextTable
  let outputs: Int

  private func places(_ name: String) throws(DataError) -> [Int] {
    var places: [Int] = []
    for name in PredictionTable.names(name, outputs: outputs) { places.append(try table.column(name)) }
    return places
  }

  /// A number for every point and output.
  func numbers(_ name: String) throws(DataError) -> Matrix {
    let places = try places(name)
    var values = Matrix(rows: table.rows.count, columns: outputs)
    for row in table.rows.indices {
      for (output, column) in places.enumerated() {
        values[row, output] = try table.requiredNumber(row: row, column: column)
      }
    }
    return values
  }

  func variances() throws(DataError) -> Matrix {
    let values = try numbers("variance")
    for (output, column) in try places("variance").enumerated() {
      for row in table.rows.indices where values[row, output] < 0 {
        throw .malformed(
          path: table.path, place: .cell(row: table.lines[row], column: column + 1),
          reason: "the variance \(values[row, output]) is negative")
      }
    }
    return values
  }

  /// The targets of every point; nil where one of them is empty.
  func targets() throws(DataError) -> [[Double]?] {
    let places = try places("target")
    var targets: [[Double]?] = []
    for row in table.rows.indices {
      var values: [Double] = []
      for column in places {
        if let value = try table.number(row: row, column: column) { values.append(value) }
      }
      targets.append(values.count == outputs ? values : nil)
    }
    return targets
  }

  func texts(_ name: String) throws(DataError) -> [String] {
    let column = try table.column(name)
    return table.rows.map { $0[column] }
  }

  func classes() throws(DataError) -> PredictionTable.Classes? {
    guard table.header.contains("class") else { return nil }
    func labels(_ name: String) throws(DataError) -> [ClassLabel?] {
      try texts(name).map { $0.isEmpty ? nil : ClassLabel(text: $0) }
    }
    return PredictionTable.Classes(
      classes: try labels("class"),
      predicted: table.header.contains("predictedClass")
        ? try labels("predictedClass") : [ClassLabel?](repeating: nil, count: table.rows.count))
  }

  /// The columns that are named after classes; nil where there are none.
  func probabilities() throws(DataError) -> PredictionTable.Probabilities? {
    let prefix = PredictionTable.probabilityPrefix
    let places = table.header.indices.filter { table.header[$0].hasPrefix(prefix) }
    guard !places.isEmpty else { return nil }
    var values = Matrix(rows: table.rows.count, columns: places.count)
    for row in table.rows.indices {
      for (c, column) in places.enumerated() {
        values[row, c] = try table.requiredNumber(row: row, column: column)
      }
    }
    return PredictionTable.Probabilities(
      classes: places.map { ClassLabel(text: String(table.header[$0].dropFirst(prefix.count))) }, values: values
    )
  }

  /// The groups of columns under other names that are full of numbers, finite or not.
  func further(besides known: Set<String>) -> [PredictionTable.Column] {
    let suffix = outputs == 1 ? "" : "_0"
    return table.header.filter { $0.hasSuffix(suffix) }.map { String($0.dropLast(suffix.count)) }
      .filter { !known.contains($0) && !($0 + "_").hasPrefix(PredictionTable.probabilityPrefix) }
      .compactMap { name in
        guard let places = try? places(name) else { return nil }
        let rows = table.rows.map { fields in places.compactMap { Double(fields[$0]) } }
        guard rows.allSatisfy({ $0.count == outputs }) else { return nil }
        return PredictionTable.Column(name, Matrix(rows: rows.count, columns: outputs) { rows[$0][$1] })
      }
  }
}

extension ClassLabel {
  /// The label that a text means, where an integer may be written as another number is.
  fileprivate init(number text: String) {
    if let integer = Double(text).flatMap({ Int(exactly: $0) }) {
      self = .integer(integer)
    } else {
      self.init(text: text)
    }
  }
}
