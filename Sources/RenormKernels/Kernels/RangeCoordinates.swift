package import LinearAlgebra

/// Points that lie in the range of a training set: x of which every kernel is a combination of those of r
/// examples, K(x, .) = sum_g b_g K(x_g, .), and m(x) = sum_g b_g m(x_g) (docs/theory.md, section 3, "Small
/// temperature").
///
/// Their posterior variance is b^T (T/d) A^-1 k(X, x), without a difference of nearly equal numbers.
package struct RangeCoordinates: Sendable {
  /// The points, by their places among all.
  package let points: [Int]
  /// b, r x points.
  package let values: Matrix

  package init(points: [Int], values: Matrix) {
    self.points = points
    self.values = values
  }

  /// The points with one of D outputs, in coordinates of examples and outputs, (g, d) at g D + d.
  package func spread(to output: Int, of outputs: Int) -> RangeCoordinates {
    var spread = Matrix(rows: values.rows * outputs, columns: values.columns)
    for k in 0..<values.columns {
      for g in 0..<values.rows { spread[g * outputs + output, k] = values[g, k] }
    }
    return RangeCoordinates(points: points, values: spread)
  }

  /// All of D outputs of the points, (x, d) at x D + d.
  package func spread(over outputs: Int) -> RangeCoordinates {
    let parts = (0..<outputs).map { spread(to: $0, of: outputs) }
    return RangeCoordinates(
      points: parts.enumerated().flatMap { d, part in part.points.map { $0 * outputs + d } },
      values: Matrix(columns: parts.flatMap { part in (0..<part.values.columns).map(part.values.column) }))
  }

  /// The same points in other coordinates of the examples.
  package func map(_ transform: (Matrix) -> Matrix) -> RangeCoordinates {
    RangeCoordinates(points: points, values: transform(values))
  }
}

/// Points that are multiples c x_g of examples.
package struct RangeMultiples: Sendable {
  /// g for every point; nil for those that are none.
  fileprivate let examples: [Int?]
  /// c for every point.
  fileprivate let factors: [Double]
}

extension RangeExamples {
  /// Those of the points, the columns of `inputs`, that are multiples of an example as `ProportionalGroups` has
  /// them, or with linear s combinations of dependent examples; nil where none is.
  package func coordinates(of inputs: Matrix) -> RangeCoordinates? {
    coordinates(of: inputs, multiples(inputs), 0..<inputs.columns)
  }

  /// The same for a block of points.
  ///
  /// - Parameter multiples: of all points.
  package func coordinates(
    of inputs: Matrix, _ multiples: RangeMultiples?, _ block: Range<Int>
  ) -> RangeCoordinates? {
    let found = isBasis ? combinations(inputs) : multiples.map { own($0, block) } ?? []
    guard !found.isEmpty else { return nil }
    return RangeCoordinates(points: found.map(\.point), values: Matrix(columns: found.map(\.values)))
  }

  private typealias Found = (point: Int, values: [Double])

  /// b = (U S)^T x / S^2 where the rest of x is rounding: as for the rank, max(M, P) 2^-52 of its norm, and a
  /// few units for the projection itself.
  private func combinations(_ points: Matrix) -> [Found] {
    let examples = inputs.selectingRows(pixels)
    let seen = points.selectingRows(pixels)
    let squares = examples.columnNormsSquared
    var coordinates = examples.asTranspose * seen
    for p in 0..<coordinates.columns { for g in squares.indices { coordinates[g, p] /= squares[g] } }
    let rest = (seen - examples * coordinates).columnNormsSquared
    let unit = Double(8 + max(pixels.count, inputs.columns + outsideCount)) * Double.ulpOfOne
    return seen.columnNormsSquared.enumerated().compactMap { p, square in
      rest[p] <= unit * unit * square ? (p, coordinates.column(p)) : nil
    }
  }

  /// The points that are multiples of examples; nil where none is, or where combinations count.
  package func multiples(_ points: Matrix) -> RangeMultiples? {
    let count = inputs.columns
    guard !isBasis, count > 0, points.columns > 0 else { return nil }
    let all = Matrix(
      rows: inputs.rows, columns: count + points.columns, elements: inputs.elements + points.elements)
    guard let groups = ProportionalGroups(all, pixels, areOdd: areOdd, areHomogeneous: areHomogeneous) else {
      return nil
    }
    var examples: [Int: Int] = [:]
    for g in 0..<count { examples[groups.group[g]] = g }
    let found = (0..<points.columns).map { examples[groups.group[count + $0]] }
    return RangeMultiples(
      examples: found,
      factors: found.enumerated().map { p, g in
        g.map { groups.factors[count + p] / groups.factors[$0] } ?? 0
      })
  }

  /// b_g = c for x = c x_g.
  private func own(_ multiples: RangeMultiples, _ block: Range<Int>) -> [Found] {
    block.enumerated().compactMap { k, p in
      guard let g = multiples.examples[p] else { return nil }
      var values = [Double](repeating: 0, count: inputs.columns)
      values[g] = multiples.factors[p]
      return (k, values)
    }
  }
}
