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
    let gradient = gradient(kernels, scales, inverse: inverse, u)
    return LayerDataPoint(
      value: factor.logDeterminant + dot(targets, u), gradient: gradient,
      hessian: { () throws(LinearAlgebraError) in
        try differences(x, gradient, temperature: temperature)
      },
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
    var result = Matrix(rows: order, columns: order)
    result.withUnsafeMutableElements { result in
      back.withUnsafeElements { back in
        kernel.withUnsafeElements { kernel in
          guard let result = result.baseAddress else { return }
          Parallel.forEachWorker(order, threads: layers.first.threads) { columns in
            for j in columns {
              var sum = 0.0
              for i in 0..<order {
                let place = i + j * order
                // The variance of column j first: Gbar is symmetric, and row sums are column sums.
                let slope = activation.secondMomentGradient(variances[j], kernel[place], variances[i])
                sum += back[place] * slope.caa
                result[place] = scale * back[place] * slope.cab
              }
              result[j + j * order] += 2 * scale * sum
            }
          }
        }
      }
    }
    return result
  }
}
