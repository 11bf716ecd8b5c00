internal import GSLNumerics
public import LinearAlgebra
internal import RenormKernels

/// The mixture over the order parameter without expansion, as a check: quadrature over log q where the order
/// parameter is one number, else importance draws around the minimum. Exact at every N for linear activations.
public struct ExactMixture: Sendable {
  /// Order parameter, means and variances (mixture alone), and evidence.
  public let result: TheoryResult
  /// (sum of weights)^2 / (count * sum of squared weights); 1 for quadrature. Below some 0.2 draws are not to
  /// be used.
  public let effectiveShare: Double

  /// - Parameter draws: importance draws; of no effect where the order parameter is one number.
  /// - Throws: as `NextOrder`; `.unsupported` where the order parameter has more than 8 rows in a block or
  ///   fewer hidden units than rows.
  public init(
    _ posterior: Posterior, points: Matrix, draws: Int = 4000, seed: UInt32 = 1, threads: Int? = nil
  ) throws(RenormError) {
    let cores = threads ?? Parallel.availableCores
    (result, effectiveShare) = try Parallel.withThreads(cores) { () throws(RenormError) in
      let problem = try NextOrderProblem(posterior, threads: cores, memoryLimit: MemoryPlan.defaultLimit)
      let sizes = problem.frame.space.blockSizes
      guard let largest = sizes.max(), largest <= 8, problem.width >= Double(largest) else {
        throw .unsupported(
          what: "importance draws of an order parameter with blocks of \(sizes.max() ?? 0)",
          instead: "take at most 8 positions, and at least as many hidden units")
      }
      let mixture = try MixtureExpansion(problem)
      let nodes =
        sizes == [1]
        ? MixtureNodes.quadrature(problem, mixture)
        : MixtureNodes.draws(problem, mixture, count: draws, seed: seed)
      return try MixtureAverage(problem, points).average(nodes, count: posterior.training.count)
    }
  }
}

/// Order parameters 1 + X in the frame with the logarithms of prior density over density of nodes.
struct MixtureNodes {
  private(set) var coordinates: [[Double]] = []
  private(set) var logWeights: [Double] = []

  /// Trapezia in log q.
  static func quadrature(_ problem: NextOrderProblem, _ mixture: MixtureExpansion) -> MixtureNodes {
    let deviation = abs(mixture.spread[0, 0])
    let step = 0.1 * deviation
    // The density of log q falls as q^(N/2) only on the left.
    let left = max(10 * deviation, 46 / problem.width)
    var nodes = MixtureNodes()
    for index in -Int((left / step).rounded(.up))...100 {
      let t = Double(index) * step
      // The density is that of log b = t/2.
      nodes.append(problem, factorDiagonal: [t / 2], lower: .identity(1), logWeight: logarithm(step / 2))
    }
    return nodes
  }

  /// Student draws of B, Q = L B B^T L^T with B lower triangular and logarithms on the diagonal.
  static func draws(_ problem: NextOrderProblem, _ mixture: MixtureExpansion, count: Int, seed: UInt32)
    -> MixtureNodes
  {
    let (dimension, freedom) = (problem.frame.dimension, 12.0)
    let d = Double(dimension)
    let generator = RandomGenerator(seed: seed)
    var logScale = 0.0
    // det R by its Gram matrix, which is positive definite.
    if let factor = try? Cholesky(mixture.spread * mixture.spread.asTranspose) {
      logScale = factor.logDeterminant / 2
    }
    let constant =
      SpecialFunctions.logGamma((freedom + d) / 2) - SpecialFunctions.logGamma(freedom / 2)
      - d / 2 * logarithm(freedom * .pi) - logScale
    var nodes = MixtureNodes()
    var normal = [Double](repeating: 0, count: dimension)
    for _ in 0..<count {
      generator.fillGaussian(&normal)
      let length = (freedom / generator.chiSquared(freedom)).squareRoot()
      let student = normal.scaled(by: length)
      let logDensity = constant - (freedom + d) / 2 * logarithm(1 + dot(student, student) / freedom)
      let frame = problem.frame
      let x = frame.matrix(mixture.spread * student).dense
      // To first order X_ii = 2 log b_ii and X_ij = b_ij; coordinates of X weight the latter with sqrt(2).
      let order = x.rows
      let lower = Matrix(rows: order, columns: order) { i, j in i > j ? x[i, j] : 0 }
      let jacobian = frame.space.blockSizes.reduce(0.0) {
        $0 - Double($1) * logarithm(2) - Double($1 * ($1 - 1)) / 4 * logarithm(2)
      }
      nodes.append(
        problem, factorDiagonal: x.diagonal.map { $0 / 2 }, lower: lower,
        logWeight: jacobian - logDensity - logarithm(Double(count)))
    }
    return nodes
  }

  /// Adds the node 1 + X = B B^T, with the prior's density of log b_ii and b_ij.
  private mutating func append(
    _ problem: NextOrderProblem, factorDiagonal: [Double], lower: Matrix, logWeight: Double
  ) {
    let (frame, width) = (problem.frame, problem.width)
    let order = frame.space.order
    let b = Matrix(rows: order, columns: order) { i, j in
      i == j ? exponential(factorDiagonal[i]) : i > j ? lower[i, j] : 0
    }
    let moved = b * b.asTranspose
    let q = BlockDiagonal(of: moved, sizes: frame.space.blockSizes).congruence(
      by: frame.ownFactor.map(\.transposed))
    var log = logWeight - width / 2 * q.trace
    var start = 0
    for (block, size) in frame.space.blockSizes.enumerated() {
      let n = Double(size)
      let own = frame.ownFactor.blocks[block].diagonal.reduce(0) { $0 + 2 * logarithm($1) }
      let logDeterminant = own + 2 * factorDiagonal[start..<start + size].reduce(0, +)
      // Wishart_n(N, 1/N), and the Jacobian of Q = L B B^T L^T.
      log += (width - n - 1) / 2 * logDeterminant + width * n / 2 * logarithm(width / 2)
      log -= n * (n - 1) / 4 * logarithm(.pi)
      for i in 0..<size {
        log -= SpecialFunctions.logGamma((width - Double(i)) / 2)
        log += logarithm(2) + (n - Double(i) + 1) * factorDiagonal[start + i]
      }
      log += (n + 1) / 2 * own
      start += size
    }
    logWeights.append(log)
    let x = BlockDiagonal(of: moved, sizes: frame.space.blockSizes) - frame.space.identity
    coordinates.append(x.coordinates)
  }
}
