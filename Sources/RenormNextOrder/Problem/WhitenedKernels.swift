package import LinearAlgebra
internal import RenormKernels

/// The kernels of all directions of the order parameter at its minimum, seen from A = C C^T:
///
///     Z_k = C^-1 D_k C^-T,   eta = C^-1 y,   y_k = Z_k eta,   G = A^-1 - u u^T = C^-T (1 - eta eta^T) C^-1.
///
/// Derivatives of the action, of predictions, and all Wick parts are products of these.
package struct WhitenedKernels: Sendable {
  package let factor: Cholesky
  package let eta: [Double]
  /// Z_k as columns: P^2 x dimension.
  package let z: Matrix
  /// y_k as columns: P x dimension.
  package let y: Matrix
  /// tr(G D_k).
  package let traces: [Double]
  /// u^T D_k u.
  package let forms: [Double]
  /// tr(D_k G D_l G).
  package let gram: Matrix
  /// tr(Z_k Z_l).
  package let inverseGram: Matrix

  package init(
    _ frame: FeatureFrame, _ training: Patches, targets: [Double], scale: Double, noise: [Double]
  ) throws(LinearAlgebraError) {
    let (count, dimension) = (training.count, frame.dimension)
    var z = frame.kernels(training, training)
    var a = Matrix(rows: count, columns: count, elements: z * frame.identity.scaled(by: scale))
    for i in 0..<count { a[i, i] += noise[i] }
    let factor = try Cholesky(a)
    let eta = factor.solveLower(Matrix(columns: [targets])).elements
    z.withUnsafeMutableElements { z in
      guard let base = z.baseAddress else { return }
      // With few kernels BLAS shares the work of each; with many, workers share the kernels.
      let whiten = { (k: Int) in factor.whiten(inPlace: MatrixView(base + k * count * count, count, count)) }
      if dimension < 4 {
        (0..<dimension).forEach(whiten)
      } else {
        Parallel.forEachWorker(dimension, threads: frame.local.threads) { $0.forEach(whiten) }
      }
    }
    var y = Matrix(rows: count, columns: dimension)
    var traces = [Double](repeating: 0, count: dimension)
    z.withUnsafeElements { z in
      eta.withUnsafeBufferPointer { eta in
        y.withUnsafeMutableElements { y in
          guard let z = z.baseAddress, let eta = eta.baseAddress, let y = y.baseAddress else { return }
          for k in 0..<dimension {
            let kernel = MatrixView(z + k * count * count, count, count)
            MatrixView(y + k * count, count, 1).setProduct(kernel, MatrixView(eta, count, 1))
            traces[k] = (0..<count).reduce(0) { $0 + kernel[$1, $1] }
          }
        }
      }
    }
    let forms = y.asTranspose * eta
    var inverseGram = Matrix(rows: dimension, columns: dimension)
    inverseGram.withUnsafeMutableElements { target in
      z.withUnsafeElements { z in
        guard let target = target.baseAddress, let z = z.baseAddress else { return }
        MatrixView(target, dimension, dimension).setGram(
          MatrixView(z, count * count, dimension).transposed)
      }
    }
    let products = y.asTranspose * y
    let squares = inverseGram
    gram = Matrix(rows: dimension, columns: dimension) { k, l in
      squares[k, l] - 2 * products[k, l] + forms[k] * forms[l]
    }
    self.inverseGram = squares
    self.factor = factor
    self.eta = eta
    self.z = z
    self.y = y
    self.traces = zip(traces, forms).map(-)
    self.forms = forms
  }

  package var count: Int { eta.count }
  package var dimension: Int { y.columns }

  /// The inner products of all Z_k with a P x P matrix.
  package func innerProducts(_ m: Matrix) -> [Double] { z.asTranspose * m.elements }

  /// Calls `body` with Z as P x P views.
  package func withKernels<Result>(_ body: (_ kernel: (Int) -> MatrixView) -> Result) -> Result? {
    z.withUnsafeElements { z in
      z.baseAddress.map { base in body { k in MatrixView(base + k * count * count, count, count) } }
    }
  }

  /// sum_k Z_k^2 where Z stands for the columns of Z R, R of size dimension x m; the identity where nil.
  package func sumOfSquares(_ r: Matrix? = nil) -> Matrix {
    var result = Matrix(rows: count, columns: count)
    result.withUnsafeMutableElements { sum in
      guard let sum = sum.baseAddress else { return }
      let target = MatrixView(sum, count, count)
      let add = { (kernels: Matrix) in
        kernels.withUnsafeElements { elements in
          guard let base = elements.baseAddress else { return }
          // Side by side the kernels are one P x (P m) matrix.
          target.setLowerGram(MatrixView(base, count, count * kernels.columns), adding: 1)
        }
      }
      if let r {
        for block in r.columns.blocks(of: 16) { add(z * r.selectingColumns(block)) }
      } else {
        add(z)
      }
      target.copyLowerTriangleToUpper()
    }
    return result
  }
}
