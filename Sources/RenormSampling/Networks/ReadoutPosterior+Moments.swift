internal import GSLNumerics
internal import LinearAlgebra

/// Given the features, zeta is Gaussian with mean gamma^(1/2) F^T U for every output and covariance Sigma = 1 -
/// gamma F^T A^-1 F = T B^-1, shared by all outputs: Bayesian linear regression (Rasmussen and Williams,
/// Gaussian Processes, 2006, section 2.1). So at a point with the features phi
///
///     mean of f = gamma phi^T F^T U,   variance of f = gamma phi^T Sigma phi,
///     <(1/N) sum_a zeta_a zeta_a^T> = (1/N) sum_a [ Sigma_aa + gamma (F^T U)_a (F^T U)_a^T ],
///     <sum (y - f)^2> = |T U|^2 + D tr(gamma F Sigma F^T),
///     tr(gamma F Sigma F^T) = T (P - T tr A^-1) = T (K - T tr B^-1).
extension ReadoutPosterior {
  /// Computes F^T U after `invert`.
  func setProjection(_ f: MatrixView, _ memory: Memory) {
    if side == .examples { projection(memory).setProduct(f.transposed, residual(memory)) }
  }

  /// How many numbers `predict` needs.
  func predictionScratch(points: Int) -> Int { 3 * points * order }

  /// Mean (points x D) and variance of f at points with the given features, after `invert` and `setProjection`.
  func predict(
    _ observed: MatrixView, training f: MatrixView, _ scratch: WorkArray, _ memory: Memory
  ) -> (mean: Matrix, variance: [Double]) {
    let points = observed.rows
    var mean = Matrix(rows: points, columns: outputs)
    mean.withUnsafeMutableElements { elements in
      guard let base = elements.baseAddress else { return }
      MatrixView(base, points, outputs).setProduct(observed, projection(memory), scale: scale)
    }
    let part = { (k: Int) in MatrixView(scratch.pointer + k * points * order, order, points) }
    let (cross, right, solved) = (part(0), part(1), part(2))
    if side == .examples {
      cross.setProduct(f, observed.transposed)
    } else {
      cross.copy(observed.transposed)
    }
    right.copy(cross)
    solve(solved, right, memory)
    let explained = (0..<points).map { cross.column($0).innerProduct(solved.column($0)) }
    // What a difference leaves below zero is rounding.
    if side == .features { return (mean, explained.map { max(temperature * scale * $0, 0) }) }
    var own = [Double](repeating: 0, count: points)
    for k in 0..<observed.columns {
      for p in 0..<points { own[p] += observed[p, k] * observed[p, k] }
    }
    return (mean, zip(own, explained).map { max(scale * $0 - scale * scale * $1, 0) })
  }

  /// <zeta zeta^T> = Sigma + (1/D) sum_d m_d m_d^T of one coordinate of the readout, K x K, after `invert` and
  /// `setProjection`.
  ///
  /// - Parameter scratch: two matrices of the shape of F.
  func secondMoments(_ f: MatrixView, scratch: (MatrixView, MatrixView), _ memory: Memory) -> Matrix {
    let mean = projection(memory)
    var result = Matrix(rows: features, columns: features)
    result.withUnsafeMutableElements { elements in
      guard let base = elements.baseAddress else { return }
      let moments = MatrixView(base, features, features)
      if side == .examples {
        scratch.1.copy(f)
        solve(scratch.0, scratch.1, memory)
        moments.setProduct(f.transposed, scratch.0, scale: -scale)
        for k in 0..<features { moments[k, k] += 1 }
      } else {
        moments.copy(inverse(memory))
        for k in 0..<features * features { base[k] *= temperature }
      }
      moments.setProduct(mean, mean.transposed, scale: scale / Double(outputs), adding: 1)
    }
    return result
  }

  /// A draw of zeta given the features, output by output, after `invert`, by Matheron's rule:
  ///
  ///     zeta = z + gamma^(1/2) F^T A^-1 (y - gamma^(1/2) F z - T^(1/2) e),   z, e ~ N(0, 1).
  func draw(_ f: MatrixView, _ generator: RandomGenerator, _ memory: Memory) -> [Double] {
    (0..<outputs).flatMap { draw(f, output: $0, generator, memory) }
  }

