internal import LinearAlgebra

/// L of W = L L^T, the curvatures of a likelihood at P examples: P blocks of order m, each by columns. W may be
/// singular.
struct LatentRoot: Sendable {
  /// m.
  let latents: Int
  /// Block mu starts at mu m^2.
  let elements: [Double]

  /// The roots of m x m blocks, by columns one after the other: from their eigenvectors where m > 1.
  ///
  /// - Throws: `LinearAlgebraError.notFinite`.
  init(of curvatures: [[Double]], latents m: Int) throws(LinearAlgebraError) {
    latents = m
    guard m > 1 else {
      elements = curvatures.map { max($0[0], 0).squareRoot() }
      return
    }
    var roots: [Double] = []
    roots.reserveCapacity(curvatures.count * m * m)
    for block in curvatures {
      let spectrum = try SymmetricEigen(Matrix(rows: m, columns: m, elements: block))
      for j in 0..<m {
        let root = max(spectrum.values[j], 0).squareRoot()
        for i in 0..<m { roots.append(root * spectrum.vectors[i, j]) }
      }
    }
    elements = roots
  }

  /// The largest tr(L_mu L_mu^T).
  var largestTrace: Double {
    let size = latents * latents
    return stride(from: 0, to: elements.count, by: size).reduce(0) { largest, start in
      max(largest, elements[start..<start + size].reduce(0) { $0 + $1 * $1 })
    }
  }

  /// L^T B.
  func transposedTimes(_ b: Matrix) -> Matrix { rowBlocks(b, transposed: true) }
  /// L B.
  func times(_ b: Matrix) -> Matrix { rowBlocks(b, transposed: false) }

  func transposedTimes(_ b: [Double]) -> [Double] { transposedTimes(Matrix(columns: [b])).elements }
  func times(_ b: [Double]) -> [Double] { times(Matrix(columns: [b])).elements }

  private func rowBlocks(_ b: Matrix, transposed: Bool) -> Matrix {
    let (m, rows) = (latents, b.rows)
    var result = Matrix(rows: rows, columns: b.columns)
    result.withUnsafeMutableElements { result in
      b.withUnsafeElements { b in
        elements.withUnsafeBufferPointer { l in
          for start in stride(from: 0, to: b.count, by: max(rows, 1)) {
            if m == 1 {
              for i in 0..<rows { result[start + i] = l[i] * b[start + i] }
              continue
            }
            for first in stride(from: 0, to: rows, by: m) {
              for c in 0..<m {
                var sum = 0.0
                for d in 0..<m {
                  sum += l[first * m + (transposed ? d + c * m : c + d * m)] * b[start + first + d]
                }
                result[start + first + c] = sum
              }
            }
          }
        }
      }
    }
    return result
  }

  /// The lower triangle of ridge + L^T A L, or of L A L^T, for a symmetric A of which the lower triangle is
  /// read.
  func congruence(lower a: Matrix, transposed: Bool, ridge: Double = 0) -> Matrix {
    let (m, order) = (latents, a.rows)
    var result = Matrix(rows: order, columns: order)
    let threads = order * order * m < Self.smallestSharedSize ? 1 : Parallel.prescribedThreads
    result.withUnsafeMutableElements { result in
      a.withUnsafeElements { a in
        elements.withUnsafeBufferPointer { l in
          guard let result = result.baseAddress, let a = a.baseAddress, let l = l.baseAddress else { return }
          let factors = BlockFactors(l, latents: m, order: order, transposed: transposed)
          Parallel.forEachWorker(order / m, threads: threads) { columns in
            withUnsafeTemporaryAllocation(of: Double.self, capacity: m * order) { products in
              guard let products = products.baseAddress else { return }
              for column in columns { factors.write(column, of: a, to: result, products) }
            }
          }
        }
      }
    }
    if ridge != 0 { for i in 0..<order { result[i, i] += ridge } }
    return result
  }

  /// Multiply-adds from which a second thread is worth its start.
  private static let smallestSharedSize = 20_000_000

  /// V_mu = L^-T (1 - B^-1) L^-1, the posterior covariance of the latents of an example, from B^-1 = (1 + L^T K
  /// L)^-1: V = K - K R K without a difference of numbers of the size of K.
  ///
  /// A direction in which the likelihood is flat to rounding is left out: derivatives of W in it are as small
  /// as W itself, and that is what V is multiplied by.
  ///
  /// - Parameters:
  ///   - inner: B^-1, of which the lower triangle is read.
  ///   - prior: the trace of K_mu.
  func variance(_ mu: Int, inner: Matrix, prior: Double) -> Matrix {
    let m = latents
    let inverse = Matrix(
      columns: (0..<m).map { j in
        let column = elements[(mu * m + j) * m..<(mu * m + j + 1) * m]
        let weight = column.reduce(0) { $0 + $1 * $1 }
        return column.map { weight * prior > 1e-14 ? $0 / weight : 0 }
      })
    let explained = Matrix(rows: m, columns: m) { i, j in
      (i == j ? 1 : 0) - inner[mu * m + max(i, j), mu * m + min(i, j)]
    }
    return inverse * explained * inverse.asTranspose
  }
}

/// The blocks L_mu of a root, for products with matrices from both sides.
private struct BlockFactors {
  private let l: UnsafePointer<Double>
  private let m: Int
  private let order: Int
  /// Whether products are L^T A L.
  private let transposed: Bool

  init(_ l: UnsafePointer<Double>, latents m: Int, order: Int, transposed: Bool) {
    (self.l, self.m, self.order, self.transposed) = (l, m, order, transposed)
  }

  /// Column nu of blocks of the product, from the diagonal down.
  ///
  /// - Parameter products: room for m columns.
  func write(
    _ nu: Int, of a: UnsafePointer<Double>, to result: UnsafeMutablePointer<Double>,
    _ products: UnsafeMutablePointer<Double>
  ) {
    let (first, below) = (nu * m, (nu + 1) * m)
    if m == 1 {
      let weight = l[nu]
      let (source, target) = (a + nu * order, result + nu * order)
      for i in nu..<order { target[i] = weight * l[i] * source[i] }
      return
    }
    // A L_nu, or A L_nu^T.
    for e in 0..<m {
      let target = products + e * order
      for i in first..<order { target[i] = 0 }
      for d in 0..<m {
        let weight = l[first * m + (transposed ? d + e * m : e + d * m)]
        let column = first + d
        let source = a + column * order
        for i in first..<below { target[i] += weight * (i >= column ? source[i] : a[column + i * order]) }
        for i in below..<order { target[i] += weight * source[i] }
      }
    }
    // L_mu^T, or L_mu, times that.
    for mu in nu..<order / m {
      let factor = l + mu * m * m
      for e in 0..<m {
        let source = products + e * order + mu * m
        let target = result + (first + e) * order + mu * m
        for c in 0..<m {
          var sum = 0.0
          for d in 0..<m { sum += factor[transposed ? d + c * m : c + d * m] * source[d] }
          target[c] = sum
        }
      }
    }
  }
}
