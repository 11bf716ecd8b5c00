internal import LinearAlgebra

/// Given the features, zeta is Gaussian with mean gamma^(1/2) F^T U for every output and covariance
/// Sigma = 1 - gamma F^T A^-1 F = T B^-1, shared by all outputs.
extension ReadoutPosterior {
  /// Computes F^T U after `factor`.
  func setProjection(_ f: MatrixView, _ memory: Memory) {
    if side == .examples { projection(memory).setProduct(f.transposed, residual(memory)) }
  }

  /// Mean (points x D) and variance of f at points with the given features, after `factor` and `setProjection`.
  func predict(
    _ observed: MatrixView, training f: MatrixView, _ scratch: WorkArray, _ memory: Memory
  ) -> (mean: Matrix, variance: [Double]) {
    var mean = Matrix(rows: observed.rows, columns: outputs)
    mean.withUnsafeMutableElements { elements in
      guard let base = elements.baseAddress else { return }
      MatrixView(base, observed.rows, outputs).setProduct(observed, projection(memory), scale: scale)
    }
    let factor = inverse(memory)
    let cross = scratch.matrix(observed.rows, factor.rows)
    if side == .examples {
      cross.setProduct(observed, f.transposed)
    } else {
      cross.copy(observed)
    }
    cross.solveLowerTransposedFromRight(factor)
    let explained = cross.rowNormsSquared
    guard side == .examples else { return (mean, explained.map { temperature * scale * $0 }) }
    // What the difference leaves below zero is rounding.
    let variance = zip(observed.rowNormsSquared, explained).map { max(scale * $0 - scale * scale * $1, 0) }
    return (mean, variance)
  }

  /// Second moments of zeta and the posterior mean of the training loss, after `factor` and `setProjection`.
  /// The factor is replaced by the inverse.
  ///
  /// - Returns: `readout`, for one output (1/N) sum_a <zeta_a zeta_a^T>, r x r; for D outputs, D x D, the
  ///   average over a and b of <zeta_abc zeta_abd>. `trainingLoss`, the mean over examples and outputs of
  ///   <(y - f)^2>.
  func moments(
    _ f: MatrixView, units: Int, rank: Int, scratch: MatrixView, _ memory: Memory
  ) -> (readout: Matrix, trainingLoss: Double) {
    let (matrix, mean) = (inverse(memory), projection(memory))
    var covariance = Matrix(rows: rank, columns: rank)
    if side == .examples {
      scratch.copy(f)
      scratch.solveLower(matrix)
      // (mu, a, b) stands at mu + P (a + N b), so the sum over units is one product.
      let solved = scratch.reshaped(count * units, rank)
      covariance.withUnsafeMutableElements { elements in
        guard let base = elements.baseAddress else { return }
        MatrixView(base, rank, rank).setProduct(solved.transposed, solved, scale: -scale)
      }
      for b in 0..<rank { covariance[b, b] += Double(units) }
      matrix.invertFromCholesky()
    } else {
      matrix.invertFromCholesky()
      for b in 0..<rank {
        for c in 0...b {
          covariance[b, c] = temperature * (0..<units).reduce(0) { $0 + matrix[$1 + units * b, $1 + units * c] }
          covariance[c, b] = covariance[b, c]
        }
      }
    }
    // tr (gamma F Sigma F^T) on either side.
    let inverseTrace = (0..<matrix.rows).reduce(0) { $0 + matrix[$1, $1] }
    let spread = temperature * (Double(matrix.rows) - temperature * inverseTrace)
    let loss = temperature * temperature * residual(memory).squaredNorm + Double(outputs) * max(spread, 0)
    let trainingLoss = loss / Double(max(count * outputs, 1))
    guard outputs > 1 else {
      let byUnits = mean.reshaped(units, rank)
      let readout = Matrix(rows: rank, columns: rank) { b, c in
        let product = (0..<units).reduce(0) { $0 + byUnits[$1, b] * byUnits[$1, c] }
        return (covariance[b, c] + scale * product) / Double(units)
      }
      return (readout, trainingLoss)
    }
    let trace = covariance.trace
    let readout = Matrix(rows: outputs, columns: outputs) { c, d in
      let product = (0..<features).reduce(0) { $0 + mean[$1, c] * mean[$1, d] }
      return ((c == d ? trace : 0) + scale * product) / Double(features)
    }
    return (readout, trainingLoss)
  }
}

extension MatrixView {
  /// The squared norm of every row.
  fileprivate var rowNormsSquared: [Double] {
    var sums = [Double](repeating: 0, count: rows)
    for j in 0..<columns {
      for i in 0..<rows { sums[i] += self[i, j] * self[i, j] }
    }
    return sums
  }
}
