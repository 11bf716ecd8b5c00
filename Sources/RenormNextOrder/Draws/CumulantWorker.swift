internal import GSLNumerics
internal import LinearAlgebra
internal import RenormKernels

/// Averages over one block of draws, Wick parts included.
struct BlockEstimate: Sendable {
  /// delta; nil where a block gives means only.
  var value: Double?
  /// Its derivatives along the directions of the order parameter.
  var gradient: [Double] = []
  /// dm, one for each point.
  var mean: [Double] = []
  /// dv.
  var variance: [Double] = []
}

/// What a block is for.
enum BlockKind: Equatable, Sendable {
  /// delta, its gradient, dm and dv, with A^-1 itself.
  case all
  /// dm, with random probes in the place of A^-1 inside g.
  case means
  /// dm by `CovarianceWorker`, with or without delta.
  case covariances(hasValues: Bool)

  /// Whether `CovarianceWorker` gives delta too; nil for other blocks.
  var covarianceValues: Bool? {
    if case .covariances(let hasValues) = self { hasValues } else { nil }
  }
}

/// Computes blocks of draws one after the other, with one thread's BLAS and storage of its own.
final class CumulantWorker {
  private let problem: NextOrderProblem
  private let plan: DrawPlan
  private let draws: HiddenUnitDraws
  private let projections: Matrix
  private let workspace: FeatureWorkspace
  private let statistics: UnitStatistics
  private let filters: WorkArray
  private let weighted: WorkArray
  private let probed: WorkArray
  /// sum of v_b phi_b over training examples and points.
  private let meanSums: (training: WorkArray, points: WorkArray)
  /// u = A^-1 y.
  private let solvedTargets: [Double]

  /// - Parameter projections: C^-1 K_R(X, x), P x points.
  init(_ problem: NextOrderProblem, _ sources: FeatureSources, _ plan: DrawPlan, projections: Matrix) {
    self.problem = problem
    self.plan = plan
    self.projections = projections
    draws = plan.draws
    workspace = FeatureWorkspace(sources, draws: plan.step)
    statistics = UnitStatistics(draws: plan.step, order: sources.largestColumns)
    let columns = plan.step * sources.largestColumns
    filters = WorkArray(draws.inputs * draws.pieceSize)
    weighted = WorkArray(max(problem.kernels.count, projections.columns) * columns)
    meanSums = (WorkArray(problem.kernels.count), WorkArray(projections.columns))
    probed = WorkArray(DrawPlan.probes * columns)
    solvedTargets = problem.kernels.factor.solveLowerTransposed(Matrix(columns: [problem.kernels.eta])).elements
  }

  func block(_ number: Int, _ kind: BlockKind) -> BlockEstimate {
    switch kind {
    case .all: all(number)
    case .means, .covariances: means(number)
    }
  }

  private var points: Int { projections.columns }

  /// Calls `body` with every few draws of every unit of a block.
  private func forEachStep(_ number: Int, _ body: (_ piece: Int, FeatureFrame.Unit, MatrixView) -> Void) {
    for piece in plan.pieces(number) {
      for (index, unit) in problem.frame.units.enumerated() {
        draws.piece(piece * problem.frame.units.count + index, into: filters)
        for step in draws.pieceSize.blocks(of: plan.step) {
          body(
            piece, unit, MatrixView(filters.pointer + draws.inputs * step.lowerBound, draws.inputs, step.count))
        }
      }
    }
  }

  private func all(_ number: Int) -> BlockEstimate {
    let kernels = problem.kernels
    let (order, width) = (kernels.count, problem.frame.space.order)
    let sums = BlockSums(order: order, points: points, columns: width)
    kernels.eta.withUnsafeBufferPointer { eta in
      projections.withUnsafeElements { projections in
        guard let eta = eta.baseAddress else { return }
        forEachStep(number) { _, unit, filters in
          workspace.compute(unit, filters)
          let (psi, residual) = (workspace.training, workspace.points)
          kernels.factor.solveLower(inPlace: psi)
          if points > 0, let base = projections.baseAddress {
            residual.setProduct(MatrixView(base, order, points).transposed, psi, scale: -1, adding: 1)
          }
          statistics.begin(draws: filters.columns, order: unit.columns.count)
            .setProduct(psi.transposed, MatrixView(eta, order, 1))
          statistics.compute(psi)
          sums.add(statistics, unit, psi, residual, weighted)
        }
      }
    }
    return sums.estimate(problem, draws: Double(plan.blockSize))
  }

