internal import Foundation
internal import GSLNumerics
internal import LinearAlgebra

/// The fourth cumulant of the units of the bulk, to first order, beside one explicit unit: the next order in
/// 1/N (docs/next-order.md, section 2) of a bulk whose residuals the explicit unit moves,
///
///     M = B - s^2 B S B,   u = B (y - s m),   G = M - u u^T,   W' = k_*^T (B - s^2 B S B) + s^2 S_*^T B,
///     phi = q^(1/2) f,     g = phi^T G phi,   x = u^T phi,     p = phi_* - W' phi,
///     delta = c Cum[3 g^2 - 2 x^4],   dm = -4 c Cum[(3 g + 2 x^2) p x],   dv = -12 c Cum[g p^2],
///     c = (N_b/N) r_4/(8 lambda1^2 N) N_b/(N_b + 2),
///
/// r_4 = E v_b^4/(3 q^2) for readouts cut off at v. delta, dm and dv are those of every readout and of three
/// values of q there, and change averages over both as weights 1 + delta do, to first order in delta.
struct BulkCumulant {
  /// What is added to the averages over readouts.
  struct Correction: Sendable {
    let means: CumulantEstimate.Estimate
    let variance: [Double]
    let q: Double
    /// delta, of all changes the one that does not depend on the points: where it is below its noise none is
    /// added.
    let evidence: CumulantEstimate.Estimate
    let draws: Int

    var logEvidence: Double { evidence.values[0] }
  }

  private let problem: CondensedProblem
  private let points: CondensedProblem.Points
  private let kernels: Kernels
  /// Draws of a block.
  private let blockSize: Int
  private let seed: UInt32

  private static let blocks = 20
  /// Draws of which features are held at once.
  private static let step = 512
  /// Readouts of less weight are left out.
  private static let leastWeight = 1e-3

  /// Numbers that are held beside those of a problem: the places of one readout, and features of draws.
  static func memory(examples: Int, points: Int, rank: Int) -> Int {
    3 * (2 * examples * examples + examples * points) + step * (2 * examples + 3 * points + rank)
  }

  /// - Parameter draws: of a hidden unit, rounded up to blocks.
  init(_ problem: CondensedProblem, _ points: CondensedProblem.Points, draws: Int, seed: UInt32) {
    (self.problem, self.points, self.seed) = (problem, points, seed)
    kernels = Kernels(problem, points)
    blockSize = (draws + Self.blocks - 1) / Self.blocks
  }

  /// What is to be added to averages over a quadrature over the readout; nil where one of its nodes cannot be
  /// evaluated again.
  ///
  /// - Parameter nodes: with weights of sum 1.
  func correction(_ nodes: [(node: ReadoutNode, weight: Double)]) -> Correction? {
    let kept = nodes.filter { $0.weight > Self.leastWeight }
    let total = kept.reduce(0) { $0 + $1.weight }
    var parts: [Part] = []
    for (node, weight) in kept {
      let action = UnitAction(problem, readout: node.readout, units: problem.width - 1, cut: node.readout)
      guard let solved = SolvedNode(action, from: node, tolerance: 1) else { return nil }
      parts += self.parts(places(Self.orderParameters(solved.average), weight / total, solved))
    }
    return correction(parts)
  }

  /// Places at values of q, of some share of the weight.
  func places(
    _ values: [(q: Double, weight: Double)], _ share: Double, _ solved: SolvedNode
  ) -> [Place] {
    let held = solved.point.atPoints(points, problem)
    return values.map { Place(solved, q: $0.q, weight: share * $0.weight, held, points, kernels) }
  }

  /// Three nodes for the law of q, with the moments of log q up to the fifth if it is Gaussian.
  private static func orderParameters(_ average: BulkLaw.Average) -> [(q: Double, weight: Double)] {
    let logs = average.nodes.map { (value: log($0.q), weight: $0.weight) }
    let mean = logs.reduce(0) { $0 + $1.value * $1.weight }
    let square = logs.reduce(0) { $0 + ($1.value - mean) * ($1.value - mean) * $1.weight }
    let reach = (3 * square).squareRoot()
    return [(-reach, 1.0 / 6), (0, 2.0 / 3), (reach, 1.0 / 6)].map { (exp(mean + $0.0), $0.1) }
  }

  /// A place with its cumulants from every block.
  struct Part {
    let weight: Double
    let q: Double
    let mean: [Double]
    let variance: [Double]
    let cumulants: [Cumulants]
  }

