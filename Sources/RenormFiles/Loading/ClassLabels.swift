internal import LinearAlgebra

/// Class labels and how they become targets of a network.
enum ClassLabels {
  /// The targets of a file as labels, one for each example.
  ///
  /// Truth values are the names False and True, and 0 and 1 where `wanted` has integers.
  static func labels(of targets: ExampleFile.Targets, wanted: [ClassLabel]?) throws(DataError) -> [ClassLabel] {
    if let texts = targets.source.texts { return texts.map { ClassLabel(text: $0) } }
    let values = targets.values
    guard values.columns == 1 else {
      throw .unusableArray(
        path: targets.path, array: targets.source.name, shape: targets.source.array.shape,
        use: "class labels", accepted: "one integer or name for each example")
    }
    if targets.source.array.elementType == .bool, wanted?.allSatisfy(\.isName) ?? true {
      return values.elements.map { $0 == 0 ? .name("False") : .name("True") }
    }
    var labels: [ClassLabel] = []
    labels.reserveCapacity(values.rows)
    for (example, value) in values.elements.enumerated() {
      guard let label = Int(exactly: value) else {
        throw .notALabel(
          path: targets.path, place: targets.source.place(example: example, offset: 0), value: value)
      }
      labels.append(.integer(label))
    }
    return labels
  }

  /// Targets of the examples: P x 1 with -1 and +1 for two classes, else P x D one-hot minus 1/D.
  ///
  /// Every label is one of `classes`.
  static func targets(_ labels: [ClassLabel], classes: [ClassLabel]) -> Matrix {
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
