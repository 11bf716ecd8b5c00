internal import Foundation
public import LinearAlgebra
internal import RenormKernels

/// The similarity of hidden representations of p inputs at two positions, before and after training, at order
/// 1/N.
public struct NextOrderSimilarity: Equatable, Sendable {
  /// K_ij(x, x'), p x p.
  public let before: Matrix
  /// The average over the posterior, p x p.
  public let after: Matrix
  /// The standard error of an element of `after`, root mean square.
  public let standardError: Double
  /// Draws of a hidden unit.
  public let draws: Int

  /// What training changes.
  public var change: Matrix { after - before }
}

extension Posterior {
  /// The similarity of the columns of `inputs` at positions i and j for any activation, to order 1/N,
  ///
  ///     after = K_ij(x, x') - 1/(2 lambda1 N n) Cov[ s(h_i(x)) s(h_j(x')), tr g ],
  ///     g_bc = phi_b^T (A^-1 - u u^T) phi_c,
  ///
  /// the covariance over the prior of one hidden unit, by draws. `similarity(of:positions:_:)` is its part for
  /// Gaussian features. Between different positions of an LCN both are zero: they do not share filters.
  ///
  /// - Throws: as `NextOrder`; `.invalidParameter` for positions outside of the grid.
  public func nextOrderSimilarity(
    of inputs: Matrix, positions i: Int, _ j: Int, options: NextOrderOptions = NextOrderOptions(draws: 100_000)
  ) throws(RenormError) -> NextOrderSimilarity {
    try options.validate()
    guard inputs.rows == training.shape.count else {
      throw .shapeMismatch(expected: "\(training.shape)", got: "\(inputs.rows) values")
    }
    for position in [i, j] where !(0..<grid.positions).contains(position) {
      throw .invalidParameter(name: "position", value: "\(position)", accepted: "0 to \(grid.positions - 1)")
    }
    return try Parallel.withThreads(options.cores) { () throws(RenormError) in
      let limit = options.memoryLimit ?? MemoryPlan.defaultLimit
      let problem = try NextOrderProblem(self, threads: options.cores, memoryLimit: limit)
      let local = problem.frame.local
      let before = local.pairKernel(Patches(inputs, of: local), i, Patches(inputs, of: local), j)
      guard
        let number = problem.frame.units.firstIndex(where: {
          $0.positions.contains(i) && $0.positions.contains(j)
        })
      else { return NextOrderSimilarity(before: before, after: before, standardError: 0, draws: 0) }
      let draws = options.draws ?? options.maximumDraws
      let plan = try DrawPlan(
        problem, points: 2 * inputs.columns, blockSize: max(1, min(2000, draws / 20)), seed: options.seed,
        threads: options.cores)
      let sources = FeatureSources(
        problem.frame, training: Patches(problem.range.inputs, of: problem.frame.local), points: inputs)
      let blocks = max((draws + plan.blockSize / 2) / plan.blockSize, 4)
      let covariances = problem.unitCovariances(plan, sources, unit: number, positions: (i, j), blocks: blocks)
      let scale = -problem.scale / (2 * problem.width)
      return NextOrderSimilarity(
        before: before, after: before + scale * covariances.mean, standardError: abs(scale) * covariances.error,
        draws: blocks * plan.blockSize)
    }
  }
}

extension NextOrderProblem {
  /// Cov[ s(h_i(x)) s(h_j(x')), tr g ] over draws of a unit, with the root mean square of its elements' errors.
  fileprivate func unitCovariances(
    _ plan: DrawPlan, _ sources: FeatureSources, unit number: Int, positions: (Int, Int), blocks: Int
  ) -> (mean: Matrix, error: Double) {
    let unit = frame.units[number]
    let trace = UnitSums(unit, frame, kernels).trace
    let count = sources.points?.count ?? 0
    var sums = [Matrix](repeating: Matrix(rows: count, columns: count), count: blocks)
    sums.withUnsafeMutableBufferPointer { sums in
      // Workers write to places of their own.
      nonisolated(unsafe) let sums = sums
      Parallel.forEachWorker(blocks, threads: plan.threads) { indices in
        let worker = SimilarityWorker(self, plan, sources, unit: number, positions: positions, trace: trace)
        for index in indices { sums[index] = worker.block(index) }
      }
    }
    var mean = Matrix(rows: count, columns: count)
    for sum in sums { mean = mean + (1 / Double(blocks)) * sum }
    let squares = sums.reduce(0.0) { total, sum in
      let difference = sum - mean
      return total + difference.innerProduct(difference)
    }
    let elements = Double(max(count * count, 1))
    return (mean, (squares / (elements * Double(blocks) * Double(blocks - 1))).squareRoot())
  }
}

private final class SimilarityWorker {
  private let problem: NextOrderProblem
  private let plan: DrawPlan
  private let unit: FeatureFrame.Unit
  private let number: Int
  /// The features of one position, not turned into the frame.
  private let single: (FeatureFrame.Unit, FeatureFrame.Unit)
  private let trace: Double
  private let workspace: FeatureWorkspace
  private let statistics: UnitStatistics
  private let features: (WorkArray, WorkArray)
  private let filters: WorkArray
  private let sum: WorkArray
  private let count: Int

  init(
    _ problem: NextOrderProblem, _ plan: DrawPlan, _ sources: FeatureSources, unit number: Int,
    positions: (Int, Int),
    trace: Double
  ) {
    self.problem = problem
    self.plan = plan
    self.number = number
    self.trace = trace
    unit = problem.frame.units[number]
    single = (.init(position: positions.0), .init(position: positions.1))
    workspace = FeatureWorkspace(sources, draws: plan.step)
    statistics = UnitStatistics(draws: plan.step, order: sources.largestColumns)
    count = sources.points?.count ?? 0
    filters = WorkArray(plan.draws.inputs * plan.draws.pieceSize)
    sum = WorkArray(count * count)
    features = (WorkArray(count * plan.step), WorkArray(count * plan.step))
  }

  func block(_ block: Int) -> Matrix {
    let kernels = problem.kernels
    sum.clear()
    let draws = plan.draws
    kernels.eta.withUnsafeBufferPointer { eta in
      guard let eta = eta.baseAddress else { return }
      for piece in plan.pieces(block) {
        draws.piece(piece * problem.frame.units.count + number, into: filters)
        for step in draws.pieceSize.blocks(of: plan.step) {
          let view = MatrixView(filters.pointer + draws.inputs * step.lowerBound, draws.inputs, step.count)
          workspace.computeTraining(unit, view)
          let psi = workspace.training
          kernels.factor.solveLower(inPlace: psi)
          statistics.begin(draws: step.count, order: unit.columns.count)
            .setProduct(psi.transposed, MatrixView(eta, kernels.count, 1))
          statistics.compute(psi)
          let left = workspace.computePoints(single.0, view, into: features.0)
          let right = workspace.computePoints(single.1, view, into: features.1)
          for d in 0..<step.count {
            let weight = statistics.traces[d, 0] - trace
            for p in 0..<count { left[p, d] *= weight }
          }
          sum.matrix(count, count).setProduct(left, right.transposed, adding: 1)
        }
      }
    }
    return Matrix(
      rows: count, columns: count, elements: sum.values.map { $0 / Double(plan.blockSize) })
  }
}

extension FeatureFrame.Unit {
  /// One position with its features as they are.
  fileprivate init(position: Int) {
    self.init(positions: position..<position + 1, columns: 0..<1, coordinates: 0..<1, factor: .identity(1))
  }
}
