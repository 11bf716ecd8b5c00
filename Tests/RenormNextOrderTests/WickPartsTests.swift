import LinearAlgebra
import Renorm
import RenormKernels
import Testing

@testable import RenormNextOrder

/// Averages of Gaussian features against sums over all pairings, with kernels and features by loops.
@Suite struct WickPartsTests {
  @Test(arguments: try SmallProblem.all) func pairings(_ small: SmallProblem) throws {
    let problem = try small.problem()
    let naive = try NaivePairings(small, problem)
    let wick = WickParts(problem.frame, problem.kernels, scale: problem.scale)
    expectClose(wick.value, naive.value, relative: 1e-9)
    let points = PointTerms(
      problem, points: SmallProblem.points.inputs, spread: .identity(problem.frame.dimension))
    expectClose(points.mean, naive.mean, relative: 1e-9)
    expectClose(points.variance, naive.variance, relative: 1e-9)
    expectClose(points.wickMean, naive.wickMean, relative: 1e-9)
    expectClose(points.wickVariance, naive.wickVariance, relative: 1e-9)
    // With A^-1 itself in the place of the probes' average.
    expectClose(
      PointTerms.wickMean(
        problem, points: SmallProblem.points.inputs, inverse: .identity(problem.kernels.count)),
      points.wickMean,
      relative: 1e-12)
  }

  /// More points than are taken at once.
  @Test func blocksOfPoints() throws {
    let problem = try SmallProblem(architecture: Convolutional(mask: Extent(2))).problem()
    let inputs = SmallProblem.data(700, seed: 5).inputs
    let spread = try MixtureExpansion(problem).spread
    let whole = PointTerms(problem, points: inputs, spread: spread)
    let last = PointTerms(problem, points: inputs.selectingColumns(400..<700), spread: spread)
    let tail = 400..<700
    expectClose(Array(whole.mean[tail]), last.mean)
    expectClose(Array(whole.varianceBend[tail]), last.varianceBend)
    expectClose(Array(whole.wickMean[tail]), last.wickMean)
    expectClose(Array(whole.wickVariance[tail]), last.wickVariance)
    expectClose(whole.varianceSlopes.selectingRows(tail), last.varianceSlopes)
    expectClose(whole.projections.selectingColumns(tail), last.projections)
    let inverse = Matrix.identity(problem.kernels.count)
    expectClose(
      Array(PointTerms.wickMean(problem, points: inputs, inverse: inverse)[tail]), last.wickMean,
      relative: 1e-11)
  }

  /// Derivatives of the Wick part against central differences, whose error is of the order of the step's
  /// square.
  @Test(arguments: try SmallProblem.all) func gradient(_ small: SmallProblem) throws {
    let problem = try small.problem()
    let gradient = WickParts(problem.frame, problem.kernels, scale: problem.scale).gradient
    let differences = try (0..<problem.frame.dimension).map { k in
      try small.difference(problem.frame, along: SmallProblem.unit(k, of: problem.frame.dimension)) {
        [WickParts($0.frame, $0.kernels, scale: $0.scale).value]
      }[0]
    }
    expectClose(gradient, differences, relative: 1e-6)
  }
}

/// The formulas with T_bc, R_bc and V_bc one by one.
private struct NaivePairings {
  var value = 0.0
  var wickMean: [Double]
  var wickVariance: [Double]
  let mean: [Double]
  let variance: [Double]

