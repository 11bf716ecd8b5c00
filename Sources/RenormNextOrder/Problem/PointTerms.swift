internal import LinearAlgebra
internal import RenormKernels

/// Mean and variance at held-out points as functions of the order parameter, and their Wick parts, at its
/// minimum.
///
/// With k = K_R(X, x), kt = C^-1 k and X_k = C^-1 (D_k(X, x) - D_k A^-1 k), derivatives along a direction k are
///
///     m'_k = scale X_k^T eta,  v'_k = scale V_k,
///     m''_kl = -scale^2 (X_k^T y_l + X_l^T y_k),  v''_kl = -2 scale^2 X_k^T X_l,
///
/// V_k the covariance of p_b and p_c summed with (e_k)_bc. All arrays have one element or one row for a point.
struct PointTerms: Sendable {
  /// The mean and the variance at the minimum.
  private(set) var mean: [Double] = []
  private(set) var variance: [Double] = []
  /// kt, P x points.
  private(set) var projections: Matrix
  /// m'_k and v'_k, points x dimension.
  private(set) var meanSlopes: Matrix
  private(set) var varianceSlopes: Matrix
  /// <m''> and <v''> over Cov(Q).
  private(set) var meanBend: [Double] = []
  private(set) var varianceBend: [Double] = []
  /// E[(tr g + 2 |x|^2) p.x + 2 p^T g x] and E[tr g |p|^2 + 2 p^T g p] of Gaussian features.
  private(set) var wickMean: [Double] = []
  private(set) var wickVariance: [Double] = []

  /// Points of which all X_k are held at once, twice.
  private static func blockSize(_ problem: NextOrderProblem) -> Int {
    let numbers = min(1 << 24, problem.memoryLimit / 64)
    return max(1, min(512, numbers / (problem.kernels.count * problem.kernels.dimension)))
  }

  /// - Parameters:
  ///   - points: inputs, one column for a point.
  ///   - spread: a root R of Cov(Q) = R R^T, dimension x dimension.
  init(_ problem: NextOrderProblem, points: Matrix, spread: Matrix) {
    let (kernels, frame) = (problem.kernels, problem.frame)
    let size = Self.blockSize(problem)
    projections = Matrix(rows: kernels.count, columns: 0)
    var (columns, slopes, bends) = ([Double](), [[Double]](), [[Double]]())
    let vectors = WickParts.meanVectors(frame, kernels)
    for block in points.columns.blocks(of: size) {
      let terms = PointBlock(problem, points.selectingColumns(block))
      columns += terms.projections.elements
      mean += terms.projections.asTranspose * kernels.eta
      variance += zip(
        terms.diagonals * frame.identity.scaled(by: problem.scale), terms.projections.columnNormsSquared
      ).map(-)
      let (along, across) = (terms.products(kernels.eta), terms.spans)
      for point in 0..<block.count {
        slopes.append(along.row(point).scaled(by: problem.scale))
        bends.append(across.row(point).scaled(by: problem.scale))
      }
      let square = -2 * problem.scale * problem.scale
      let covariance = spread * spread.asTranspose
      meanBend += terms.contract(kernels.y * covariance).scaled(by: square)
      varianceBend += terms.squares(spread).scaled(by: square)
      wickMean += terms.contract(vectors)
      wickVariance += terms.wickVariance(frame, kernels)
    }
    projections = Matrix(rows: kernels.count, columns: points.columns, elements: columns)
    meanSlopes = Matrix(rows: points.columns, columns: kernels.dimension) { slopes[$0][$1] }
    varianceSlopes = Matrix(rows: points.columns, columns: kernels.dimension) { bends[$0][$1] }
  }

  /// E[(tr g + 2 |x|^2) p.x + 2 p^T g x] of Gaussian features with another matrix in the place of A^-1 inside
  /// g.
  static func wickMean(_ problem: NextOrderProblem, points: Matrix, inverse: Matrix) -> [Double] {
    let kernels = problem.kernels
    let size = blockSize(problem)
    let vectors = WickParts.meanVectors(problem.frame, kernels, inverse: inverse)
    return points.columns.blocks(of: size).flatMap {
      PointBlock(problem, points.selectingColumns($0)).contract(vectors)
    }
  }
}

/// X_k and V_k of b points.
private struct PointBlock {
  let count: Int
  let order: Int
  /// kt, P x b.
  let projections: Matrix
  /// X_k, P x b for every k: P b x dimension.
  let residuals: Matrix
  /// D_k(x, x), b x dimension.
  let diagonals: Matrix
  /// V_k, b x dimension.
  let spans: Matrix

