package import LinearAlgebra

/// All numbers of a file as they stand there, without a split into inputs and targets.
package enum NumericTable {
  /// Reads a file of any format: columns are examples. Unsigned bytes are divided by 255.
  ///
  /// - Throws: `DataError` for a file that cannot be read, or holds numbers that are not finite.
  package static func read(_ path: String) throws(DataError) -> Matrix {
    let file = try OpenFile(path, ReadingRequest(targets: .none))
      .examples(.training, role: .train, labels: nil, labelsRole: .trainLabels)
    let values = file.inputs.array.examples(0..<file.count)
    if let offset = values.elements.firstIndex(where: { !$0.isFinite }) {
      let (example, place) = (offset / values.rows, offset % values.rows)
      throw .notFinite(
        path: path, place: file.inputs.place(example: example, offset: place),
        text: "\(values.elements[offset])")
    }
    return file.inputsAreBytes ? (1 / 255.0) * values : values
  }
}
