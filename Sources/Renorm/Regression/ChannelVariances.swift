internal import LinearAlgebra

/// Means and variances of f at b points, and what rounding leaves of both, b x D each.
struct BlockPrediction {
  var mean: Matrix
  var meanError: Matrix
  var variance: Matrix
  var error: Matrix
  /// log p of classes, b x classes; nil for Gaussian noise, of which means and variances say it.
  var logProbabilities: Matrix?
}

/// The variances, and the errors of the means, of the channels of `GaussianChannels` at b points.
struct ChannelVariances {
  /// b x D.
  var variance: Matrix
  /// An estimate of its error from rounding, b x D.
  var error: Matrix
  /// An estimate of the error of the means from rounding, b x D.
  var meanError: Matrix
  /// |w|^2 with w = A_c^-1 s_c k(X, x), or a bound of it, b x D.
  var weightNorms: Matrix
  /// g = N A_c^-1 b = b - w of every point in the range, r x points for each channel.
  var complements: [Matrix] = []
}

extension GaussianChannels {
  /// Errors of rounding are not independent; as for the means, and calibrated with them
  /// (`RoundingCalibrationTests`).
  private var unit: Double { 3 * Double.ulpOfOne }
  /// A relative error of a variance that needs no closer look.
  private var negligible: Double { 1e-8 }

  /// var_c(x) = s k(x, x) - s^2 k(x)^T A^-1 k(x), with A = N + s k(X, X) and N the noise.
  ///
  /// Where x lies in the range of the training set, k(X, x) = k(X, X) b, it is b^T N w with w = A^-1 s k(X, x)
  /// = b - g, g = N A^-1 b: the sum w^T N w + s g^T k(X, X) g of two squares, of which a change E of k(X, X)
  /// makes g^T E g more. Elsewhere it is a difference; changes of k(x, x), k(X, x) and k(X, X) by a relative
  /// error e come to about e (s k(x, x)^(1/2) + |w| k^(1/2))^2, k the size of the elements of k(X, X).
  ///
  /// The same changes move a mean by e (s k(x, x)^(1/2) + |w| k^(1/2)) k^(1/2) |A^-1 y|, in the range by E's
  /// part g^T E A^-1 y. Where training examples obey a relation up to rounding, what is left of it moves means
  /// by up to var_c(x)^(1/2) (s k)^(1/2) |v|/T (`RangeExamples`).
  func channelVariances(_ block: HeldOutBlock) -> ChannelVariances {
    let (points, channels) = (block.variances.count, weights.count)
    let leastNoise = noise.min() ?? 1
    var explained = factors.map { $0.explained(block.cross) }
    if explained.count == 1 { explained = weights.map { _ in explained[0] } }
    var result = ChannelVariances(
      variance: Matrix(rows: points, columns: channels), error: Matrix(rows: points, columns: channels),
      meanError: Matrix(rows: points, columns: channels), weightNorms: Matrix(rows: points, columns: channels))
    let inside = Set(block.range?.points ?? [])
    for (c, s) in weights.enumerated() {
      let slope = meanSlope(channel: c)
      var uncertain: [Int] = []
      for p in 0..<points where !inside.contains(p) {
        // A posterior variance is not negative: what is below zero is rounding of a difference of equal
        // numbers.
        let variance = max(s * block.variances[p] - s * s * explained[c][p], 0)
        // As N w^2 is a part of the variance.
        let norm = variance / leastNoise
        let size = differenceSize(s, block.variances[p], norm)
        let error = unit * size * size
        if !(error <= negligible * variance && slope * size <= negligible * targetSizes[c]) {
          uncertain.append(p)
        }
        result.variance[p, c] = variance
        result.error[p, c] = error
        result.meanError[p, c] = slope * size
        result.weightNorms[p, c] = norm
      }
      let norms = factor(c).solve(block.cross.selectingColumns(uncertain)).columnNormsSquared
      for (p, norm) in zip(uncertain, norms) {
        let size = differenceSize(s, block.variances[p], s * s * norm)
        result.error[p, c] = unit * size * size
        result.meanError[p, c] = slope * size
        result.weightNorms[p, c] = s * s * norm
      }
      let remainder = 3 * (max(s, 0) * rounding.kernelSize).squareRoot() * relationResiduals[c]
      if remainder > 0 {
        for p in 0..<points where !inside.contains(p) {
          result.meanError[p, c] += remainder * result.variance[p, c].squareRoot()
        }
      }
      if let range = block.range { addInside(range, block, channel: c, to: &result) }
    }
    return result
  }

