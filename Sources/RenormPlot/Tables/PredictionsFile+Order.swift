internal import RenormFiles

extension PredictionsFile {
  /// Holds the order of the classes against the classes that the file itself says are predicted, which it does
  /// of classes with names.
  ///
  /// - Throws: `PlotError.adjustable` for the first of `rows` that contradicts.
  static func checkOrder(
    _ labels: [ClassLabel], _ table: PredictionTable, rows: [Int], path: String
  ) throws(PlotError) {
    guard let predicted = table.classes?.predicted else { return }
    for row in rows {
      let means = table.means.row(row)
      let largest = means.indices.max { means[$0] < means[$1] } ?? 0
      guard let stated = predicted[row], stated != labels[largest],
        means.count(where: { $0 == means[largest] }) == 1
      else { continue }
      throw .adjustable(
        "\(path): example \(row) (from 0): the largest output is that of class \(labels[largest]), but the "
          + "predicted class is \(stated): the classes have another order", set: [.report, .classes])
    }
  }
}
