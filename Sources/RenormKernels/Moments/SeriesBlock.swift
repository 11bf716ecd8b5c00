internal import CVectorKernels
internal import LinearAlgebra

/// The Hermite coefficients of the rows, or the columns, of a block of covariances.
struct SeriesBlock {
  private let count: Int
  /// Numbers from one term to the next.
  private let stride: Int
  private let terms: Int
  /// The coefficient of element i and term k at i + stride * k; zeros beyond the terms of an element.
  private let coefficients: [Double]
  /// v^(-1/2).
  private let scales: [Double]

  /// The most rows of a block, so that its coefficients stay near the core.
  static let largest = 256

  /// The number of terms from which on the two sides leave out less than 1e-13.
  static func terms(_ rows: [HermiteOctave], _ columns: [HermiteOctave]) -> Int {
    func tail(_ octaves: [HermiteOctave], _ k: Int) -> Double {
      octaves.reduce(0) { k < $1.tails.count ? max($0, $1.tails[k]) : $0 }
    }
    let most = min(rows.map(\.terms).max() ?? 1, columns.map(\.terms).max() ?? 1)
    return (1...most).first { tail(rows, $0) * tail(columns, $0) <= 1e-26 } ?? most
  }

  /// The first coefficients of some variances.
  init(
    _ series: HermiteSeries, _ variances: UnsafeBufferPointer<Double>,
    _ octaves: [(octave: HermiteOctave, places: [Int])], terms: Int
  ) {
    let count = variances.count
    let width = Int(renorm_series_width)
    let stride = (count + width - 1) / width * width
    var coefficients = [Double](repeating: 0, count: stride * terms)
    coefficients.withUnsafeMutableBufferPointer { coefficients in
      guard let target = coefficients.baseAddress else { return }
      for (octave, places) in octaves {
        let nodes = octave.table.rows
        var weights = [Double](repeating: 0, count: nodes * count)
        for i in places {
          for (p, weight) in octave.weights(variances[i].squareRoot()).enumerated() {
            weights[p + nodes * i] = weight
          }
        }
        weights.withUnsafeBufferPointer { weights in
          octave.table.withUnsafeElements { table in
            guard let weights = weights.baseAddress, let table = table.baseAddress else { return }
            addTransposedProduct(
              rows: count, columns: min(terms, octave.terms), inner: nodes, weights, nodes, table, nodes,
              to: target, stride)
          }
        }
      }
    }
    self.count = count
    self.stride = stride
    self.terms = terms
    self.coefficients = coefficients
    scales = variances.map(series.scale)
  }

  /// The first coefficients of elements, known one by one.
  ///
  /// - Parameters:
  ///   - scales: v^(-1/2), 0 where the variance counts as 0.
  ///   - coefficients: `terms` numbers of an element.
  init(scales: [Double], terms: Int, _ coefficients: (Int) -> [Double]) {
    let width = Int(renorm_series_width)
    (count, self.terms, self.scales) = (scales.count, terms, scales)
    stride = (count + width - 1) / width * width
    var all = [Double](repeating: 0, count: stride * terms)
    for i in scales.indices {
      for (k, value) in coefficients(i).enumerated() { all[i + stride * k] = value }
    }
    self.coefficients = all
  }

  /// Replaces covariances, columns of which are `stride` apart, by second moments.
  static func replace(
    _ covariances: UnsafeMutablePointer<Double>, stride: Int, _ rows: SeriesBlock, _ columns: SeriesBlock,
    isOdd: Bool
  ) {
    renorm_series_second_moments(
      covariances, stride, rows.scales, rows.count, columns.scales, columns.count, rows.coefficients,
      rows.stride, columns.coefficients, columns.stride, rows.terms, isOdd)
  }
}
