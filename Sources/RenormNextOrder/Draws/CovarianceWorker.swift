internal import LinearAlgebra
internal import RenormKernels

/// dm of odd, smooth activations from derivatives by the filters w: a covariance, without its Gaussian part.
///
/// With probes z_k of A^-1, B_k = (phi_b.z_k)_b and tt = sum_k |B_k|^2, dm = -4 c Cum[v.p] with
/// v = tt x + 2 sum_k B_k (B_k.x) - |x|^2 x. By Stein's equation (`AveragedSlopes`)
///
///     E v.s(h(x)) = E sum_i g(h_i(x)) V_i.x_i,   V_i = sum_b L_ib grad v_b
///                 = sum_j (L J L^T)_ij grad xt_j + sum_jk (L J_k L^T)_ij grad Bt_kj,
///     J = (tt - |x|^2) 1 + 2 sum_k B_k B_k^T - 2 x x^T,   J_k = 2 B_k x^T + 2 x B_k^T + 2 (B_k.x) 1,
///
/// xt_j = sum_mu u_mu s(h_j(x_mu)), Bt likewise. What Gaussian features make of E v.p is the same with J and
/// J_k at their averages, which depend on covariances of features only. Less these averages the estimate is
/// that of the cumulant, and its noise is that of J times that of slopes, not that of a product of four
/// features.
final class CovarianceWorker {
  private let problem: NextOrderProblem
  private let plan: DrawPlan
  private let sources: FeatureSources
  private let slopes: FeatureSlopes
  private let projections: Matrix
  private let probes: Int
  private let filters: WorkArray
  /// xt with B, (m + 1) x (draws n), vector k of draw d at position j in (k, d + draws j); the last is xt.
  private let forms: WorkArray
  /// The same times L L^T.
  private let turned: WorkArray
  /// L J L^T and L J_k L^T, ((m + 1) n) x n for every draw.
  private let responses: WorkArray
  /// V, (M n) x draws.
  private let gradients: WorkArray
  private let sums: (training: WorkArray, points: WorkArray)
  private let solvedTargets: [Double]

  /// - Parameter projections: C^-1 K_R(X, x), P x points.
  init(_ problem: NextOrderProblem, _ sources: FeatureSources, _ plan: DrawPlan, projections: Matrix) {
    self.problem = problem
    self.plan = plan
    self.sources = sources
    self.projections = projections
    let positions = sources.largestPositions
    let step = plan.covarianceStep
    probes = Self.probes(positions: positions)
    slopes = FeatureSlopes(sources, vectors: probes + 1, draws: step)
    filters = WorkArray(plan.draws.inputs * plan.draws.pieceSize)
    forms = WorkArray((probes + 1) * step * positions)
    turned = WorkArray(forms.count)
    responses = WorkArray((probes + 1) * positions * positions * step)
    gradients = WorkArray(plan.draws.inputs * positions * step)
    sums = (WorkArray(problem.kernels.count), WorkArray(projections.columns))
    solvedTargets = problem.kernels.factor.solveLowerTransposed(Matrix(columns: [problem.kernels.eta])).elements
  }

  /// Whether g is known.
  static func covers(_ activation: any Activation) -> Bool { activation is Erf }

  /// Noise of probes is small beside that of draws where features have many positions, and each costs more.
  static func probes(positions: Int) -> Int { positions == 1 ? DrawPlan.probes : 4 }

  /// Bytes of a draw, and of all that does not depend on their number.
  static func bytes(rows: Int, points: Int, inputs: Int, positions: Int) -> (draw: Int, fixed: Int) {
    let vectors = probes(positions: positions) + 1
    let slopes = FeatureSlopes.numbers(
      rows: rows, points: points, inputs: inputs, positions: positions, vectors: vectors)
    let own = vectors * positions * (2 + positions) + inputs * positions
    return (8 * (slopes.draw + own), 8 * slopes.fixed)
  }

  func block(_ number: Int) -> BlockEstimate {
    let (kernels, frame) = (problem.kernels, problem.frame)
    sums.training.clear()
    sums.points.clear()
    for piece in plan.pieces(number) {
      let white = plan.whiteProbes(piece, kernels.count, probes)
      let vectors = Matrix(
        rows: kernels.count, columns: probes + 1,
        elements: kernels.factor.solveLowerTransposed(white).elements + solvedTargets)
      let averages = Averages(kernels, white)
      for (index, unit) in frame.units.enumerated() {
        let offsets = averages.responses(unit, frame)
        slopes.begin(unit, vectors)
        plan.draws.piece(piece * frame.units.count + index, into: filters)
        for step in plan.draws.pieceSize.blocks(of: plan.covarianceStep) {
          let inputs = plan.draws.inputs
          let own = MatrixView(filters.pointer + inputs * step.lowerBound, inputs, step.count)
          add(unit, own, vectors, offsets)
        }
      }
    }
    let (order, points) = (kernels.count, projections.columns)
    kernels.factor.solveLower(inPlace: sums.training.matrix(order, 1))
    let whitened = projections.asTranspose * sums.training.values
    let scale = -4 * problem.cumulantScale / Double(plan.blockSize)
    return BlockEstimate(mean: (0..<points).map { scale * (sums.points.pointer[$0] - whitened[$0]) })
  }