  /// s k(x, x)^(1/2) + |w| k^(1/2), with what amplifies rounding in both.
  private func differenceSize(_ s: Double, _ variance: Double, _ norm: Double) -> Double {
    let own = (rounding.amplification * max(s * variance, 0)).squareRoot()
    let others = (rounding.storage / Double.ulpOfOne * max(s, 0) * rounding.kernelSize * norm).squareRoot()
    return own + others
  }

  /// The size of a change of k(X, x), over `differenceSize`, times A^-1 y.
  private func meanSlope(channel c: Int) -> Double {
    let element = max(weights[c], 0) * rounding.kernelSize
    let solved = coefficients.column(c)
    return unit * (rounding.storage / Double.ulpOfOne * element * dot(solved, solved)).squareRoot()
  }

  private func addInside(
    _ range: RangeCoordinates, _ block: HeldOutBlock, channel c: Int, to result: inout ChannelVariances
  ) {
    let (s, factor) = (weights[c], factor(c))
    let solved = factor.solve(range.values)
    var complements = Matrix(rows: solved.rows, columns: solved.columns) { noise[$0] * solved[$0, $1] }
    var solutions = range.values - complements
    // Where the noise is larger than the kernel, b - g is a difference.
    let (norms, sizes) = (solutions.columnNormsSquared, range.values.columnNormsSquared)
    let noisy = range.points.indices.filter { norms[$0] < sizes[$0] / 4 }
    let own = s * factor.solve(block.cross.selectingColumns(noisy.map { range.points[$0] }))
    for (column, k) in noisy.enumerated() {
      for i in 0..<own.rows {
        solutions[i, k] = own[i, column]
        complements[i, k] = range.values[i, k] - own[i, column]
      }
    }
    let solvedTargets = coefficients.column(c)
    let solvedSize = dot(solvedTargets, solvedTargets).squareRoot()
    for (k, p) in range.points.enumerated() {
      let (b, g, w) = (range.values.column(k), complements.column(k), solutions.column(k))
      var (variance, size) = (0.0, 0.0)
      for i in b.indices {
        variance += b[i] * noise[i] * w[i]
        size += abs(b[i] * noise[i] * w[i])
      }
      let element = 3 * rounding.storage * rounding.kernelSize
      result.variance[p, c] = max(variance, 0)
      result.error[p, c] = element * abs(s) * dot(g, g) + unit * size
      result.meanError[p, c] = element * abs(s) * dot(g, g).squareRoot() * solvedSize
      result.weightNorms[p, c] = dot(w, w)
    }
    result.complements.append(complements)
  }

  /// m(x) - s_c k(x)^T A_c^-1 m of every point and channel, and what rounding makes of it, b x D each; g^T m in
  /// the range.
  func featureResidual(
    _ block: HeldOutBlock, _ own: ChannelVariances
  ) -> (values: Matrix, errors: Matrix) {
    let points = block.variances.count
    var values = Matrix(rows: points, columns: weights.count)
    var errors = values
    guard let feature else { return (values, errors) }
    let scaled = (block.cross.asTranspose * feature.solved) * Matrix.diagonal(weights)
    let featureSize = (dot(feature.values, feature.values) / Double(max(feature.values.count, 1))).squareRoot()
    for (c, s) in weights.enumerated() {
      let solved = feature.solved.column(c)
      let solvedSize = (max(s, 0) * rounding.amplification * rounding.kernelSize * dot(solved, solved))
        .squareRoot()
      for p in 0..<points {
        values[p, c] = block.features[p] - scaled[p, c]
        let norm = own.weightNorms[p, c]
        let kernel = differenceSize(s, block.variances[p], norm)
        errors[p, c] =
          unit * (abs(block.features[p]) + norm.squareRoot() * featureSize + kernel * solvedSize)
      }
      guard let range = block.range else { continue }
      for (k, p) in range.points.enumerated() {
        let g = own.complements[c].column(k)
        let terms = zip(g, feature.values).map { $0 * $1 }
        values[p, c] = terms.reduce(0, +)
        // g^T E A^-1 m.
        errors[p, c] =
          unit * terms.reduce(0) { $0 + abs($1) }
          + 3 * rounding.storage * rounding.kernelSize * abs(s) * (dot(g, g) * dot(solved, solved)).squareRoot()
      }
    }
    return (values, errors)
  }
}

extension Matrix {
  /// The matrix of f(M_ij).
  func mapElements(_ f: (Double) -> Double) -> Matrix {
    Matrix(rows: rows, columns: columns, elements: elements.map(f))
  }
}
