internal import LinearAlgebra

/// The data part of the theory `nested`, K^l = (q_l/lambda_l) k(K^(l-1)), where order parameters scale what the
/// next activation sees (docs/depth.md). With Gbar_L = A^-1 - u u^T carried back through the layers,
///
///     Gbar_(l-1) = (q_l/lambda_l) [ Gbar_l o k_ab + 2 diag(row sums of Gbar_l o k_aa) ],
///
/// k_ab and k_aa the derivatives of k at K^(l-1) by the covariance and by the first variance, the derivative by
/// log q_l is tr(Gbar_l K^l). Second derivatives are differences of gradients.
struct NestedLayerData: LayerData {
  private let layers: DeepKernels
  private let activation: any ComposableActivation
  private let range: RangeExamples
  private let targets: [Double]
  /// k(C), the lower triangle.
  private let first: Matrix

  /// - Throws: `RenormError.unsupported` for an activation without derivatives of its moments.
  init(_ layers: DeepKernels, _ range: RangeExamples, targets: [Double]) throws(RenormError) {
    guard let activation = layers.activation as? any ComposableActivation else {
      throw .unsupported(
        what: "the deep theory 'nested' with the activation '\(layers.activation.name)'",
        instead: "take 'linear-part' or 'vanilla'")
    }
    self.layers = layers
    self.activation = activation
    self.range = range
    self.targets = targets
    first = layers.firstKernel(range.inputs, nil, scale: 1)
  }

  func point(_ x: [Double], temperature: Double) throws(LinearAlgebraError) -> LayerDataPoint {
    // K^L and what it passed through.
    let scales = scales(x)
    let kernels = kernels(scales)
    let a = covariance(kernels, temperature)
    let factor = try Cholesky(a)
    let u = factor.solve(targets)
    let inverse = factor.inverseLowerTriangle()
    return LayerDataPoint(
      value: factor.logDeterminant + dot(targets, u), gradient: gradient(kernels, scales, inverse: inverse, u),
      hessian: { () throws(LinearAlgebraError) in try hessian(x, temperature) },
      elementSize: PackedSymmetric(lowerTriangleOf: a).rootMeanSquare, normSquared: dot(u, u),
      inverseTrace: inverse.trace)
  }

  /// q_l/lambda_l.
  private func scales(_ x: [Double]) -> [Double] {
    zip(LayerWeights.own(x.count).values(x), layers.lambdas).map { $0 / $1 }
  }

  /// K^1..K^L.
  private func kernels(_ scales: [Double]) -> [Matrix] {
    var kernels = [(scales[0] * first).mirrored]
    for scale in scales.dropFirst() {
      let below = kernels[kernels.count - 1]
      let variances = below.diagonal
      kernels.append(
        (scale * layers.mapped(below, rows: variances, columns: variances, isTriangle: true)).mirrored)
    }
    return kernels
  }

  /// T + K^L, the lower triangle.
  private func covariance(_ kernels: [Matrix], _ temperature: Double) -> Matrix {
    var a = range.whitened(kernel: kernels[kernels.count - 1])
    for i in targets.indices { a[i, i] += temperature }
    return a
  }

  private func gradient(
    _ kernels: [Matrix], _ scales: [Double], inverse: Matrix, _ u: [Double]
  ) -> [Double] {
    var g = inverse
    g.add(-1, outer: u, u)
    var back = range.whitened(kernel: g).mirrored
    var gradient = [Double](repeating: 0, count: kernels.count)
    for l in kernels.indices.reversed() {
      gradient[l] = back.innerProduct(kernels[l])
      if l > 0 { back = pulledBack(back, through: kernels[l - 1], scale: scales[l]) }
    }
    return gradient
  }

  private func pulledBack(_ back: Matrix, through kernel: Matrix, scale: Double) -> Matrix {
    let variances = kernel.diagonal
    let order = kernel.rows
    var sums = [Double](repeating: 0, count: order)
    var result = back
    for j in 0..<order {
      for i in 0..<order {
        let slope = activation.secondMomentGradient(variances[i], kernel[i, j], variances[j])
        sums[i] += back[i, j] * slope.caa
        result[i, j] = scale * back[i, j] * slope.cab
      }
    }
    for i in 0..<order { result[i, i] += 2 * scale * sums[i] }
    return result
  }

  /// Central differences: with steps of 1e-4 they are right to about 1e-8, more than a step of Newton's needs.
  private func hessian(_ x: [Double], _ temperature: Double) throws(LinearAlgebraError) -> Matrix {
    let step = 1e-4
    var columns: [[Double]] = []
    for l in x.indices {
      var (up, down) = (x, x)
      up[l] += step
      down[l] -= step
      let above = try point(up, temperature: temperature).gradient
      let below = try point(down, temperature: temperature).gradient
      columns.append(zip(above, below).map { ($0 - $1) / (2 * step) })
    }
    return Matrix(columns: columns).symmetricPart
  }
}
