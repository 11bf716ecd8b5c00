package import LinearAlgebra

/// One kernel K of P examples that D outputs share, as a bank: the kernel of outputs c and d is K (x) E_cd, and
/// weights between outputs give
///
///     sum_cd W_cd K (x) E_cd = K (x) W,
///
/// of order P D with example mu of output c at mu D + c. For data terms that couple the examples of all
/// outputs; Gaussian noise decouples them (`SingleKernelDataTerm`).
package struct OutputKernelBank: KernelBank {
  /// K, both triangles, P x P.
  private let kernel: Matrix
  /// D.
  private let outputs: Int
  package let pairs: IndexPairs
  package let elementRounding: Double

  /// - Parameters:
  ///   - kernel: K, of which the lower triangle is read.
  ///   - amplification: how many times larger errors of K are than 2^-52.
  package init(_ kernel: Matrix, outputs: Int, amplification: Double) {
    self.kernel = kernel.mirrored
    self.outputs = outputs
    pairs = IndexPairs(groups: [0..<outputs])
    elementRounding = Double.ulpOfOne * amplification
  }

  package var order: Int { kernel.rows * outputs }

  package func weightedSum(_ weights: Matrix) -> Matrix { kernel.kronecker(weights) }

  package func contract(lower h: Matrix, outer u: [Double]) -> (lower: Matrix, outer: Matrix) {
    let (p, d) = (kernel.rows, outputs)
    var sums = Matrix(rows: d, columns: d)
    sums.withUnsafeMutableElements { sums in
      kernel.withUnsafeElements { kernel in
        h.withUnsafeElements { h in
          for nu in 0..<p {
            for e in 0..<d {
              let column = (nu * d + e) * p * d
              // Examples below the diagonal stand for both triangles.
              for mu in nu + 1..<max(p, nu + 1) {
                let weight = kernel[mu + nu * p]
                for c in 0..<d { sums[c + e * d] += 2 * weight * h[column + mu * d + c] }
              }
              let weight = kernel[nu + nu * p]
              for c in e..<d {
                let value = weight * h[column + nu * d + c]
                sums[c + e * d] += value
                if c > e { sums[e + c * d] += value }
              }
            }
          }
        }
      }
    }
    let parts = Matrix(rows: d, columns: p, elements: u)
    return (sums.symmetricPart, (parts * (kernel * parts.asTranspose)).symmetricPart)
  }

  package func products(_ vectors: Matrix) -> [Matrix] {
    let (p, d) = (kernel.rows, outputs)
    return (0..<vectors.columns).map { r in
      let parts = kernel * Matrix(rows: d, columns: p, elements: vectors.column(r)).asTranspose
      return Matrix(
        columns: pairs.pairs.map { pair in
          var column = [Double](repeating: 0, count: p * d)
          for mu in 0..<p {
            column[mu * d + pair.i] = parts[mu, pair.j]
            if pair.i != pair.j { column[mu * d + pair.j] = parts[mu, pair.i] }
          }
          return column
        })
    }
  }
}
