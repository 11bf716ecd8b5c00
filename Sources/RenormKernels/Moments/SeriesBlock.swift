internal import CVectorKernels
package import LinearAlgebra

/// The Hermite coefficients of the rows, or the columns, of a block of covariances.
package struct SeriesBlock {
  private let count: Int
  /// Numbers from one term to the next.
  private let stride: Int
  private let terms: Int
  /// The coefficient of element i and term k at i + stride * k; zeros beyond the terms of an element.
  private let coefficients: [Double]
  /// v^(-1/2).
  private let scales: [Double]
  /// What the coefficients from a term on make up of E[s(a)^2], of every octave; empty where all terms count.
  private let tails: [[Double]]

  /// The most rows of a block, so that its coefficients stay near the core.
  static let largest = 256

  /// The coefficients of some variances.
  init(
    _ series: HermiteSeries, _ variances: [Double], _ octaves: [(octave: HermiteOctave, places: [Int])]
  ) {
    let count = variances.count
    let terms = octaves.map(\.octave.terms).max() ?? 1
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
    tails = octaves.map(\.octave.tails)
  }

  /// The first coefficients of elements, known one by one.
  ///
  /// - Parameters:
  ///   - scales: v^(-1/2), 0 where the variance counts as 0.
  ///   - coefficients: `terms` numbers of an element.
  package init(scales: [Double], terms: Int, _ coefficients: (Int) -> [Double]) {
    let width = Int(renorm_series_width)
    (count, self.terms, self.scales) = (scales.count, terms, scales)
    stride = (count + width - 1) / width * width
    var all = [Double](repeating: 0, count: stride * terms)
    for i in scales.indices {
      for (k, value) in coefficients(i).enumerated() { all[i + stride * k] = value }
    }
    (self.coefficients, tails) = (all, [])
  }

  private func tail(_ term: Int) -> Double {
    guard !tails.isEmpty else { return 1 }
    return tails.reduce(0) { term < $1.count ? max($0, $1[term]) : $0 }
  }

  /// The number of terms from which on both sides leave out less than 1e-13; all where no tails are known.
  private static func terms(_ rows: SeriesBlock, _ columns: SeriesBlock) -> Int {
    let most = min(rows.terms, columns.terms)
    // Tails fall with the term.
    var (low, high) = (1, most)
    while low < high {
      let middle = (low + high) / 2
      if rows.tail(middle) * columns.tail(middle) <= 1e-26 { high = middle } else { low = middle + 1 }
    }
    return low
  }

  /// The second moments of all orders of r from covariances, rows x columns.
  package static func moments(
    _ covariances: consuming Matrix, _ rows: SeriesBlock, _ columns: SeriesBlock
  ) -> Matrix {
    var result = covariances
    let height = result.rows
    result.withUnsafeMutableElements { elements in
      guard let base = elements.baseAddress else { return }
      replace(base, stride: height, rows, columns, isOdd: false)
    }
    return result
  }

  /// Replaces covariances, columns of which are `stride` apart, by second moments.
  static func replace(
    _ covariances: UnsafeMutablePointer<Double>, stride: Int, _ rows: SeriesBlock, _ columns: SeriesBlock,
    isOdd: Bool
  ) {
    renorm_series_second_moments(
      covariances, stride, rows.scales, rows.count, columns.scales, columns.count, rows.coefficients,
      rows.stride, columns.coefficients, columns.stride, terms(rows, columns), isOdd)
  }
}