  /// Draws, the same for all places.
  func parts(_ places: [Place]) -> [Part] {
    var cumulants = places.map { _ in [Cumulants]() }
    for block in 0..<Self.blocks {
      var sums = places.map { _ in Sums(points: points.rest.count) }
      // What training set and points share does not depend on the number of points.
      let weights = RandomGenerator(seed: seed, stream: 2 * block)
      let rest = RandomGenerator(seed: seed, stream: 2 * block + 1)
      for step in blockSize.blocks(of: Self.step) {
        let features = draw(step.count, weights, rest)
        for (index, place) in places.enumerated() { place.add(features, to: &sums[index]) }
      }
      for (index, place) in places.enumerated() {
        cumulants[index].append(place.cumulants(sums[index], draws: Double(blockSize)))
      }
    }
    return zip(places, cumulants).map {
      Part(weight: $0.weight, q: $0.q, mean: $0.mean, variance: $0.variance, cumulants: $1)
    }
  }

  /// What cumulants change of averages over parts, with errors from blocks.
  func correction(_ parts: [Part]) -> Correction {
    let mean = parts.map(\.mean).weightedSum(parts.map(\.weight))
    let changes = (0..<Self.blocks).map { Self.change(parts, block: $0, around: mean) }
    func estimate(_ value: (Change) -> [Double]) -> CumulantEstimate.Estimate {
      CumulantEstimate.Estimate(changes.map(value))
    }
    return Correction(
      means: estimate(\.mean), variance: estimate(\.variance).values, q: estimate { [$0.q] }.values[0],
      evidence: estimate { [$0.logEvidence] }, draws: blockSize * Self.blocks)
  }

  /// f of hidden units of the prior at the training set and at the points.
  private func draw(
    _ count: Int, _ weights: RandomGenerator, _ rest: RandomGenerator
  ) -> (training: Matrix, points: Matrix) {
    let w = Matrix.gaussian(rows: problem.rank, columns: count, weights)
    var h = points.features * w
    if points.rest.contains(where: { $0 > 0 }) {
      h.add(
        1,
        points.rest.map { $0.squareRoot() }.scalingRows(
          of: .gaussian(rows: points.rest.count, columns: count, rest)))
    }
    return (problem.unit.values(problem.features * w), problem.unit.values(h))
  }

  private struct Change {
    var mean: [Double]
    var variance: [Double]
    var q = 0.0
    let logEvidence: Double
  }

  private static func change(_ parts: [Part], block: Int, around mean: [Double]) -> Change {
    let delta = parts.reduce(0) { $0 + $1.weight * $1.cumulants[block].delta }
    let zero = [Double](repeating: 0, count: mean.count)
    var change = Change(mean: zero, variance: zero, logEvidence: delta)
    for part in parts {
      let cumulants = part.cumulants[block]
      let tilt = part.weight * (cumulants.delta - delta)
      change.q += tilt * part.q
      for p in mean.indices {
        let d = part.mean[p] - mean[p]
        change.mean[p] += tilt * d + part.weight * cumulants.mean[p]
        // Of <v> + Var(m).
        let own = cumulants.variance[p] + 2 * d * cumulants.mean[p]
        change.variance[p] += tilt * (part.variance[p] + d * d) + part.weight * own
      }
    }
    return change
  }

  /// The kernels of one unit of the prior.
  struct Kernels {
    /// E f f^T of the training set, and with the points (P x points).
    let training: Matrix
    let cross: Matrix
    /// E f_*^2.
    let variances: [Double]

    init(_ problem: CondensedProblem, _ points: CondensedProblem.Points) {
      let own = problem.features.transposed.columnNormsSquared
      let seen = points.features.transposed.columnNormsSquared
      let marginals = problem.unit.prior(variances: own)
      let held = problem.unit.prior(variances: zip(seen, points.rest).map(+))
      training = marginals.covariances(problem.features * problem.features.asTranspose)
      cross = marginals.covariances(problem.features * points.features.asTranspose, with: held)
      variances = held.variances
    }
  }

  /// Averages over draws, before Wick's values are taken off.
  struct Sums {
    var value = 0.0
    var mean: [Double]
    var variance: [Double]

    init(points: Int) {
      mean = [Double](repeating: 0, count: points)
      variance = mean
    }
  }

  struct Cumulants {
    let delta: Double
    let mean: [Double]
    let variance: [Double]
  }

  /// A readout and a value of q.
  struct Place {
    let weight: Double
    let q: Double
    /// Mean and variance at the points.
    let mean: [Double]
    let variance: [Double]
    /// c.
    private let scale: Double
    /// M.
    private let metric: Matrix
    /// u.
    private let pull: [Double]
    /// W', points x P.
    private let filters: Matrix
    /// Wick's values of 3 g^2 - 2 x^4, (3 g + 2 x^2) p x and g p^2.
    private let wick: Cumulants

