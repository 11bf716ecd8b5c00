internal import LinearAlgebra

/// Class labels and how they become targets of a network.
enum ClassLabels {
  /// The targets of a file as integers, one for each example.
  static func integers(of targets: ExampleFile.Targets) throws(DataError) -> [Int] {
    let values = targets.values
    guard values.columns == 1 else {
      throw .unusableArray(
        path: targets.path, array: targets.source.name, shape: targets.source.array.shape,
        use: "class labels", accepted: "one integer for each example")
    }
    var labels: [Int] = []
    labels.reserveCapacity(values.rows)
    for (example, value) in values.elements.enumerated() {
      guard let label = Int(exactly: value) else {
        throw .notALabel(
          path: targets.path, place: targets.source.place(example: example, offset: 0), value: value)
      }
      labels.append(label)
    }
    return labels
  }

  /// Targets of the examples: P x 1 with -1 and +1 for two classes, else P x D one-hot minus 1/D.
  ///
  /// Every label is one of `classes`.
  static func targets(_ labels: [Int], classes: [Int]) -> Matrix {
    if classes.count == 2 {
      return Matrix(
        rows: labels.count, columns: 1, elements: labels.map { $0 == classes[0] ? -1 : 1 })
    }
    let base = 1 / Double(classes.count)
    return Matrix(rows: labels.count, columns: classes.count) { example, output in
      (labels[example] == classes[output] ? 1 : 0) - base
    }
  }
}
