internal import LinearAlgebra
internal import Renorm
internal import RenormKernels

/// A deep fully connected network with an odd activation past leading order (docs/depth.md): the fourth
/// cumulants of the hidden units of every layer, as they reach the output.
///
/// A draw h ~ N(0, K_(l-1)) of a unit of layer l moves the kernel of the layer by dK_l = s s^T/lambda_l, and
/// that of the output, renormalized, by
///
///     E_l(h) = a o s s^T + b o s^2 1^T + c o 1 (s^2)^T          (o: element by element)
///
/// with matrices that layers above hand on (`DeepUnit`). With A, u = A^-1 y and G = A^-1 - u u^T of K_R,
/// w = (-A^-1 k(x), 1),
///
///     Phi[E] = (tr G E)^2 + 2 tr(A^-1 E A^-1 E) - 4 u^T E A^-1 E u
///     Phi'[E] = -4 tr(G E) (u^T E w) - 8 u^T E A^-1 E w
///     delta = sum_l (1/8N_l) { E Phi[E_l] - Phi[E E_l] - 2 Phi[W_l] },    dm the same with Phi',
///
/// W_l = q_l .. q_L H_L o .. o H_(l+1) o K_l/(lambda_(l+1) .. lambda_L). One layer is section 3 of
/// docs/next-order.md.
struct DeepProblem: Sendable {
  let activation: any Activation
  /// Layers of finite width.
  let units: [DeepUnit]
  /// Phi[E E_l] + 2 Phi[W_l] of each, and the same of Phi'.
  private(set) var expected: [DeepResponse]
  /// P.
  let order: Int
  let points: Int
  /// Of A.
  let factor: Cholesky
  let inverse: Matrix
  let u: [Double]
  /// G.
  let g: Matrix
  /// A^-1 K_R(X, x), P x points.
  let explained: Matrix

  /// - Throws: `RenormError.outOfMemory`, `.numericalFailure` where a kernel is not positive definite,
  ///   `.shapeMismatch` for points of another shape.
  init(_ posterior: Posterior, points: Matrix, threads: Int, memoryLimit: Int) throws(RenormError) {
    let (network, training) = (posterior.network, posterior.training)
    guard let q = posterior.solution.layers?.orderParameters else {
      throw .unsupported(what: "the correction of several hidden layers for one", instead: "take depth 2")
    }
    let (order, all) = (training.count, training.count + points.columns)
    let numbers = network.depth * (4 * all * all + 6 * all * order) + 8 * order * order
    guard 8 * numbers <= memoryLimit else {
      throw .outOfMemory(
        what: "kernels of \(all) training and held-out examples for the next order in 1/N", bytes: 8 * numbers,
        available: memoryLimit, advice: "take fewer examples")
    }
    let local = try network.kernels(on: training.shape, threads: threads).local
    let inputs = Matrix(
      rows: points.rows, columns: all, elements: training.inputs.elements + points.elements)
    let kernels = DeepKernels(first: local, lambdas: network.lambdas, theory: network.deepTheory)
    let layers = DeepLayers(kernels, inputs)

    var a = posterior.renormalizedKernel
    for i in 0..<order { a[i, i] += network.temperature }
    let matrix = a
    let factor = try factoring("T I + K_R") { () throws(LinearAlgebraError) in try Cholesky(matrix) }
    inverse = factor.solve(Matrix.identity(order))
    let u = factor.solve(training.targets.column(0))
    var g = inverse
    g.add(-1, outer: u, u)
    (self.u, self.g) = (u, g)
    explained = factor.solve(try posterior.renormalizedKernel(training.inputs, points))
    self.factor = factor
    self.order = order
    self.points = points.columns
    activation = network.activation

    var units: [DeepUnit] = []
    for (l, width) in network.widths.enumerated() {
      guard let count = width.units else { continue }
      units.append(
        try DeepUnit(
          layers, layer: l, q: q, lambdas: network.lambdas, width: Double(count), order: order,
          patches: l == 0 ? Patches(inputs, of: local) : nil))
    }
    self.units = units
    expected = []
    expected = units.map { unit in
      let (own, moved) = (response(unit.average), response(unit.gaussian))
      return DeepResponse(
        value: own.value + 2 * moved.value, means: zip(own.means, moved.means).map { $0 + 2 * $1 })
    }
  }

  /// Phi[E] and Phi'[E] at the points.
  ///
  /// - Parameter e: E between all examples and those of training.
  func response(_ e: Matrix) -> DeepResponse {
    let (training, held) = (e.selectingRows(0..<order), e.selectingRows(order..<order + points))
    let trace = g.innerProduct(training)
    let product = inverse * training
    let moved = training * u
    let solved = inverse * moved
    func residual(_ v: [Double]) -> [Double] {
      zip(held * v, explained.asTranspose * (training * v)).map(-)
    }
    return DeepResponse(
      value: trace * trace + 2 * product.traceOfProduct(product) - 4 * dot(moved, solved),
      means: zip(residual(u), residual(solved)).map { -4 * trace * $0 - 8 * $1 })
  }
}

/// Phi and Phi', or averages of them.
struct DeepResponse: Sendable {
  var value: Double
  var means: [Double]
}

/// Kernels of all layers over one set of examples, at infinite width.
private struct DeepLayers {
  /// K_1..K_L, whole.
  let kernels: [Matrix]
  /// C(x, x), K_1(x, x)..K_L(x, x).
  let variances: [[Double]]
  let activation: any Activation