  private func draw(
    _ f: MatrixView, output: Int, _ generator: RandomGenerator, _ memory: Memory
  ) -> [Double] {
    var zeta = [Double](repeating: 0, count: features)
    generator.fillGaussian(&zeta)
    var residual = targets.view.matrix.column(output)
    for mu in residual.indices { residual[mu] -= temperature.squareRoot() * generator.gaussian() }
    let root = scale.squareRoot()
    let (right, solved) = (WorkArray(order), WorkArray(order))
    zeta.withUnsafeMutableBufferPointer { zeta in
      residual.withUnsafeMutableBufferPointer { residual in
        guard let zeta = zeta.baseAddress, let residual = residual.baseAddress else { return }
        let z = MatrixView(zeta, features, 1)
        let r = MatrixView(residual, count, 1)
        r.setProduct(f, z, scale: -root, adding: 1)
        let (b, x) = (right.matrix(order, 1), solved.matrix(order, 1))
        if side == .examples {
          b.copy(r)
          solve(x, b, memory)
          z.setProduct(f.transposed, x, scale: root, adding: 1)
        } else {
          b.setProduct(f.transposed, r)
          solve(x, b, memory)
          for k in 0..<features { zeta[k] += root * x[k, 0] }
        }
      }
    }
    return zeta
  }

  /// Second moments of zeta and the posterior mean of the training loss, after `invert` and `setProjection`.
  ///
  /// - Parameters:
  ///   - scales: tau of the units, v_a = tau_a^(1/2) zeta_a, and F the scaled features; nil where all are 1.
  ///   - scratch: two matrices of the shape of F.
  /// - Returns: with v in the place of zeta, `readout`, for one output (1/N) sum_a <zeta_a zeta_a^T>, r x r;
  ///   for D outputs, D x D, the average over a and b of <zeta_abc zeta_abd>. `trainingLoss`, the mean over
  ///   examples and outputs of <(y - f)^2>.
  func moments(
    _ f: MatrixView, units: Int, rank: Int, scales: UnsafePointer<Double>? = nil,
    scratch: (MatrixView, MatrixView), _ memory: Memory
  ) -> (readout: Matrix, trainingLoss: Double) {
    let (inverse, mean) = (inverse(memory), projection(memory))
    var covariance = Matrix(rows: rank, columns: rank)
    func weight(_ unit: Int) -> Double { scales?[unit] ?? 1 }
    if side == .examples {
      scratch.1.copy(f)
      solve(scratch.0, scratch.1, memory)
      if scales != nil {
        for k in 0..<features { scratch.0.column(k).scale(by: weight(k % units)) }
      }
      // (mu, a, b) stands at mu + P (a + N b), so the sum over units is one product.
      let (features, solved) = (f.reshaped(count * units, rank), scratch.0.reshaped(count * units, rank))
      covariance.withUnsafeMutableElements { elements in
        guard let base = elements.baseAddress else { return }
        MatrixView(base, rank, rank).setProduct(features.transposed, solved, scale: -scale)
      }
      for b in 0..<rank { covariance[b, b] += (0..<units).reduce(0) { $0 + weight($1) } }
    } else {
      covariance = Matrix(rows: rank, columns: rank) { b, c in
        temperature * (0..<units).reduce(0) { $0 + weight($1) * inverse[$1 + units * b, $1 + units * c] }
      }
    }
    // tr (gamma F Sigma F^T) on either side.
    let inverseTrace = (0..<order).reduce(0) { $0 + inverse[$1, $1] }
    let spread = temperature * (Double(order) - temperature * inverseTrace)
    let loss = temperature * temperature * residual(memory).squaredNorm + Double(outputs) * max(spread, 0)
    let trainingLoss = loss / Double(max(count * outputs, 1))
    guard outputs > 1 else {
      let byUnits = mean.reshaped(units, rank)
      let readout = Matrix(rows: rank, columns: rank) { b, c in
        let product = (0..<units).reduce(0) { $0 + weight($1) * byUnits[$1, b] * byUnits[$1, c] }
        return (covariance[b, c] + scale * product) / Double(units)
      }
      return (readout, trainingLoss)
    }
    let trace = covariance.trace
    let readout = Matrix(rows: outputs, columns: outputs) { c, d in
      let product = (0..<features).reduce(0) { $0 + weight($1 % units) * mean[$1, c] * mean[$1, d] }
      return ((c == d ? trace : 0) + scale * product) / Double(features)
    }
    return (readout, trainingLoss)
  }
}

extension MatrixView {
  fileprivate func scale(by factor: Double) {
    for j in 0..<columns { for i in 0..<rows { self[i, j] *= factor } }
  }
}
