internal import LinearAlgebra

/// The numbers that a network can take: their squares, and sums of many of these, must be numbers too.
enum NumberRange {
  /// Sums of 10^8 squares stay finite.
  static let largest = 1e150
  /// Squares keep all their digits.
  static let smallest = 1e-150

  /// Refuses standardised inputs, one column an example of `file`, that are too large.
  ///
  /// - Throws: `DataError.malformed`.
  static func checkLargest(_ inputs: Matrix, _ examples: [Int], of file: ExampleFile) throws(DataError) {
    guard let k = inputs.elements.firstIndex(where: { !(abs($0) <= largest) }) else { return }
    // Pixels that were combined or left out have no place of their own.
    let isWhole = inputs.rows == file.inputs.array.valuesPerExample
    let place = file.inputs.place(example: examples[k / inputs.rows], offset: isWhole ? k % inputs.rows : 0)
    throw tooLarge("an input", "inputs", inputs.elements[k], " when standardised", place, file.path)
  }

  /// Refuses targets of the chosen examples that are too large.
  ///
  /// - Throws: `DataError.malformed`.
  static func checkLargest(_ targets: ExampleFile.Targets, _ examples: [Int]) throws(DataError) {
    for column in 0..<targets.values.columns {
      for row in examples where abs(targets.values[row, column]) > largest {
        throw tooLarge(
          "a target", "targets", targets.values[row, column], "",
          targets.source.place(example: row, offset: column), targets.path)
      }
    }
  }

  private static func tooLarge(
    _ one: String, _ all: String, _ value: Double, _ note: String, _ place: DataPlace, _ path: String
  ) -> DataError {
    .malformed(
      path: path, place: place,
      reason:
        "\(one) of \(value)\(note): squares of such numbers overflow; accepted are at most \(largest), so "
        + "rescale the \(all)")
  }

  /// Refuses training inputs or targets of which even the largest has a square of few digits or none.
  ///
  /// - Throws: `DataError.malformed`.
  static func checkSmallest(_ values: Matrix, what: String, path: String) throws(DataError) {
    let scale = values.elements.reduce(0) { max($0, abs($1)) }
    guard scale > 0, scale < smallest else { return }
    throw .malformed(
      path: path, place: nil,
      reason:
        "the largest \(what) is \(scale): squares of such numbers vanish; accepted are \(what)s that reach "
        + "\(smallest), so rescale them")
  }
}