    /// - Parameter held: `UnitAction.Evaluation.atPoints`.
    init(
      _ solved: SolvedNode, q: Double, weight: Double, _ held: (marginals: any UnitMarginals, joint: Matrix),
      _ points: CondensedProblem.Points, _ kernels: Kernels
    ) {
      let (action, point) = (solved.action, solved.point)
      let (problem, bulk, s) = (action.problem, action.bulk, action.strength)
      let width = problem.width
      let share = bulk.units / width
      let inverses = bulk.eigenvalues.map { 1 / (bulk.temperature + q * $0) }
      let turned = Matrix(rows: problem.count, columns: problem.count) {
        problem.vectors[$0, $1] * inverses[$1]
      }
      // B, B S and W = q share k_*^T B.
      let inverse = turned * problem.vectors.asTranspose
      let product = inverse * point.covariances
      let w = q * share * (turned * points.cross).transposed
      metric = inverse - s * s * (product * inverse)
      pull = turned * point.residual

      let (marginals, joint) = held
      let moved = w * point.covariances
      filters = w + s * s * ((joint.transposed - moved) * inverse)

      let filtered = points.cross.asTranspose * zip(inverses, point.residual).map { $0 * $1 }
      mean = zip(filtered, marginals.values).map { q * share * $0 + s * $1 }
      // q share k(x, x) - W k q share, and what the unit adds.
      let seen = columnProducts(w.transposed, kernels.cross)
      let (shared, spread) = (
        columnProducts(w.transposed, joint), columnProducts(moved.transposed, w.transposed)
      )
      var variance = marginals.variances
      for p in variance.indices {
        let unit = variance[p] - 2 * shared[p] + spread[p]
        variance[p] = q * share * (points.variances[p] - seen[p] / problem.lambda1) + s * s * unit
      }
      self.variance = variance

      let ratio = bulk.cut.map { TruncatedLaw(ratio: q / ($0 * $0)) } ?? .none
      let kurtosis = (1 + 2 * exp(2 * ratio.logFluctuation)) / 3
      scale =
        share * kurtosis / (8 * problem.lambda1 * problem.lambda1 * width) * bulk.units / (bulk.units + 2)
      (self.q, self.weight) = (q, weight)

      // T = q K, R = E p phi^T.
      var gt = q * (metric * kernels.training)
      gt.add(-q, outer: pull, kernels.training * pull)
      let response = q * (kernels.cross.transposed - filters * kernels.training)
      let trace = gt.trace
      let square = q * dot(pull, kernels.training * pull)
      let pulled = response * pull
      let turnedPull = response * (gt * pull)
      let curved = columnProducts((response * metric).transposed, response.transposed)
      let crossed = columnProducts(filters.transposed, kernels.cross)
      let squared = columnProducts(kernels.training * filters.transposed, filters.transposed)
      var (means, variances) = (pulled, pulled)
      for p in pulled.indices {
        means[p] = 3 * (trace * pulled[p] + 2 * turnedPull[p]) + 6 * square * pulled[p]
        // E p^2, and of g p^2.
        let size = q * (kernels.variances[p] - 2 * crossed[p] + squared[p])
        variances[p] = trace * size + 2 * (curved[p] - pulled[p] * pulled[p])
      }
      let contraction = trace * trace + 2 * gt.innerProduct(gt.transposed)
      wick = Cumulants(delta: 3 * contraction - 6 * square * square, mean: means, variance: variances)
    }

    /// Adds draws, P and points x draws.
    func add(_ features: (training: Matrix, points: Matrix), to sums: inout Sums) {
      let f = features.training
      let products = columnProducts(metric * f, f)
      let x = (f.asTranspose * pull).scaled(by: q.squareRoot())
      let g = zip(products, x).map { q * $0 - $1 * $1 }
      var p = features.points
      p.add(-1, filters * f)
      var tilts = x
      for (j, x) in x.enumerated() {
        let square = x * x
        sums.value += 3 * g[j] * g[j] - 2 * square * square
        tilts[j] = (3 * g[j] + 2 * square) * x
      }
      sums.mean.add(q.squareRoot(), p * tilts)
      let squares = Matrix(rows: p.rows, columns: p.columns, elements: p.elements.map { $0 * $0 })
      sums.variance.add(q, squares * g)
    }

    func cumulants(_ sums: Sums, draws: Double) -> Cumulants {
      Cumulants(
        delta: scale * (sums.value / draws - wick.delta),
        mean: zip(sums.mean, wick.mean).map { -4 * scale * ($0 / draws - $1) },
        variance: zip(sums.variance, wick.variance).map { -12 * scale * ($0 / draws - $1) })
    }
  }
}

extension [Double] {
  /// diag(self) A.
  fileprivate func scalingRows(of a: consuming Matrix) -> Matrix {
    var result = a
    let count = self.count
    result.withUnsafeMutableElements { elements in
      for k in elements.indices { elements[k] *= self[k % count] }
    }
    return result
  }
}
