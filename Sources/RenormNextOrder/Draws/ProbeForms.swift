internal import LinearAlgebra
internal import RenormKernels

/// z_k^T D_e z_l for m probes z_k of A^-1 and z_(m+1) = u = A^-1 y, D_e the kernels of all directions of the
/// order parameter: covariances of B_k = (phi_b . z_k)_b over hidden units.
struct ProbeForms: Sendable {
  /// Row k and column e for every l: (m + 1) x dimension.
  let values: [Matrix]

  init(values: [Matrix]) { self.values = values }

  /// - Parameters:
  ///   - vectors: z, P x (m + 1).
  ///   - products: K_a z_k of every pair a, P x pairs for every k.
  ///   - weights: of pairs for every direction, `FeatureFrame.pairWeights`.
  init(_ vectors: Matrix, products: [Matrix], weights: Matrix) {
    values = products.map { (vectors.asTranspose * $0) * weights }
  }

  /// - Parameter white: C^T z of the probes, P x m.
  init(_ kernels: WhitenedKernels, _ white: Matrix) {
    let (order, count, dimension) = (white.rows, white.columns + 1, kernels.dimension)
    let all = Matrix(rows: order, columns: count, elements: white.elements + kernels.eta)
    // Side by side the kernels are one P x (P dimension) matrix.
    var products = Matrix(rows: count, columns: order * dimension)
    products.withUnsafeMutableElements { products in
      all.withUnsafeElements { all in
        kernels.z.withUnsafeElements { z in
          guard let to = products.baseAddress, let all = all.baseAddress, let z = z.baseAddress else { return }
          MatrixView(to, count, order * dimension).setProduct(
            MatrixView(all, order, count).transposed, MatrixView(z, order, order * dimension))
        }
      }
    }
    var values = [Matrix](repeating: Matrix(rows: count, columns: dimension), count: count)
    for e in 0..<dimension {
      let forms = products.selectingColumns(e * order..<(e + 1) * order) * all
      for l in 0..<count { for k in 0..<count { values[l][k, e] = forms[k, l] } }
    }
    self.values = values
  }

  /// E B_kb B_lc, symmetric in b and c, of a unit: row k + (m + 1) b, column l + (m + 1) c.
  func covariances(_ unit: FeatureFrame.Unit) -> Matrix {
    let (count, r) = (values.count, unit.columns.count)
    var result = Matrix(rows: count * r, columns: count * r)
    for l in 0..<count {
      for k in 0..<count {
        let block = BlockDiagonal(coordinates: unit.coordinates.map { values[l][k, $0] }, sizes: [r]).blocks[0]
        for c in 0..<r { for b in 0..<r { result[k + count * b, l + count * c] = block[b, c] } }
      }
    }
    return result
  }
}

/// A quarter of the second derivatives of
///
///     F = m/(m - 1) sum_(k != l) T(k, k, l, l) - 2 sum_k T(k, k, u, u) + T(u, u, u, u)/3,
///     T(a, b, c, d) = (a.b)(c.d) + (a.c)(b.d) + (a.d)(b.c),
///
/// by B_1, ..., B_m and x: F with products of unequal probes in the place of A^-1 (x) A^-1 (`SketchProbes`).
struct QuarticCurvature {
  /// m + 1.
  let vectors: Int
  /// The length r of each.
  let columns: Int

  /// - Parameters:
  ///   - products: B_kb B_lc, or their average, in row k + (m + 1) b and column l + (m + 1) c; symmetric under
  ///     exchange of b and c where they are averages.
  ///   - target: the same shape.
  func compute(_ products: MatrixView, into target: MatrixView) {
    let (count, m, size) = (vectors, vectors - 1, vectors * columns)
    let weight = Double(m) / Double(m - 1)
    let (p, h) = (products.pointer, target.pointer)
    for c in 0..<columns {
      for b in 0..<columns {
        var total = 0.0
        for l in 0..<count {
          let (own, swapped) = (p + size * (l + count * c) + count * b, p + size * (l + count * b) + count * c)
          let result = h + size * (l + count * c) + count * b
          for k in 0..<count {
            let pair = own[k] + swapped[k]
            result[k] = k == m || l == m ? -2 * pair : 2 * weight * pair
            if k == l, k < m { total += pair }
          }
        }
        let last = own(p, m, b, c)
        for k in 0..<m { h[place(k, b, k, c)] = weight * (total - own(p, k, b, c)) - last }
        h[place(m, b, m, c)] = last - total
      }
    }
    addTraces(p, h)
  }

  private func place(_ k: Int, _ b: Int, _ l: Int, _ c: Int) -> Int {
    k + vectors * (b + columns * (l + vectors * c))
  }

  private func own(_ p: UnsafeMutablePointer<Double>, _ k: Int, _ b: Int, _ c: Int) -> Double {
    p[place(k, b, k, c)] + p[place(k, c, k, b)]
  }

  /// What multiplies the identity in b and c.
  private func addTraces(_ p: UnsafeMutablePointer<Double>, _ h: UnsafeMutablePointer<Double>) {
    let m = vectors - 1
    let weight = Double(m) / Double(m - 1)
    func trace(_ k: Int, _ l: Int) -> Double { (0..<columns).reduce(0) { $0 + p[place(k, $1, l, $1)] } }
    let squares = (0...m).map { trace($0, $0) }
    let total = squares.reduce(0, +) - squares[m]
    for l in 0...m {
      for k in 0...m {
        let value =
          k == l
          ? (k == m ? squares[m] - total : weight * (total - squares[k]) - squares[m])
          : (k == m || l == m ? -2 : 2 * weight) * trace(k, l)
        for b in 0..<columns { h[place(k, b, l, b)] += value }
      }
    }
  }
}
