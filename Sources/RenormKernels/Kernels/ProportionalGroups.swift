internal import LinearAlgebra

/// Groups of examples x_mu = c_mu x_g whose kernels are multiples of each other: K(x_mu, .) = c_mu K(x_g, .),
/// so that K has the exact rank of the number r of groups (docs/theory.md, section 3, "Small temperature").
///
/// c = 1 for equal examples; also c = -1 for odd activations, and all c > 0 for homogeneous ones, s(c h) = c
/// s(h).
///
/// Examples are brought to a common sign and size and projected on one direction; only those with equal
/// projections, neighbours in a sorted list, are compared pixel by pixel: P M + P log P operations. Comparisons
/// allow for the rounding of a scaled pixel (4 units of 2^-52) and of a projection (8 for each pixel).
struct ProportionalGroups {
  /// The group g of every example mu, P numbers below r.
  private(set) var group: [Int]
  /// c_mu, P numbers.
  private(set) var factors: [Double]
  /// The examples x_g, with c = 1: r numbers below P.
  private(set) var representatives: [Int] = []

  /// Nil where every example is a group of its own.
  ///
  /// - Parameters:
  ///   - pixels: the pixels that enter the kernels.
  ///   - areOdd: as in `LocalKernels`.
  init?(_ inputs: Matrix, _ pixels: [Int], areOdd: Bool, areHomogeneous: Bool) {
    let count = inputs.columns
    group = [Int](repeating: 0, count: count)
    factors = [Double](repeating: 1, count: count)
    var sizes = [Double](repeating: 0, count: count)
    var scales = sizes
    // Members of a group have the same projection on any direction, up to rounding.
    var projections = sizes
    let directions = pixels.indices.map(Self.direction)
    inputs.withUnsafeElements { elements in
      for mu in 0..<count {
        let example = UnsafeBufferPointer(rebasing: elements[mu * inputs.rows..<(mu + 1) * inputs.rows])
        var size = 0.0
        for pixel in pixels where abs(example[pixel]) > size { size = abs(example[pixel]) }
        let scale = Self.sign(example, pixels, isOdd: areOdd) * (areHomogeneous && size > 0 ? size : 1)
        var projection = 0.0
        for k in 0..<pixels.count { projection += directions[k] * (example[pixels[k]] / scale) }
        (sizes[mu], scales[mu], projections[mu]) = (size, scale, projection)
      }
    }
    let spread = (0..<count).map { 8 * Double.ulpOfOne * Double(pixels.count) * abs(sizes[$0] / scales[$0]) }
    // The largest of equal projections first.
    let order = (0..<count).sorted {
      (projections[$0], -sizes[$0], $0) < (projections[$1], -sizes[$1], $1)
    }
    // Representatives that can still have members.
    var open: [Int] = []
    for mu in order {
      open.removeAll {
        projections[mu] - projections[representatives[$0]] > spread[mu] + spread[representatives[$0]]
      }
      let match = open.first { g in
        Self.areProportional(inputs, pixels, mu, representatives[g], scales[mu] / scales[representatives[g]])
      }
      if let match {
        group[mu] = match
        factors[mu] = scales[mu] / scales[representatives[match]]
      } else {
        group[mu] = representatives.count
        open.append(representatives.count)
        representatives.append(mu)
      }
    }
    if representatives.count == count { return nil }
  }

  /// The sign of the first pixel that is not 0, for odd activations.
  private static func sign(_ example: UnsafeBufferPointer<Double>, _ pixels: [Int], isOdd: Bool) -> Double {
    guard isOdd, let first = pixels.first(where: { example[$0] != 0 }) else { return 1 }
    return example[first] < 0 ? -1 : 1
  }

  /// Numbers between 1/2 and 3/2 without a pattern: the fractional parts of multiples of the golden ratio, so
  /// that different examples hardly ever have equal projections.
  private static func direction(_ k: Int) -> Double {
    let x = Double(k + 1) * 0.6180339887498949
    return 0.5 + x - x.rounded(.down)
  }

  /// Whether x_mu = factor x_g in every pixel, up to the rounding of a quotient and a product.
  private static func areProportional(
    _ inputs: Matrix, _ pixels: [Int], _ mu: Int, _ g: Int, _ factor: Double
  ) -> Bool {
    pixels.allSatisfy { pixel in
      let (x, y) = (inputs[pixel, mu], factor * inputs[pixel, g])
      return abs(x - y) <= 4 * Double.ulpOfOne * max(abs(x), abs(y))
    }
  }

  /// (v^T v)_cd summed over groups, v = sum_mu (x_mu - c_mu x_g) y_mu over |x_g| (pixels x D), D x D: what the
  /// multiples leave of `targets` that are orthogonal to them. 0 where all are exact. Along x_g it is the
  /// rounding of c_mu alone, which homogeneous activations do not see: in one dimension all multiples are
  /// exact.
  func remainders(_ inputs: Matrix, _ pixels: [Int], areHomogeneous: Bool, targets: Matrix) -> Matrix {
    var sums: [Int: Matrix] = [:]
    for mu in group.indices {
      let g = representatives[group[mu]]
      // Without rounding of the product.
      var rest = pixels.map { inputs[$0, mu].addingProduct(-factors[mu], inputs[$0, g]) }
      guard rest.contains(where: { $0 != 0 }) else { continue }
      let own = pixels.map { inputs[$0, g] }
      let size = dot(own, own).squareRoot()
      if areHomogeneous {
        rest.add(-dot(rest, own) / (size * size), own)
        if pixels.count == 1 { continue }
      }
      let share = Matrix(columns: [rest.scaled(by: 1 / size)]) * Matrix(columns: [targets.row(mu)]).transposed
      sums[group[mu]] = sums[group[mu]].map { $0 + share } ?? share
    }
    return sums.values.reduce(Matrix(rows: targets.columns, columns: targets.columns)) { total, v in
      total + v.asTranspose * v
    }
  }
}
