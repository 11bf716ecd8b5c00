package import LinearAlgebra

/// Kernels K_ab of pairs of indices that share a group, each held as a matrix, and D outputs that they have in
/// common: indices (a, c) at a D + c, examples (mu, c) at mu D + c, and the kernel of a pair K_ab (x) E_cd as
/// in `OutputBank`. A pass is one product of the kernels, P^2 x pairs, and weights, pairs x D^2.
package struct StoredBank: Sendable {
  /// Pairs of indices a.
  private let base: IndexPairs
  /// Pairs of indices (a, c).
  package let pairs: IndexPairs
  /// D.
  package let outputs: Int
  /// P.
  private let examples: Int
  package let elementRounding: Double
  /// K_ab(mu, nu) at row mu + P nu, in columns in the order of `IndexPairs.ordered`.
  private let elements: Matrix

  /// - Parameter blocks: K_ab in the order of `IndexPairs.ordered`, K_ba the transpose of K_ab.
  package init(_ blocks: [Matrix], _ pairs: IndexPairs, outputs: Int, elementRounding: Double) {
    precondition(blocks.count == pairs.orderedCount, "\(blocks.count) kernels of \(pairs.orderedCount) pairs")
    base = pairs
    self.pairs = pairs.coupled(outputs: outputs)
    self.outputs = outputs
    self.elementRounding = elementRounding
    examples = blocks.first?.rows ?? 0
    elements = Matrix(rows: examples * examples, columns: blocks.count, elements: blocks.flatMap(\.elements))
  }

  /// P D.
  package var order: Int { examples * outputs }

  /// sum W_(ac)(bd) K_ab (x) E_cd, of order P D, for symmetric weights.
  package func weightedSum(_ weights: Matrix) -> Matrix {
    let sums = elements * base.slotWeights(weights, outputs: outputs)
    guard outputs > 1 else { return Matrix(rows: examples, columns: examples, elements: sums.elements) }
    let (p, d) = (examples, outputs)
    return Matrix(rows: order, columns: order) { row, column in
      sums[row / d + p * (column / d), row % d + d * (column % d)]
    }
  }

  /// The matrices sum_(mu nu) (K_ab)_(mu nu) H_(mu c)(nu d) for a symmetric H of which the lower triangle is
  /// read, and for H = u u^T.
  package func contract(lower h: Matrix, outer u: [Double]) -> (lower: Matrix, outer: Matrix) {
    let (p, d) = (examples, outputs)
    let arranged = { (value: (Int, Int) -> Double) in
      Matrix(rows: p * p, columns: d * d) { place, pair in
        value(place % p * d + pair % d, place / p * d + pair / d)
      }
    }
    let total = { (arranged: Matrix) in
      let sums = elements.asTranspose * arranged
      // All of H was read, not one triangle.
      return 0.5 * base.gradient(outputs: d) { slot, c, e in sums[slot, c + d * e] }
    }
    return (total(arranged { h[max($0, $1), min($0, $1)] }), total(arranged { u[$0] * u[$1] }))
  }

  /// The products K_ab v_(r d) with the D parts of R vectors of length P D.
  package func vectorProducts(_ vectors: Matrix) -> OutputProducts {
    let (p, d, r) = (examples, outputs, vectors.columns)
    let columns = Matrix(
      columns: (0..<r).flatMap { k in
        (0..<d).map { c in (0..<p).map { vectors[$0 * d + c, k] } }
      })
    var parts = [[Double]](repeating: [], count: r)
    for slot in 0..<base.orderedCount {
      let kernel = Matrix(rows: p, columns: p, elements: elements.column(slot))
      let product = kernel * columns
      for k in 0..<r { parts[k] += product.elements[p * d * k..<p * d * (k + 1)] }
    }
    return OutputProducts(
      base, outputs: d, parts: parts.map { Matrix(rows: p, columns: d * base.orderedCount, elements: $0) })
  }

  /// The products of the kernel of every pair of indices and its mirror image with a few vectors: R matrices of
  /// size P D x pairs.
  package func products(_ vectors: Matrix) -> [Matrix] { vectorProducts(vectors).products(of: pairs) }
}
