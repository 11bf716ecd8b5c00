internal import LinearAlgebra
internal import RenormKernels

/// Averages over order parameters at a set of points.
struct MixtureAverage {
  private let problem: NextOrderProblem
  /// C^-1 D_k(X, x), P x points for every k, and D_k(x, x).
  private var cross: Matrix
  private let diagonals: Matrix

  init(_ problem: NextOrderProblem, _ points: Matrix) {
    let frame = problem.frame
    self.problem = problem
    cross = frame.kernels(Patches(problem.range.inputs, of: frame.local), Patches(points, of: frame.local))
    let (order, columns) = (problem.kernels.count, points.columns * frame.dimension)
    cross.withUnsafeMutableElements {
      if let base = $0.baseAddress {
        problem.kernels.factor.solveLower(inPlace: MatrixView(base, order, columns))
      }
    }
    diagonals = frame.diagonals(points)
  }

  /// What a mixture averages, at 1 + X.
  private struct Value {
    /// log N(y; 0, A) less constants.
    let logLikelihood: Double
    let mean: [Double]
    let variance: [Double]
    /// C(X) of `MixtureExpansion`, of which the average is zero.
    let control: [Double]
  }

  private func evaluate(_ x: [Double]) throws(RenormError) -> Value {
    let (kernels, scale) = (problem.kernels, problem.scale)
    let order = kernels.count
    var a = Matrix(rows: order, columns: order, elements: kernels.z * x.scaled(by: scale))
    for i in 0..<order { a[i, i] += 1 }
    let factor = try factoring("T I + K_R") { () throws(LinearAlgebraError) in try Cholesky(a) }
    let weights = zip(problem.frame.identity, x).map { scale * ($0 + $1) }
    let k = factor.solveLower(Matrix(rows: order, columns: diagonals.rows, elements: cross * weights))
    let targets = factor.solveLower(Matrix(columns: [kernels.eta])).elements
    return Value(
      logLikelihood: -0.5 * (factor.logDeterminant + dot(targets, targets)), mean: k.asTranspose * targets,
      variance: zip(diagonals * weights, k.columnNormsSquared).map(-), control: control(x, factor, targets))
  }

  private func control(_ x: [Double], _ factor: Cholesky, _ targets: [Double]) -> [Double] {
    let (kernels, frame) = (problem.kernels, problem.frame)
    var g = factor.solve(.identity(kernels.count))
    let u = factor.solveLowerTransposed(Matrix(columns: [targets]))
    g.add(-1, congruence: u, .identity(1), u)
    let gradient = kernels.innerProducts(g).scaled(by: problem.scale / problem.width)
    let prior = frame.ownFactor.map { $0.asTranspose * $0 }
    let whole = frame.matrix(zip(frame.identity, x).map(+)).combined(with: prior + frame.matrix(gradient)) {
      ($0 * $1).symmetricPart
    }
    return (whole - frame.space.identity).coordinates
  }

  /// Weights that sum to one, so changed that the average of the controls is zero: regression on them.
  private func regressed(_ weights: [Double], _ controls: [[Double]]) -> [Double] {
    var mean = [Double](repeating: 0, count: problem.frame.dimension)
    for (w, c) in zip(weights, controls) { mean.add(w, c) }
    let centred = Matrix(rows: mean.count, columns: weights.count) { controls[$1][$0] - mean[$0] }
    let weighted = Matrix(rows: mean.count, columns: weights.count) { centred[$0, $1] * weights[$1] }
    guard let factor = try? Cholesky(weighted * centred.asTranspose) else { return weights }
    let change = centred.asTranspose * factor.solve(mean)
    return zip(weights, change).map { $0 * (1 - $1) }
  }

  func average(_ nodes: MixtureNodes, count: Int) throws(RenormError) -> (TheoryResult, Double) {
    var logs: [Double] = []
    var values: [Value] = []
    for (x, weight) in zip(nodes.coordinates, nodes.logWeights) {
      let value = try evaluate(x)
      logs.append(weight + value.logLikelihood)
      values.append(value)
    }
    let largest = logs.max() ?? 0
    let raw = logs.map { exponential($0 - largest) }
    let sum = raw.reduce(0, +)
    var mean = [Double](repeating: 0, count: diagonals.rows)
    var square = mean
    var x = [Double](repeating: 0, count: problem.frame.dimension)
    for (index, w) in regressed(raw.scaled(by: 1 / sum), values.map(\.control)).enumerated() {
      x.add(w, nodes.coordinates[index])
      for p in mean.indices {
        let m = values[index].mean[p]
        mean[p] += w * m
        square[p] += w * (m * m + values[index].variance[p])
      }
    }
    let outside = problem.range.outside(problem.network.temperature, isWhitened: false)
    let constant =
      problem.kernels.factor.logDeterminant + outside.logDeterminant + outside.quadraticForm
      + Double(count) * logarithm(2 * .pi)
    let result = TheoryResult(
      orderParameter: problem.frame.orderParameter(at: x),
      prediction: Prediction(
        mean: Matrix(columns: [mean]), variance: Matrix(columns: [zip(square, mean).map { $0 - $1 * $1 }])),
      logEvidence: largest + logarithm(sum) - constant / 2)
    return (result, sum * sum / (Double(raw.count) * dot(raw, raw)))
  }
}