  private func means(_ number: Int) -> BlockEstimate {
    let order = problem.kernels.count
    let (training, sum) = (meanSums.training, meanSums.points)
    training.clear()
    sum.clear()
    var probes = (piece: -1, vectors: Matrix(rows: 0, columns: 0))
    solvedTargets.withUnsafeBufferPointer { u in
      guard let u = u.baseAddress else { return }
      forEachStep(number) { piece, unit, filters in
        if probes.piece != piece { probes = (piece, plan.probes(piece, problem.kernels.factor)) }
        workspace.compute(unit, filters)
        let features = workspace.training
        let psi = probed.matrix(DrawPlan.probes, features.columns)
        probes.vectors.withUnsafeElements { vectors in
          guard let base = vectors.baseAddress else { return }
          psi.setProduct(MatrixView(base, order, DrawPlan.probes).transposed, features)
        }
        statistics.begin(draws: filters.columns, order: unit.columns.count)
          .setProduct(features.transposed, MatrixView(u, order, 1))
        statistics.compute(psi)
        training.matrix(order, 1).setProduct(features, statistics.v, adding: 1)
        sum.matrix(points, 1).setProduct(workspace.points, statistics.v, adding: 1)
      }
    }
    problem.kernels.factor.solveLower(inPlace: training.matrix(order, 1))
    let whitened = projections.asTranspose * training.values
    let scale = -4 * problem.cumulantScale / Double(plan.blockSize)
    return BlockEstimate(mean: zip(sum.values, whitened).map { scale * ($0 - $1) })
  }
}

/// Sums over the draws of a block.
private final class BlockSums {
  private var value = 0.0
  /// sum of 2 sum_bc H_bc psi_b psi_c^T, P x P; the lower triangle.
  private let features: WorkArray
  /// sum of -8 |x|^2 sum_b x_b psi_b.
  private let vector: WorkArray
  /// sum of p v and of tr g |p|^2 + 2 p^T g p.
  private let mean: WorkArray
  private let variance: WorkArray
  /// 2 tr(g) g + 4 g g - 4 |x|^2 x x^T, one square for each unit.
  private let local: WorkArray
  private let square: WorkArray
  private let order: Int
  private let columns: Int

  /// - Parameter columns: of the frame, over all units.
  init(order: Int, points: Int, columns: Int) {
    self.order = order
    self.columns = columns
    features = WorkArray(order * order)
    vector = WorkArray(order)
    mean = WorkArray(points)
    variance = WorkArray(points)
    local = WorkArray(columns * columns)
    square = WorkArray(columns * columns)
  }

  func add(
    _ statistics: UnitStatistics, _ unit: FeatureFrame.Unit, _ psi: MatrixView, _ residual: MatrixView,
    _ scratch: WorkArray
  ) {
    value += statistics.value
    let first = unit.columns.lowerBound * (1 + columns)
    square.clear()
    let own = square.matrix(unit.columns.count, unit.columns.count)
    statistics.addGradient(to: own)
    for b in 0..<own.columns { for c in 0..<own.rows { local.pointer[first + c + columns * b] += own[c, b] } }
    vector.matrix(order, 1).setProduct(psi, statistics.x3, scale: -8, adding: 1)
    let weighted = scratch.matrix(order, psi.columns)
    statistics.applyWeights(psi, to: weighted)
    addFeatures(weighted, psi)

    let points = residual.rows
    guard points > 0 else { return }
    mean.matrix(points, 1).setProduct(residual, statistics.v, adding: 1)
    let turned = scratch.matrix(points, residual.columns)
    statistics.applyWeights(residual, to: turned)
    let (p, hp, sum) = (residual.pointer, turned.pointer, variance.pointer)
    for column in 0..<residual.columns {
      let start = column * points
      for i in 0..<points { sum[i] += p[start + i] * hp[start + i] }
    }
  }

  /// Adds 2 psi_H psi^T, which is symmetric: in strips of columns, of which the rows above are left out.
  private func addFeatures(_ weighted: MatrixView, _ psi: MatrixView) {
    for strip in order.blocks(of: 128) {
      let (first, rows) = (strip.lowerBound, order - strip.lowerBound)
      MatrixView(features.pointer + first * (order + 1), rows, strip.count, stride: order).setProduct(
        MatrixView(weighted.pointer + first, rows, weighted.columns, stride: order),
        MatrixView(psi.pointer + first, strip.count, psi.columns, stride: order).transposed,
        scale: 2, adding: 1)
    }
  }

  func estimate(_ problem: NextOrderProblem, draws: Double) -> BlockEstimate {
    let c = problem.cumulantScale
    features.matrix(order, order).copyLowerTriangleToUpper()
    let whole = Matrix(rows: columns, columns: columns, elements: local.values).symmetricPart
    let response = ResponseMatrix(
      features: Matrix(rows: order, columns: order, elements: features.values),
      vector: vector.values, eta: problem.kernels.eta)
    var gradient = BlockDiagonal(of: whole, sizes: problem.frame.space.blockSizes).coordinates
    gradient.add(problem.scale, problem.kernels.innerProducts(response.matrix))
    return BlockEstimate(
      value: c * value / draws, gradient: gradient.scaled(by: c / draws),
      mean: mean.values.map { -4 * c / draws * $0 }, variance: variance.values.map { -4 * c / draws * $0 })
  }
}