  init(_ layers: DeepKernels, _ inputs: Matrix) {
    let scales = layers.lambdas.map { 1 / $0 }
    let variances = layers.variances(inputs, scales: scales)
    var kernel = layers.firstKernel(inputs, nil, scale: scales[0])
    var kernels = [kernel]
    for l in 1..<layers.depth {
      kernel =
        scales[l] * layers.mapped(kernel, rows: variances[l], columns: variances[l], isTriangle: true)
      kernels.append(kernel)
    }
    self.kernels = kernels.map { lower in
      Matrix(rows: lower.rows, columns: lower.columns) { lower[max($0, $1), min($0, $1)] }
    }
    self.variances = variances
    activation = layers.activation
  }
}

/// A hidden unit of one layer, and what layers above make of it: with derivatives of k at K_(j-1), j > l,
///
///     D = k_ab o dK_(j-1) + k_aa o diag_x + k_bb o diag_x',   dK_j = D/lambda_j,
///     dK~_l = q_l dK_l,   dK~_j = (q_j/lambda_j) [ D + H_j o (dK~_(j-1) - dK_(j-1)) ],   E_l = dK~_L.
struct DeepUnit: Sendable {
  /// 1/(8 N_l).
  let scale: Double
  /// h = root z with standard normal z, all examples x numbers of z; the first of these are those of training
  /// examples alone.
  let root: Matrix
  let trainingNumbers: Int
  /// a, b and c between all examples and those of training; b and c are nil in the last layer, where a is one
  /// number.
  let a: Matrix
  let b: Matrix?
  let c: Matrix?
  /// E E_l and W_l, alike.
  let average: Matrix
  let gaussian: Matrix

  /// - Parameters:
  ///   - layer: l - 1.
  ///   - patches: inputs of all examples in the first layer; nil above.
  fileprivate init(
    _ layers: DeepLayers, layer: Int, q: [Double], lambdas: [Double], width: Double, order: Int,
    patches: Patches?
  ) throws(RenormError) {
    scale = 1 / (8 * width)
    let all = layers.kernels[layer].rows
    if let patches {
      root = Matrix(rows: patches.size, columns: all, elements: patches.elements).transposed
      trainingNumbers = patches.size
    } else {
      var kernel = layers.kernels[layer - 1]
      // Equal examples make it singular: a part in 1e10 of noise of their own is not seen.
      let own = 1e-10 * (layers.variances[layer].max() ?? 1)
      for i in 0..<all { kernel[i, i] += own }
      let matrix = kernel
      root = try factoring("the kernel of layer \(layer)") { () throws(LinearAlgebraError) in
        try Cholesky(matrix).lowerTriangle
      }
      trainingNumbers = order
    }
    let columns = 0..<order
    let kernel = layers.kernels[layer].selectingColumns(columns)
    func matrix(_ element: (Int, Int) -> Double) -> Matrix { Matrix(rows: all, columns: order, element) }
    // Of dK and of dK~.
    var plain = (a: matrix { _, _ in 1 / lambdas[layer] }, b: matrix { _, _ in 0 }, c: matrix { _, _ in 0 })
    var moved = plain
    moved.a = q[layer] * plain.a
    var diagonal = [Double](repeating: 1 / lambdas[layer], count: all)
    var gaussian = q[layer...].reduce(1, *) * kernel
    for j in layer + 1..<lambdas.count {
      let (below, v) = (layers.kernels[j - 1], layers.variances[j])
      let slopes = v.map { layers.activation.meanSlope(variance: $0) }
      guard let activation = layers.activation as? any ComposableActivation else {
        throw .unsupported(
          what: "the next order in 1/N of a deep network with the activation '\(layers.activation.name)'",
          instead: "take erf")
      }
      let along = matrix { activation.secondMomentGradient(v[$0], below[$0, $1], v[$1]).cab }
      let rows = matrix { activation.secondMomentGradient(v[$0], below[$0, $1], v[$1]).caa }
      let others = matrix { activation.secondMomentGradient(v[$1], below[$0, $1], v[$0]).caa }
      let ratio = q[j] / lambdas[j]
      func advance(_ own: Matrix, _ movedOwn: Matrix, _ added: (Int, Int) -> Double) -> (Matrix, Matrix) {
        let next = matrix { along[$0, $1] * own[$0, $1] + added($0, $1) }
        return (
          (1 / lambdas[j]) * next,
          matrix { ratio * (next[$0, $1] + slopes[$0] * slopes[$1] * (movedOwn[$0, $1] - own[$0, $1])) }
        )
      }
      let previous = diagonal
      (plain.a, moved.a) = advance(plain.a, moved.a) { _, _ in 0 }
      (plain.b, moved.b) = advance(plain.b, moved.b) { rows[$0, $1] * previous[$0] }
      (plain.c, moved.c) = advance(plain.c, moved.c) { others[$0, $1] * previous[$1] }
      diagonal = previous.indices.map { x in
        let own = activation.secondMomentGradient(v[x], v[x], v[x])
        return previous[x] * (own.cab + 2 * own.caa) / lambdas[j]
      }
      gaussian = matrix { gaussian[$0, $1] * slopes[$0] * slopes[$1] / lambdas[j] }
    }
    // E s s^T = lambda_l K_l.
    let (lambda, squares) = (lambdas[layer], layers.variances[layer + 1].scaled(by: lambdas[layer]))
    let last = moved
    average = matrix {
      last.a[$0, $1] * lambda * kernel[$0, $1] + last.b[$0, $1] * squares[$0] + last.c[$0, $1] * squares[$1]
    }
    self.gaussian = gaussian
    let isLast = layer == lambdas.count - 1
    (a, b, c) = (last.a, isLast ? nil : last.b, isLast ? nil : last.c)
  }
}
