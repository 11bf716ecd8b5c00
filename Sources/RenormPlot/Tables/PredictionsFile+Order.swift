internal import RenormFiles

extension PredictionsFile {
  /// Holds the order of the classes against the classes that the file itself says are predicted, which it does
  /// of classes with names.
  ///
  /// - Parameter means: one array for each output, over `rows`.
  /// - Throws: `PlotError.adjustable` for the first row that contradicts.
  static func checkOrder(
    _ labels: [ClassLabel], _ table: TextTable, rows: [Int], means: [[Double]]
  ) throws(PlotError) {
    guard let column = table.header.firstIndex(of: "predictedClass") else { return }
    for (point, row) in rows.enumerated() {
      let largest = means.indices.max { means[$0][point] < means[$1][point] } ?? 0
      let stated = ClassLabel(text: table.rows[row][column])
      guard stated != labels[largest],
        means.indices.count(where: { means[$0][point] == means[largest][point] }) == 1
      else { continue }
      throw .adjustable(
        "\(table.path): row \(table.lines[row]): the largest output is that of class \(labels[largest]), but "
          + "the predicted class is \(stated): the classes have another order", set: [.report, .classes])
    }
  }
}