  init(_ small: SmallProblem, _ problem: NextOrderProblem) throws {
    let (training, points) = (SmallProblem.training, SmallProblem.points)
    let (p, b) = (training.count, points.count)
    var network = NaiveNetwork()
    network.kind =
      small.architecture is FullyConnected
      ? .fullyConnected : small.architecture is Convolutional ? .convolutional : .locallyConnected
    network.activation = small.activation is ReLU ? .relu : .erf
    network.lambda0 = 0.8
    network.mask = (2, 2)
    network.stride = (2, 2)
    let inputs = Matrix(columns: (0..<p).map(training.inputs.column) + (0..<b).map(points.inputs.column))
    let kernels = network.kernels(inputs, network.patches(channels: 1, height: 4, width: 4))
    let n = kernels.positions
    let own = try #require(Naive.cholesky(problem.frame.orderParameter.dense))
    let l = problem.frame.space.basis.map { Naive.product($0, own) } ?? own
    let scale = 1 / (small.lambda1 * Double(n))
    /// T_bc over training examples and points.
    func t(_ b: Int, _ c: Int) -> Matrix {
      var sum = Matrix(rows: inputs.columns, columns: inputs.columns)
      for i in 0..<n { for j in 0..<n { sum = sum + (l[i, b] * l[j, c]) * kernels.k[i][j] } }
      return sum
    }
    let r = l.columns
    let all = (0..<r).map { b in (0..<r).map { c in t(b, c) } }
    var whole = Matrix(rows: p + b, columns: p + b)
    for b in 0..<r { whole = whole + scale * all[b][b] }
    let a = Matrix(rows: p, columns: p) { whole[$0, $1] + ($0 == $1 ? small.temperature : 0) }
    let u = Naive.solve(a, training.targets)
    let inverse = Naive.inverse(a)
    let g = inverse - Naive.product(u, u.transposed)
    let cross = Matrix(rows: b, columns: p) { whole[p + $0, $1] }
    let w = Naive.product(cross, inverse)
    mean = Naive.product(cross, u).elements
    variance = (0..<b).map { x in
      whole[p + x, p + x] - Naive.product(w, cross.transposed)[x, x]
    }
    // p = (-W, 1) phi.
    let project = Matrix(rows: b, columns: p + b) { $1 < p ? -w[$0, $1] : $1 - p == $0 ? 1 : 0 }
    wickMean = [Double](repeating: 0, count: b)
    wickVariance = wickMean
    let units = small.architecture is LocallyConnected ? (0..<r).map { [$0] } : [Array(0..<r)]
    for unit in units {
      let index = unit.indices
      let t = unit.map { b in unit.map { c in Matrix(rows: p, columns: p) { all[b][c][$0, $1] } } }
      let big = unit.map { b in unit.map { c in Naive.product(project, all[b][c]) } }
      let rr = big.map { $0.map { m in Matrix(rows: b, columns: p) { m[$0, $1] } } }
      let v = big.map { $0.map { m in Naive.product(m, project.transposed).diagonal } }
      let c = t.map { $0.map { Naive.product(g, $0).trace } }
      let m = t.map { $0.map { Naive.product(u.transposed, Naive.product($0, u))[0, 0] } }
      let trC = index.reduce(0) { $0 + c[$1][$1] }
      let trM = index.reduce(0) { $0 + m[$1][$1] }
      let total = index.reduce(Matrix(rows: p, columns: p)) { $0 + t[$1][$1] }
      let gt = Naive.product(g, total)
      value += trC * trC + 2 * Naive.product(gt, gt).trace - 2 * trM * trM
      func add(_ scale: Double, _ x: Matrix) { for i in 0..<b { wickMean[i] += scale * x[i, 0] } }
      func addDiagonal(_ scale: Double, _ x: Matrix, _ y: Matrix) {
        let product = Naive.product(Naive.product(x, g), y.transposed)
        for i in 0..<b { wickVariance[i] += scale * product[i, i] }
      }
      for b1 in index {
        add(trC + 2 * trM, Naive.product(rr[b1][b1], u))
        for i in 0..<b { wickVariance[i] += trC * v[b1][b1][i] }
        for c1 in index {
          let gtu = Naive.product(g, Naive.product(t[b1][c1], u))
          value += 2 * c[b1][c1] * c[b1][c1] - 4 * m[b1][c1] * m[b1][c1]
          let left = Naive.product(t[b1][c1], g)
          value += 2 * Naive.product(left, Naive.product(t[c1][b1], g)).trace
          value += 2 * Naive.product(left, Naive.product(t[b1][c1], g)).trace
          add(2, Naive.product(rr[c1][b1], gtu))
          add(2, Naive.product(rr[b1][b1], Naive.product(g, Naive.product(t[c1][c1], u))))
          add(2, Naive.product(rr[b1][c1], gtu))
          add(2 * c[b1][c1], Naive.product(rr[b1][c1], u))
          add(4 * m[b1][c1], Naive.product(rr[c1][b1], u))
          addDiagonal(2, rr[c1][b1], rr[c1][b1])
          addDiagonal(2, rr[b1][b1], rr[c1][c1])
          addDiagonal(2, rr[b1][c1], rr[c1][b1])
          for i in 0..<b { wickVariance[i] += 2 * c[b1][c1] * v[b1][c1][i] }
        }
      }
    }
  }
}