  private func add(
    _ unit: FeatureFrame.Unit, _ filters: MatrixView, _ vectors: Matrix, _ offsets: [Matrix]
  ) {
    let (draws, positions) = (filters.columns, unit.positions.count)
    slopes.compute(unit, filters)
    let products = forms.matrix(probes + 1, draws * positions)
    vectors.withUnsafeElements { vectors in
      guard let base = vectors.baseAddress else { return }
      let all = MatrixView(base, sources.training.count, probes + 1)
      products.setProduct(all.transposed, slopes.values)
    }
    let metric = unit.factor * unit.factor.asTranspose
    let size = (probes + 1) * positions * positions
    let moved = turned.matrix((probes + 1) * draws, positions)
    metric.withUnsafeElements { metric in
      guard let base = metric.baseAddress else { return }
      let metric = MatrixView(base, positions, positions)
      moved.setProduct(products.reshaped((probes + 1) * draws, positions), metric)
      for d in 0..<draws { respond(d, draws, metric, offsets, into: responses.pointer + d * size) }
    }
    let target = gradients.matrix(filters.rows * positions, draws)
    slopes.gradients(unit, responses, vectors, into: target)
    slopes.contract(unit, target, sums.training, sums.points)
  }

  /// L J L^T and L J_k L^T of draw d less their averages: row k + (m + 1) j, column i. With forms at positions,
  /// Bt, and St = L L^T, they are made of L B = St Bt, and |B|^2 = Bt.St Bt.
  private func respond(
    _ d: Int, _ draws: Int, _ metric: MatrixView, _ offsets: [Matrix], into target: UnsafeMutablePointer<Double>
  ) {
    let (n, m) = (metric.rows, probes)
    let (own, moved) = (forms.pointer + (m + 1) * d, turned.pointer + (m + 1) * d)
    let (rows, step) = (m + 1, (m + 1) * draws)
    var trace = 0.0
    for j in 0..<n {
      for k in 0..<m { trace += own[k + step * j] * moved[k + step * j] }
      trace -= own[m + step * j] * moved[m + step * j]
    }
    for i in 0..<n {
      for j in 0..<n {
        let (s, x, y) = (metric[i, j], moved[m + step * i], moved[m + step * j])
        var sum = 0.0
        for k in 0..<m { sum += moved[k + step * i] * moved[k + step * j] }
        target[m + rows * (j + n * i)] = trace * s + 2 * (sum - x * y) - offsets[m][i, j]
      }
    }
    for k in 0..<m {
      var mixed = 0.0
      for j in 0..<n { mixed += own[k + step * j] * moved[m + step * j] }
      offsets[k].withUnsafeElements { offset in
        for i in 0..<n {
          let (b, x) = (moved[k + step * i], moved[m + step * i])
          for j in 0..<n {
            target[k + rows * (j + n * i)] =
              2 * (b * moved[m + step * j] + x * moved[k + step * j] + mixed * metric[i, j]) - offset[j + n * i]
          }
        }
      }
    }
  }
}

/// Averages of J and J_k over a unit with given probes.
private struct Averages {
  /// tr(A^-1 D_e) - u^T D_e u with the probes in the place of A^-1, and z_k^T D_e u, probes x dimension.
  private let traces: [Double]
  private let forms: Matrix

  /// - Parameter white: C^T z, P x m.
  init(_ kernels: WhitenedKernels, _ white: Matrix) {
    traces = zip(kernels.innerProducts(white * white.asTranspose), kernels.forms).map(-)
    forms = white.asTranspose * kernels.y
  }

  /// L J_k L^T for every k, the last L J L^T.
  func responses(_ unit: FeatureFrame.Unit, _ frame: FeatureFrame) -> [Matrix] {
    let range = unit.coordinates
    let size = unit.columns.count
    func response(_ coordinates: [Double], _ scale: Double) -> Matrix {
      let matrix = BlockDiagonal(coordinates: coordinates, sizes: [size]).blocks[0]
      let trace = dot(Array(frame.identity[range]), coordinates)
      let sum = Matrix(rows: size, columns: size) {
        2 * scale * matrix[$0, $1] + ($0 == $1 ? scale * trace : 0)
      }
      return unit.factor * sum * unit.factor.asTranspose
    }
    return (0..<forms.rows).map { k in response(range.map { forms[k, $0] }, 2) } + [
      response(Array(traces[range]), 1)
    ]
  }
}
