internal import Foundation
internal import LinearAlgebra

extension LoadWarnings {
  /// Remarks on the scales of flat inputs, M x P after standardisation.
  static func features(_ file: ExampleFile, _ inputs: Matrix, _ standardization: Standardization) -> [String] {
    let constant = standardization.constantCount
    if constant > 0 {
      return [
        "\(file.path): \(constant) of \(inputs.rows) input values are the same in all training "
          + "examples; they are only centred"
      ]
    }
    guard case .global(_, let unit) = standardization, !file.hasImageShape, inputs.columns > 2, inputs.rows > 1
    else { return [] }
    let moments = FeatureScales(inputs)
    var warnings: [String] = []
    let equal = inputs.rows <= FeatureScales.few ? moments.constant : []
    if file.isTable, !equal.isEmpty {
      let names = DataError.listed(equal.map { file.inputName($0) })
      warnings.append(
        "\(file.path): input column\(equal.count == 1 ? "" : "s") \(names) \(equal.count == 1 ? "is" : "are") the same in "
          + "all training examples; `drop-columns` leaves columns out")
    }
    if let far = moments.far {
      warnings.append(
        "\(file.path): the means of input columns lie far apart beside their deviations (column "
          + "\(file.inputName(far)): \(shortNumber(unit * moments.means[far])) from the mean of all, deviation "
          + "\(shortNumber(unit * moments.deviations[far]))); with `standardize global` all examples look alike, "
          + "`standardize feature` centres each")
    } else if let (small, large) = moments.unlike {
      let text = { (index: Int) in
        "\(shortNumber(unit * moments.deviations[index])) (column \(file.inputName(index)))"
      }
      warnings.append(
        "\(file.path): input columns are of very unlike scale, with deviations from \(text(small)) to \(text(large)); "
          + "with `standardize global` the large ones decide alone, `standardize feature` scales each")
    }
    return warnings
  }

  private static func shortNumber(_ value: Double) -> String { String(format: "%.3g", value) }
}

/// Means and deviations of input values over the training examples.
struct FeatureScales {
  let means: [Double]
  let deviations: [Double]

  /// Up to this many inputs are columns that somebody has chosen, beyond they may be pixels.
  static let few = 40
  private static let unlikeRatio = 20.0

  /// Inputs M x P.
  init(_ inputs: Matrix) {
    let count = Double(inputs.columns)
    var sums = [Double](repeating: 0, count: inputs.rows)
    var squares = sums
    let rows = inputs.rows
    inputs.withUnsafeElements { elements in
      for (k, value) in elements.enumerated() { sums[k % rows] += value / count }
      for (k, value) in elements.enumerated() {
        squares[k % rows] += (value - sums[k % rows]) * (value - sums[k % rows]) / count
      }
    }
    means = sums
    deviations = squares.map { $0.squareRoot() }
  }

  /// Inputs that do not vary.
  var constant: [Int] { deviations.indices.filter { deviations[$0] <= 1e-12 * max(abs(means[$0]), 1e-300) } }

  /// The input whose mean is farthest from that of all, 0, where that is far beyond all deviations; nil where
  /// no mean is.
  var far: Int? {
    guard deviations.count <= Self.few, let far = means.indices.max(by: { abs(means[$0]) < abs(means[$1]) }),
      let largest = deviations.max(), abs(means[far]) > Self.unlikeRatio / 2 * largest
    else { return nil }
    return far
  }

  /// The inputs of smallest and largest deviation, where these are so unlike that one number does not scale
  /// all; nil where it does.
  var unlike: (small: Int, large: Int)? {
    let constant = Set(constant)
    let varying = deviations.indices.filter { !constant.contains($0) }
    guard let small = varying.min(by: { deviations[$0] < deviations[$1] }),
      let large = varying.max(by: { deviations[$0] < deviations[$1] })
    else { return nil }
    let limit = deviations[large] / Self.unlikeRatio
    let isSpread =
      deviations.count <= Self.few
      ? deviations[small] < limit : 2 * varying.count { deviations[$0] < limit } > varying.count
    return isSpread ? (small, large) : nil
  }
}