  init(_ problem: NextOrderProblem, _ points: Matrix) {
    let (kernels, frame) = (problem.kernels, problem.frame)
    let (count, order, dimension) = (points.columns, kernels.count, kernels.dimension)
    var residuals = frame.kernels(
      Patches(problem.range.inputs, of: frame.local), Patches(points, of: frame.local))
    residuals.withUnsafeMutableElements { elements in
      guard let base = elements.baseAddress else { return }
      kernels.factor.solveLower(inPlace: MatrixView(base, order, count * dimension))
    }
    let projections = Matrix(
      rows: order, columns: count, elements: residuals * frame.identity.scaled(by: problem.scale))
    var spans = frame.diagonals(points)
    diagonals = spans
    residuals.withUnsafeMutableElements { elements in
      guard let base = elements.baseAddress else { return }
      projections.withUnsafeElements { projections in
        guard let projection = projections.baseAddress else { return }
        let subtract = { (k: Int, sums: UnsafeMutablePointer<Double>) in
          let target = MatrixView(base + k * order * count, order, count)
          let whitened = MatrixView(projection, order, count)
          for point in 0..<count {
            sums[point + k * count] -= target.column(point).innerProduct(whitened.column(point))
          }
          _ = kernels.withKernels { target.setProduct($0(k), whitened, scale: -1, adding: 1) }
          for point in 0..<count {
            sums[point + k * count] -= target.column(point).innerProduct(whitened.column(point))
          }
        }
        spans.withUnsafeMutableElements { sums in
          guard let sums = sums.baseAddress else { return }
          Parallel.forEachWorker(dimension, threads: frame.local.threads) { $0.forEach { subtract($0, sums) } }
        }
      }
    }
    self.count = count
    self.order = order
    self.projections = projections
    self.residuals = residuals
    self.spans = spans
  }

  /// X_k^T q for every k, b x dimension.
  func products(_ q: [Double]) -> Matrix {
    let side = Matrix(
      rows: order, columns: residuals.elements.count / max(order, 1), elements: residuals.elements)
    return Matrix(rows: count, columns: residuals.columns, elements: side.asTranspose * q)
  }

  /// sum_k X_k^T q_k for every point.
  func contract(_ q: Matrix) -> [Double] {
    var result = [Double](repeating: 0, count: count)
    residuals.withUnsafeElements { elements in
      q.withUnsafeElements { q in
        result.withUnsafeMutableBufferPointer { result in
          guard let base = elements.baseAddress, let q = q.baseAddress, let result = result.baseAddress else {
            return
          }
          for k in 0..<residuals.columns {
            MatrixView(result, count, 1).setProduct(
              MatrixView(base + k * order * count, order, count).transposed,
              MatrixView(q + k * order, order, 1), adding: 1)
          }
        }
      }
    }
    return result
  }

  /// sum_a |sum_k X_k R_ka|^2 for every point.
  func squares(_ r: Matrix) -> [Double] {
    var result = [Double](repeating: 0, count: count)
    for block in r.columns.blocks(of: 16) {
      let turned = residuals * r.selectingColumns(block)
      let norms = Matrix(rows: order, columns: count * block.count, elements: turned.elements)
        .columnNormsSquared
      for (index, norm) in norms.enumerated() { result[index % count] += norm }
    }
    return result
  }

  /// tr C V_cc + 2 R_cb G R_cb^T + 2 [R_bb G R_cc^T + R_bc G R_cb^T + C_bc V_bc], summed over units.
  func wickVariance(_ frame: FeatureFrame, _ kernels: WhitenedKernels) -> [Double] {
    var weights = [Double](repeating: 0, count: frame.dimension)
    let norms = Matrix(rows: order, columns: count * residuals.columns, elements: residuals.elements)
      .columnNormsSquared
    let along = products(kernels.eta)
    var result = (0..<count).map { point in
      (0..<residuals.columns).reduce(0) {
        $0 + 4 * (norms[point + count * $1] - along[point, $1] * along[point, $1])
      }
    }
    for unit in frame.units {
      let sums = UnitSums(unit, frame, kernels)
      for (index, k) in unit.coordinates.enumerated() {
        weights[k] = sums.trace * sums.identity[index] + 2 * sums.traces[index]
      }
      let total = Matrix(rows: order, columns: count, elements: residuals * sums.spreadIdentity)
      let projected = total.asTranspose * kernels.eta
      for (point, norm) in total.columnNormsSquared.enumerated() {
        result[point] += 2 * (norm - projected[point] * projected[point])
      }
    }
    result.add(1, spans * weights)
    return result
  }
}
