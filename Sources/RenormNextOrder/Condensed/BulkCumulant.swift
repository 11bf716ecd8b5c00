internal import Foundation
internal import GSLNumerics
internal import LinearAlgebra

/// The fourth cumulant of the units of the bulk, to first order, beside one explicit unit: the next order in 1/N
/// (docs/next-order.md, section 2) of a bulk whose residuals the explicit unit moves,
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
    let mean: [Double]
    let variance: [Double]
    let q: Double
    let logEvidence: Double
    /// Standard errors, from blocks of draws.
    let meanErrors: [Double]
    let logEvidenceError: Double
    let draws: Int

    /// Whether the change of the means is above its noise, as `CumulantEstimate.Estimate.isAboveNoise`.
    var isAboveNoise: Bool { dot(mean, mean) >= 2 * dot(meanErrors, meanErrors) }
  }

  private let places: [Place]
  private let problem: CondensedProblem
  private let points: CondensedProblem.Points
  /// <m>.
  private let mean: [Double]

  /// Readouts of less weight have no place.
  private static let leastWeight = 1e-3
  private static let blocks = 20

  /// - Parameter nodes: of the quadrature over the readout, with weights of sum 1.
  init(
    _ nodes: [(node: ReadoutNode, weight: Double)], _ problem: CondensedProblem,
    _ points: CondensedProblem.Points
  ) {
    let kernels = Kernels(problem, points)
    var places: [Place] = []
    for (node, weight) in nodes where weight > Self.leastWeight {
      let action = UnitAction(problem, readout: node.readout, units: problem.width - 1, cut: node.readout)
      guard let solved = SolvedNode(action, from: node, tolerance: 1) else { continue }
      places += Self.orderParameters(solved.average).map {
        Place(solved, q: $0.q, weight: weight * $0.weight, points, kernels)
      }
    }
    self.init(places, problem, points)
  }

  init(_ places: [Place], _ problem: CondensedProblem, _ points: CondensedProblem.Points) {
    let total = places.reduce(0) { $0 + $1.weight }
    self.places = places.map { $0.scaled(by: 1 / total) }
    (self.problem, self.points) = (problem, points)
    mean = self.places.map(\.mean).weightedSum(self.places.map(\.weight))
  }

  /// Three nodes for the law of q, with the moments of log q up to the fifth if it is Gaussian.
  private static func orderParameters(_ average: BulkLaw.Average) -> [(q: Double, weight: Double)] {
    let logs = average.nodes.map { (value: log($0.q), weight: $0.weight) }
    let mean = logs.reduce(0) { $0 + $1.value * $1.weight }
    let square = logs.reduce(0) { $0 + ($1.value - mean) * ($1.value - mean) * $1.weight }
    let reach = (3 * square).squareRoot()
    return [(-reach, 1.0 / 6), (0, 2.0 / 3), (reach, 1.0 / 6)].map { (exp(mean + $0.0), $0.1) }
  }

  /// - Parameter count: of draws of a hidden unit, rounded up to blocks.
  func correction(draws count: Int, seed: UInt32) -> Correction {
    let size = (count + Self.blocks - 1) / Self.blocks
    let changes = (0..<Self.blocks).map { block -> Change in
      var sums = places.map { _ in Sums(points: mean.count) }
      let generator = RandomGenerator(seed: seed, stream: block)
      for step in size.blocks(of: 512) {
        let features = draw(step.count, generator)
        for (index, place) in places.enumerated() { place.add(features, to: &sums[index]) }
      }
      return change(zip(places, sums).map { $0.cumulants($1, draws: Double(size)) })
    }
    let means = Averages(changes.map(\.mean))
    let evidence = Averages(changes.map { [$0.logEvidence] })
    return Correction(
      mean: means.values, variance: Averages(changes.map(\.variance)).values,
      q: Averages(changes.map { [$0.q] }).values[0], logEvidence: evidence.values[0], meanErrors: means.errors,
      logEvidenceError: evidence.errors[0], draws: size * Self.blocks)
  }

  /// f of hidden units of the prior at the training set and at the points.
  private func draw(_ count: Int, _ generator: RandomGenerator) -> (training: Matrix, points: Matrix) {
    var normal = [Double](repeating: 0, count: problem.rank * count)
    generator.fillGaussian(&normal)
    let w = Matrix(rows: problem.rank, columns: count, elements: normal)
    var h = points.features * w
    let deviations = points.rest.map { $0.squareRoot() }
    for j in 0..<count { for i in 0..<h.rows { h[i, j] += deviations[i] * generator.gaussian() } }
    return (problem.unit.values(problem.features * w), problem.unit.values(h))
  }

  /// What cumulants at every place change of the averages.
  private struct Change {
    var mean: [Double]
    var variance: [Double]
    var q: Double
    var logEvidence: Double
  }

  private func change(_ cumulants: [Cumulants]) -> Change {
    let delta = zip(places, cumulants).reduce(0) { $0 + $1.0.weight * $1.1.delta }
    var change = Change(
      mean: [Double](repeating: 0, count: mean.count), variance: [Double](repeating: 0, count: mean.count), q: 0,
      logEvidence: delta)
    for (place, cumulants) in zip(places, cumulants) {
      let tilt = place.weight * (cumulants.delta - delta)
      change.q += tilt * place.q
      for p in mean.indices {
        let d = place.mean[p] - mean[p]
        change.mean[p] += tilt * d + place.weight * cumulants.mean[p]
        // Of <v> + Var(m).
        change.variance[p] +=
          tilt * (place.variance[p] + d * d) + place.weight * (cumulants.variance[p] + 2 * d * cumulants.mean[p])
      }
    }
    return change
  }

  private struct Averages {
    var values: [Double]
    let errors: [Double]

    init(_ blocks: [[Double]]) {
      let count = Double(blocks.count)
      let mean = blocks.weightedSum([Double](repeating: 1 / count, count: blocks.count))
      errors = mean.indices.map { i in
        (blocks.reduce(0) { $0 + ($1[i] - mean[i]) * ($1[i] - mean[i]) } / (count * (count - 1))).squareRoot()
      }
      values = mean
    }
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
      let marginals = problem.unit.marginals(means: [Double](repeating: 0, count: own.count), variances: own)
      let held = problem.unit.marginals(
        means: [Double](repeating: 0, count: seen.count), variances: zip(seen, points.rest).map(+))
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

    init(_ solved: SolvedNode, q: Double, weight: Double, _ points: CondensedProblem.Points, _ kernels: Kernels) {
      let (action, point) = (solved.action, solved.point)
      let (problem, bulk, s) = (action.problem, action.bulk, action.strength)
      let width = problem.width
      let share = bulk.units / width
      let inverses = bulk.eigenvalues.map { 1 / (bulk.temperature + q * $0) }
      let turned = Matrix(rows: problem.count, columns: problem.count) { problem.vectors[$0, $1] * inverses[$1] }
      // B, B S and W = q share k_*^T B.
      let inverse = turned * problem.vectors.asTranspose
      let product = inverse * point.covariances
      let w = q * share * (turned * points.cross).transposed
      metric = inverse - s * s * (product * inverse)
      pull = turned * point.residual

      let half = point.factor.solveLower(points.features.transposed)
      let marginals = problem.unit.marginals(
        means: points.features * point.law.mean, variances: zip(half.columnNormsSquared, points.rest).map(+))
      let joint = point.marginals.covariances(point.half.asTranspose * half, with: marginals)
      let moved = w * point.covariances
      filters = w + s * s * ((joint.transposed - moved) * inverse)

      let filtered = points.cross.asTranspose * zip(inverses, point.residual).map { $0 * $1 }
      mean = zip(filtered, marginals.values).map { q * share * $0 + s * $1 }
      // q share k(x, x) - W k q share, and what the unit adds.
      let seen = rowProducts(w, kernels.cross.transposed)
      let (shared, spread) = (rowProducts(w, joint.transposed), rowProducts(moved, w))
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
      let curved = rowProducts(response * metric, response)
      let crossed = rowProducts(filters, kernels.cross.transposed)
      let squared = rowProducts(filters * kernels.training, filters)
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

    private init(_ other: Place, weight: Double) {
      (self.weight, q, mean, variance) = (weight, other.q, other.mean, other.variance)
      (scale, metric, pull, filters, wick) = (
        other.scale, other.metric, other.pull, other.filters, other.wick
      )
    }

    func scaled(by factor: Double) -> Place { Place(self, weight: factor * weight) }

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

/// sum_j A_ij B_ij for every row i.
private func rowProducts(_ a: Matrix, _ b: Matrix) -> [Double] {
  (0..<a.rows).map { i in (0..<a.columns).reduce(0) { $0 + a[i, $1] * b[i, $1] } }
}
